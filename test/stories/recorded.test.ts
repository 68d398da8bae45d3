/** Every story that was recorded of a real Asterisk is told right. */
import t from 'tap'
import { recordings, told } from '../given/recording.js'
import { PLAIN } from './plain.js'
import { QUEUES } from './queues.js'
import type { Stories } from './stories.js'
import { TRANSFERS } from './transfers.js'

const EXPECTED: Stories = { ...PLAIN, ...QUEUES, ...TRANSFERS }

/** How many phones ring, and which are not answered, depends on who is quicker; where it matters, it is in `told`. */
const withoutPhones = (types: readonly string[], expected: readonly string[]) =>
  types.filter(type => expected.includes(type) || (type !== 'call.ringing' && type !== 'call.unanswered'))

for (const [story, expected] of Object.entries(EXPECTED)) {
  t.test(story, async t => {
    const { types, calls } = told(story)
    if (expected.told) t.strictSame(withoutPhones(types, expected.told), expected.told)
    t.equal(calls.length, expected.calls.length, 'calls')
    for (const [i, call] of expected.calls.entries()) t.match(calls[i], call, `call ${i + 1}`)
  })
}

t.test('no story is left out', async t => t.strictSame(recordings(), Object.keys(EXPECTED).sort()))
