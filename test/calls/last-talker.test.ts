/** Who talked with a caller last: neither the one who talked longest, nor a colleague who was only asked. */
import t from 'tap'
import { lastTalker } from '../../src/calls/last-talker.js'
import type { CallView } from '../../src/events/call.js'
import * as given from '../given/calls.js'

type Talk = { kind?: 'talk' | 'conference' | 'consult'; legs: string[]; from: number }

/** `c` is the caller, outside; `1` to `3` are phones inside, the agents 8001 to 8003. */
const aCall = (talks: Talk[], talkedMs: Record<string, number>) =>
  ({
    legs: [{ id: 'c' }, ...['1', '2', '3'].map(id => ({ id, extension: `100${id}` }))],
    segments: talks.map(({ kind = 'talk', legs, from }) => ({
      kind,
      legs,
      startedAt: new Date(given.at(from)).toISOString(),
    })),
    agents: Object.entries(talkedMs).map(([leg, ms]) => ({
      ...(leg === '3' ? {} : { agent: `800${leg}` }),
      ...{ extension: `100${leg}`, legs: [leg], talkedMs: ms, heldMs: 0, rangMs: 0 },
    })),
  }) as unknown as CallView

t.test('the last one, however short that was', async t => {
  const passedOn = aCall([{ legs: ['c', '1'], from: 0 }, { legs: ['c', '2'], from: 90 }], { 1: 90_000, 2: 3_000 }) // prettier-ignore
  t.equal(lastTalker(passedOn)?.agent, '8002')
  const backAgain = aCall([{ legs: ['c', '2'], from: 0 }, { legs: ['c', '1'], from: 90 }], { 1: 9_000, 2: 90_000 }) // prettier-ignore
  t.equal(lastTalker(backAgain)?.agent, '8001', 'the order of the legs is not that of the talks')
})

t.test('somebody who was only asked had no talk with the caller', async t => {
  const asked = aCall(
    [
      { legs: ['c', '1'], from: 0 },
      { kind: 'consult', legs: ['1', '2'], from: 50 },
      { kind: 'talk', legs: ['1', '2'], from: 60 },
    ],
    { 1: 60_000, 2: 20_000 },
  )
  t.equal(lastTalker(asked)?.agent, '8001')
})

t.test(
  'of a conference the one who came last; where a phone has no agent, the last who is one, if that is asked for',
  async t => {
    const three = aCall([{ legs: ['c', '1'], from: 0 }, { kind: 'conference', legs: ['c', '1', '2'], from: 9 }], { 1: 9, 2: 1 }) // prettier-ignore
    t.equal(lastTalker(three)?.agent, '8002')
    const toPhone = aCall(
      [
        { legs: ['c', '1'], from: 0 },
        { legs: ['c', '3'], from: 9 },
      ],
      { 1: 9, 3: 1 },
    )
    t.equal(lastTalker(toPhone)?.extension, '1003')
    t.equal(lastTalker(toPhone, share => share.agent !== undefined)?.agent, '8001')
    t.equal(lastTalker(aCall([], { 1: 0 })), undefined)
  },
)

t.end()
