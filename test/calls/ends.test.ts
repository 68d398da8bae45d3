/** Calls that a PBX ends by being stopped or killed, and what of two phones of one extension counts once. */
import t from 'tap'
import { factOf } from '../../src/ami/normalise.js'
import { createParser } from '../../src/ami/parse.js'
import { viewCall } from '../../src/calls/view.js'
import { missedFacts } from '../../src/engine/resync.js'
import type { LegFact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'

const { ana, anaDials, at, ben, benIsDialled, dialEnds, enters, isGone, leg, picksUp, rings, tell, theyTalk } = given
const waits: LegFact[] = [
  anaDials(0, '2000'),
  picksUp(0, ana),
  { type: 'queue.joined', at: at(1), leg: ana, queue: 'sales' },
]
const stopped = (s: number, of = ana): LegFact => ({
  type: 'hangup.asked',
  at: at(s),
  leg: of,
  by: 'pbx',
  stopping: true,
})

t.test('an orderly stop: SoftHangupRequest has the flag of a shutdown', async t => {
  const frames = (cause: number) =>
    createParser().push(
      Buffer.from(`Asterisk Call Manager/9\r\nEvent: SoftHangupRequest\r\nUniqueid: 1.1\r\nCause: ${cause}\r\n\r\n`),
    )
  const facts = (cause: number) => frames(cause).map(frame => factOf(frame, at(0)))
  t.match(facts(4), [{ type: 'hangup.asked', by: 'pbx', stopping: true }])
  t.notMatch(facts(16), [{ stopping: true }])
})

t.test('who waits when the PBX is stopped is lost, and the PBX has ended it; nothing is inferred', async t => {
  const { call } = tell([
    ...waits,
    stopped(5),
    { type: 'queue.abandoned', at: at(5), leg: ana, queue: 'sales' },
    { type: 'queue.left', at: at(5), leg: ana, queue: 'sales' },
    isGone(5, ana),
  ])
  if (!call) throw new Error('no call')
  const { inferred, ...view } = viewCall(call)
  t.match(view, { outcome: 'lost', endedBy: 'pbx', queues: [{ outcome: 'lost', waitedMs: 4_000 }] })
  t.equal(inferred, undefined)
})

t.test('a phone that rings when the PBX is stopped: nobody has given up, unless they had hung up before', async t => {
  for (const [before, result] of [
    [[], 'lost'],
    [[given.hangsUp(4, ana)], 'caller-gave-up'],
  ] as const) {
    const ends = [stopped(5), dialEnds(5, 'CANCEL'), isGone(5, ben), isGone(5, ana)]
    const { call } = tell([anaDials(0), ...benIsDialled(1), rings(2), ...before, ...ends])
    t.match(call?.offers, [{ leg: ben, result }])
  }
})

t.test(
  'a phone that is not answered as the PBX is stopped has missed nothing, whatever the dial and the queue say',
  async t => {
    const unanswered: LegFact = {
      ...{ type: 'agent.unanswered', at: at(5), leg: ana, queue: 'sales', phone: ben },
      member: { interface: 'PJSIP/1002', name: 'Ben' },
    }
    const gone = [isGone(5, ben), isGone(5, ana)]
    for (const [ends, result] of [
      [[stopped(5), dialEnds(5, 'NOANSWER')], 'lost'],
      [[stopped(5, ben), dialEnds(5, 'NOANSWER')], 'lost'],
      [[stopped(5), dialEnds(5, 'CHANUNAVAIL')], 'lost'],
      [[stopped(5, ben), unanswered], 'lost'],
      [[stopped(5, ben), isGone(5, ben, 19)], 'lost'],
      [[dialEnds(4, 'NOANSWER'), stopped(5)], 'no-answer'],
      [[unanswered, stopped(5)], 'no-answer'],
      [[given.hangsUp(4, ben, 'far-side', 21), stopped(5), dialEnds(5, 'NOANSWER')], 'rejected'],
    ] as const) {
      const { call } = tell([...waits, ...benIsDialled(1), rings(2), ...ends, ...gone])
      t.match(call?.offers, [{ leg: ben, result }], ends.map(({ type }) => type).join(', '))
    }
  },
)

t.test('a talk that an orderly stop cuts was answered, and the PBX has ended it', async t => {
  const { call } = tell([...theyTalk(), stopped(9), stopped(9, ben), isGone(9, ben), isGone(9, ana)])
  t.match(call && viewCall(call), { outcome: 'answered', endedBy: 'pbx' })
})

t.test(
  'what a PBX is killed with is ended by the PBX; what is lost while the link was away, by nobody knows whom',
  async t => {
    for (const [story, outcome] of [
      [waits, 'lost'],
      [theyTalk(), 'answered'],
    ] as const) {
      const { call } = tell(story)
      if (!call) throw new Error('no call')
      for (const [bootedAt, endedBy, downSince] of [
        [at(60), 'pbx'],
        [at(-60), 'unknown', at(50)],
        [undefined, 'unknown', at(50)],
        // Killed as it began, and up again at once: how long it has been up is told in whole seconds.
        [at(-0.5), 'pbx', at(0.2)],
      ] as const) {
        const { call: over } = tell(missedFacts([call], [], at(70), { bootedAt, downSince }), call)
        t.match(over && viewCall(over), { outcome, endedBy, inferred: true })
      }
    }
  },
)

t.test('two phones of one extension that ring together ring once, until one of them is picked up', async t => {
  const soft = leg('1.3')
  const { call } = tell([
    anaDials(0),
    ...benIsDialled(1),
    ...benIsDialled(1, '1002', soft),
    rings(2),
    rings(3, soft),
    picksUp(10, soft),
    dialEnds(10, 'CANCEL'),
    dialEnds(12, 'ANSWER', soft),
    isGone(12, ben, 26),
    picksUp(12, ana),
    enters(12, soft),
    enters(12, ana),
    isGone(20, soft),
    isGone(20, ana),
  ])
  const shares = call && viewCall(call).agents.filter(share => share.extension === '1002')
  t.match(shares, [{ legs: [ben, soft], rangMs: 8_000, talkedMs: 8_000 }])
})
