/** Every story that was recorded of a real Asterisk is told right, and so is the same story of an Asterisk 16. */
import t from 'tap'
import type { CallView } from '../../src/events/call.js'
import { recordings, told } from '../given/recording.js'
import { EXPECTED } from './expected.js'

/** How many phones ring, and which are not answered, depends on who is quicker; where it matters, it is in `told`. */
const withoutPhones = (types: readonly string[], expected: readonly string[]) =>
  types.filter(type => expected.includes(type) || (type !== 'call.ringing' && type !== 'call.unanswered'))

const TALKS = ['talk', 'consult', 'conference']
const talksOf = (call: CallView | undefined) => call?.segments.map(s => s.kind).filter(kind => TALKS.includes(kind))

/** `16/queue-answered` is the story `queue-answered` on another version. */
const storyOf = (recording: string) => recording.slice(recording.lastIndexOf('/') + 1)

for (const recording of recordings()) {
  t.test(recording, async t => {
    const expected = EXPECTED[storyOf(recording)]
    if (!expected) throw new Error('nobody says how it must be told')
    const { types, calls } = told(recording)
    if (expected.told) t.strictSame(withoutPhones(types, expected.told), expected.told)
    if (expected.talks) t.strictSame(talksOf(calls[0]), expected.talks)
    t.equal(calls.length, expected.calls.length, 'calls')
    for (const [i, call] of expected.calls.entries()) t.match(calls[i], call, `call ${i + 1}`)
  })
}

t.test('no story is without a recording', async t => {
  const recorded = new Set(recordings().map(storyOf))
  t.strictSame(
    Object.keys(EXPECTED).filter(story => !recorded.has(story)),
    [],
  )
})
