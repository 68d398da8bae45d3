/**
 * `npm run soak -- [--calls N] [--seed S] [--asterisk 22|16] [--profile plain|field] [--json]`. The exit code is 1 when there is a difference that
 * nothing explains, 2 for a wrong command line. See docs/reconcile.md.
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { iso } from '../../src/events/event.js'
import { random } from '../../src/base/system.js'
import { said } from '../../src/reconcile-command.js'
import { asLine } from '../../src/reconcile/text.js'
import { runSoak, type Soaked } from './run.js'

const USAGE =
  'usage: npm run soak -- [--calls N] [--seed S] [--asterisk 22|16] [--profile plain|field] [--keep FOLDER] [--json]\n'
const MOST_SEED = 2 ** 32 - 1
const MOST_CALLS = 1_000_000

function wantedBy(args: string[]) {
  const text = { type: 'string' as const }
  try {
    const { values } = parseArgs({
      args,
      options: { calls: text, seed: text, asterisk: text, profile: text, keep: text, json: { type: 'boolean' } },
    })
    const calls = Number(values.calls ?? 500)
    const seed = Number(values.seed ?? Math.floor(random() * MOST_SEED))
    const asterisk = values.asterisk ?? '22'
    const whole = (n: number, most: number) => Number.isInteger(n) && n >= 0 && n <= most
    if (calls < 1 || !whole(calls, MOST_CALLS) || !whole(seed, MOST_SEED)) return undefined
    if (asterisk !== '22' && asterisk !== '16') return undefined
    const { profile = 'plain' } = values
    if (profile !== 'plain' && profile !== 'field') return undefined
    return { calls, seed, asterisk, profile, folder: values.keep, json: values.json === true } as const
  } catch {
    return undefined
  }
}

function summary({
  mixed,
  asterisk,
  profile,
  calls,
  channels,
  recorded,
  inferred,
  queues,
  gaps,
  differences,
  mismatches,
}: Soaked) {
  const unexplained = Object.values(mismatches).reduce((sum, n) => sum + n, 0)
  const counts = Object.keys(queues.theirs ?? {})
    .sort()
    .map(queue => `  ${queue}: the PBX ${said(queues.theirs?.[queue])}; we ${said(queues.ours[queue])}`)
  return `${[
    `Asterisk ${asterisk}, ${profile} profile, seed ${mixed.seed}: ${mixed.made} calls made, ${calls} on the PBX with ${channels} channels, ${recorded} recorded, ${inferred} of them inferred in part`,
    `targets: ${said(mixed.targets)}`,
    `done to calls: ${said(mixed.twists)}; ${mixed.refused} actions were refused`,
    'queues:',
    ...counts,
    ...gaps.map(
      ({ from, until, reason }) =>
        `the link was lost from ${iso(from)} until ${iso(until)}: ${reason || 'no reason told'}`,
    ),
    `differences: ${differences.length}, of which nothing explains ${unexplained}`,
    ...differences.map(d => `  ${asLine(d)}`),
  ].join('\n')}\n`
}

const wanted = wantedBy(process.argv.slice(2))
if (!wanted) {
  process.stderr.write(USAGE)
  process.exit(2)
}
const { folder, json, ...run } = wanted
process.stderr.write(`seed ${run.seed}\n`)
const soaked = await runSoak({
  ...run,
  keep: ({ ours, ...files }) => {
    if (folder === undefined) return
    mkdirSync(folder, { recursive: true })
    for (const [name, file] of Object.entries(files)) copyFileSync(file, join(folder, name))
    writeFileSync(join(folder, 'ours.json'), JSON.stringify(ours))
  },
})
process.stdout.write(json ? `${JSON.stringify(soaked)}\n` : summary(soaked))
process.exit(Object.keys(soaked.mismatches).length === 0 ? 0 : 1)
