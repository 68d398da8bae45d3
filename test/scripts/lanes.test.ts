/** Which file runs when. */
import t from 'tap'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

type Job = { file: string }
type InLanes = (jobs: Job[], run: (job: Job) => Promise<boolean>, isStopped: () => boolean) => Promise<boolean>
const scripts = join(import.meta.dirname, '../../../scripts')
const { inLanes } = (await import(pathToFileURL(join(scripts, 'lanes.mjs')).href)) as { inLanes: InLanes }

const jobOf = (name: string): Job => ({ file: `build/test/${name}.test.js` })
const WAITING = ['pbx/stories-others', 'pbx/stories-transfers', 'pbx/ivr'].map(jobOf)
const OTHERS = ['base/retry', 'calls/reduce', 'pbx/numbers', 'pbx/daemon-process', 'api/by'].map(jobOf)

const nameOf = ({ file }: Job) => file.slice('build/test/'.length, -'.test.js'.length)

/** Lets all that runs at the same time end together; what ran so, turn by turn. */
async function turnsOf(jobs: Job[], fails: (job: Job) => boolean = () => false, stopsAfter = Infinity) {
  const turns: string[][] = []
  let begun: { job: Job; end: (ok: boolean) => void }[] = []
  const run = (job: Job) => new Promise<boolean>(end => begun.push({ job, end }))
  const all = inLanes(jobs, run, () => turns.length >= stopsAfter)
  while (begun.length > 0) {
    const turn = begun
    begun = []
    turns.push(turn.map(({ job }) => nameOf(job)).sort())
    for (const { job, end } of turn) end(!fails(job))
    for (let i = 0; i < 10; i += 1) await Promise.resolve()
  }
  return { ok: await all, turns }
}

t.test('two of what mostly waits and two of the others at once, the longest first, and each once', async t => {
  const { ok, turns } = await turnsOf([...OTHERS, ...WAITING])
  t.ok(ok)
  t.strictSame(turns[0], ['pbx/daemon-process', 'pbx/ivr', 'pbx/numbers', 'pbx/stories-transfers'])
  t.strictSame(turns.flat().sort(), [...OTHERS, ...WAITING].map(nameOf).sort())
  for (const turn of turns) t.ok(turn.length <= 4, turn.join())
})

t.test('when nothing that waits is left, one of its lanes helps', async t => {
  t.strictSame((await turnsOf(OTHERS)).turns.map(turn => turn.length), [3, 2]) // prettier-ignore
})

t.test('one that fails does not keep the others from being run, and all is not well', async t => {
  const { ok, turns } = await turnsOf(OTHERS, ({ file }) => file.includes('numbers'))
  t.equal(ok, false)
  t.equal(turns.flat().length, OTHERS.length)
})

t.test('nothing more is begun when it is stopped', async t => {
  const { ok, turns } = await turnsOf([...OTHERS, ...WAITING], undefined, 1)
  t.equal(ok, false)
  t.equal(turns.flat().length, 4)
})

t.test('each that is named as long is a test', async t => {
  const text = readFileSync(join(scripts, 'lanes.mjs'), 'utf8')
  const names = [...text.matchAll(/^ {2}'(pbx\/[\w-]+)',$/gm)].map(([, name = '']) => name)
  t.ok(names.length > 30)
  for (const name of names) t.ok(existsSync(join(scripts, `../test/${name}.test.ts`)), name)
})
