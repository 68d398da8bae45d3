/**
 * Commands at random on random calls of the real PBX, as a seed decides, on both profiles: what is answered is what the PBX's own
 * events show, no caller is left alone in silence, what is told holds together and agrees with the PBX's books, and nothing is left.
 * `npm run commands` is the same at length.
 */
import t from 'tap'
import { runCommands } from '../commands/run.js'

/** Always the same here, so that a run says something of the change that it is for; `npm run commands` draws others. */
const seed = Number(process.env['SEED'] ?? 500)
const CALLS = Number(process.env['CALLS'] ?? 12)

for (const profile of ['plain', 'field'] as const)
  t.test(`${CALLS} calls of seed ${seed} on the ${profile} profile`, async t => {
    const lines: string[] = []
    const ran = await runCommands({ calls: CALLS, seed, profile, tries: 4, told: line => lines.push(line) })
    t.comment(lines.join('\n'))
    for (const { call, kind, text, smallest } of ran.failures)
      t.fail(`call ${call}: ${kind}: ${text}; again with --script '${JSON.stringify(smallest)}'`)
    t.strictSame(ran.broken, [])
    t.ok(ran.carriedOut > ran.commands / 4, `${ran.carriedOut} of ${ran.commands} were carried out`)
  })

t.end()
