/** `aladdin reconcile` as it is installed: the daemon's history beside the files of the PBX that it followed. */
import t from 'tap'
import { spawn } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKOUT } from '../../lab/config-files.js'
import { labConfig } from '../../lab/daemon.js'
import { openCustomer } from '../../lab/phone.js'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { anExchange } from '../given/exchange.js'

const { lab, crm, phone } = await anExchange(t)
const config = join(lab.dir, 'reconcile.yaml')
writeFileSync(config, JSON.stringify(labConfig(lab, { key: 'k' })))
const files = { ...lab.asterisk.files }

/** The lab writes in UTC. */
function reconcile(args: readonly string[]) {
  const named = ['--cel', files.cel, '--cdr', files.cdr, '--queue-log', files.queueLog]
  const program = ['build/src/main.js', 'reconcile', '--config', config, ...named, ...args]
  const child = spawn(process.execPath, program, { cwd: CHECKOUT })
  const written = { out: '', err: '' }
  child.stdout.on('data', (d: Buffer) => (written.out += d.toString()))
  child.stderr.on('data', (d: Buffer) => (written.err += d.toString()))
  return new Promise<{ code: number | null; out: string; err: string }>(resolve =>
    child.on('close', code => resolve({ code, ...written })),
  )
}

const [ana, mia] = await Promise.all([phone({ extension: '1001' }), openCustomer(lab, '491701234567')])

/** Mia is served in the queue; answers with the record. */
async function served(): Promise<CallView> {
  const stream = await crm.webSocket('types=call.recorded')
  await mia.dial('493012342000')
  await ana.until('ringing')
  await ana.answer()
  await mia.until('established')
  await mia.hangup()
  await mia.until('closed')
  const { call } = (await stream.next('call.recorded')).data
  stream.close()
  return call
}
const about = (first: CallView, last: CallView, byMs = 1_000) => [
  ...['--from', new Date(Date.parse(first.startedAt) - byMs).toISOString()],
  ...['--to', new Date(Date.parse(last.endedAt ?? '') + byMs).toISOString()],
]

const [first, second] = [await served(), await served()]
const written = async (leg: string | undefined) =>
  retry(lab.clock, 'the PBX to write it down', 10_000, () =>
    Promise.resolve(
      readFileSync(files.queueLog, 'utf8').includes(`${leg ?? ''}|sales|Ana|COMPLETECALLER`) || undefined,
    ),
  )
await Promise.all([first, second].map(call => written(call.legs[0]?.id)))

t.test('all is as the PBX wrote it down', async t => {
  const { code, out } = await reconcile(about(first, second))
  t.equal(code, 0, out)
  t.match(out, 'queue sales: the PBX 2 answered; we 2 answered\n')
  t.match(out, /2 calls with 4 channels compared; 0 reach over/)
  const json = JSON.parse((await reconcile([...about(first, second), '--json'])).out) as object
  t.match(json, { calls: 2, unexplained: 0, badLines: 0, differences: [] })
})

t.test('what began before or ends after the interval is left out, and said to be', async t => {
  const from = new Date(Date.parse(first.startedAt) + 50).toISOString()
  const { code, out } = await reconcile(['--from', from, ...about(first, second).slice(2)])
  t.equal(code, 0, out)
  t.match(out, /1 calls with 2 channels compared; 1 reach over/)
})

t.test('a line that is not there, a line that says something else, a line that is none', async t => {
  const copy = join(lab.dir, 'other-queue_log')
  copyFileSync(files.queueLog, copy)
  const lines = readFileSync(copy, 'utf8').split('\n')
  const leg = second.legs[0]?.id ?? ''
  const other = lines
    .map(line =>
      line.includes(`${leg}|sales|Ana|CONNECT`) ? line.replace(/Ana\|CONNECT.*/, 'NONE|ABANDON|1|1|1') : line,
    )
    .filter(line => !line.includes(`${first.legs[0]?.id ?? ''}|sales`))
  writeFileSync(copy, [...other.slice(0, -1), 'nonsense', ''].join('\n'))
  const { code, out } = await reconcile([...about(first, second), '--queue-log', copy])
  t.equal(code, 1)
  t.match(out, `UNEXPLAINED ${second.id} queueOutcome: we: answered, the PBX: abandoned`)
  t.match(out, `UNEXPLAINED ${first.id} visit: we: sales at`)
  t.match(out, /1 lines could not be read/)
})

t.test('what it cannot do, it says', async t => {
  const gone = await reconcile([...about(first, second), '--cel', join(lab.dir, 'nothing')])
  t.match(gone, { code: 2, err: /ENOENT/ })
  t.match(await reconcile(['--from', 'yesterday', '--to', 'today']), { code: 2, err: /2026-03-01T00:00:00Z/ })
  t.match(await reconcile([...about(first, second), '--pbx', 'other']), { code: 2, err: /no such PBX/ })
})

t.teardown(() => Promise.all([ana.close(), mia.close()]))
t.end()
