/** What Asterisk writes becomes facts, or nothing. */
import t from 'tap'
import { timeOf } from '../../src/ami/fields.js'
import { factOf, isListed } from '../../src/ami/normalise.js'
import { queuesSeen } from '../../src/ami/normalise-queues.js'
import { frameOf } from '../../src/ami/parse.js'
import type { EpochMs } from '../../src/base/ids.js'
import { factsIn, told } from '../given/recording.js'

const now = 1_700_000_000_000 as EpochMs
t.test('a phone that cannot be reached makes no call', async t => {
  const facts = factsIn('dial-unreachable')
  t.match(
    facts.find(f => f.type === 'originate.ended'),
    { ok: false },
  )
  t.strictSame(told('dial-unreachable').types, [])
})

t.test('time is the time of the PBX where it tells it', async t => {
  t.equal(timeOf(frameOf('Event: X\r\nTimestamp: 1700000001.234567'), now), 1_700_000_001_234)
  for (const odd of ['', 'x', '-1', '1e99']) t.equal(timeOf(frameOf(`Event: X\r\nTimestamp: ${odd}`), now), now, odd)
  t.equal(timeOf(frameOf('Event: X'), now), now)
})

t.test('an event without what makes it one is no fact', async t => {
  for (const text of [
    'Event: Hangup',
    'Event: Newchannel\r\nUniqueid: ',
    'Event: DialEnd\r\nDestUniqueid: 1.1\r\nDialStatus: ODD',
    'Event: constructor',
    'Event: __proto__',
    'nonsense',
    '',
  ])
    t.equal(factOf(frameOf(text), now), undefined, text)
})

t.test('a member who hangs up before the queue connects the caller', async t => {
  const head = ['Event: AgentDump', 'Uniqueid: 1.1', 'DestUniqueid: 1.2', 'Interface: PJSIP/1001', 'MemberName: Ana']
  t.match(factOf(frameOf([...head, 'Queue: sales'].join('\r\n')), now), {
    ...{ type: 'agent.dumped', leg: '1.1', phone: '1.2', queue: 'sales' },
    member: { interface: 'PJSIP/1001', name: 'Ana' },
  })
  t.equal(factOf(frameOf(head.join('\r\n')), now), undefined, 'of no queue')
})

t.test('every event of a queue member tells the whole member', async t => {
  const [first] = factsIn('queue-answered').filter(f => f.type === 'member.changed')
  t.strictSame(first?.member, {
    queue: 'sales',
    interface: 'PJSIP/1001',
    name: 'Ana',
    kind: 'static',
    phone: 'ringing',
    penalty: 0,
    paused: false,
    calls: 0,
  })
  const paused = ['Queue: sales', 'MemberName: Ben', 'Interface: PJSIP/1002', 'Membership: dynamic', 'Penalty: 3']
  const more = ['Paused: 1', 'PausedReason: lunch', 'Status: 7', 'CallsTaken: 9']
  t.match(factOf(frameOf(['Event: QueueMemberPause', ...paused, ...more].join('\r\n')), now), {
    type: 'member.changed',
    member: { kind: 'dynamic', penalty: 3, paused: true, pausedFor: 'lunch', phone: 'ringing', calls: 9 },
  })
  t.match(factOf(frameOf(['Event: QueueMemberRemoved', ...paused].join('\r\n')), now), {
    type: 'member.removed',
    queue: 'sales',
    member: { interface: 'PJSIP/1002', name: 'Ben' },
  })
  for (const odd of ['Queue: sales', 'Interface: PJSIP/1002'])
    for (const event of ['QueueMemberStatus', 'QueueMemberRemoved'])
      t.equal(factOf(frameOf(`Event: ${event}\r\n${odd}`), now), undefined, `${event} with ${odd} alone`)
  t.match(factOf(frameOf('Event: QueueMemberStatus\r\nQueue: q\r\nInterface: X/1\r\nStatus: 99\r\nPenalty: -1'), now), {
    member: { name: 'X/1', phone: 'unknown', penalty: 0, kind: 'dynamic' },
  })
})

t.test(
  'a caller id that the dialplan sets is a fact, and whether it may be shown; one that is set for a phone to show is none',
  async t => {
    const event = (state: string, pres: string) =>
      factOf(
        frameOf(
          [
            ...['Event: NewCallerid', 'Uniqueid: 1.1', `ChannelState: ${state}`, 'CallerIDNum: 01701234567'],
            ...["CallerIDName: O\\'Brien", `CID-CallingPres: ${pres}`],
          ].join('\r\n'),
        ),
        now,
      )
    const caller = { number: '01701234567', name: "O'Brien" }
    const fact = { type: 'caller.changed', at: now, leg: '1.1', caller }
    t.strictSame(event('4', '0 (Presentation Allowed, Not Screened)'), fact)
    t.strictSame(event('6', '67 (Number Unavailable)'), fact)
    t.strictSame(event('4', '35 (Presentation Prohibited, Network Number)'), { ...fact, withheld: true })
    t.strictSame(event('4', ''), fact)
    for (const dialled of ['0', '1', '5', '', 'x']) t.equal(event(dialled, '0'), undefined, dialled)
    t.notOk(isListed(frameOf('Event: NewCallerid')), 'which is nothing that is refused')
  },
)

t.test('the queues there are, each with its members', async t => {
  const item = (event: string, ...lines: string[]) => frameOf([`Event: ${event}`, ...lines].join('\r\n'))
  const items = [
    item('QueueParams', 'Queue: sales', 'Strategy: ringall', 'ServiceLevel: 30'),
    item('QueueMember', 'Queue: sales', 'Name: Ana', 'Location: PJSIP/1001', 'Membership: static', 'Status: 1'),
    item('QueueEntry', 'Queue: sales', 'Position: 1', 'Uniqueid: 1.1'),
    item('QueueParams', 'Queue: empty', 'Strategy: linear', 'ServiceLevel: 0'),
    item('QueueParams', 'Queue: '),
  ]
  t.match(queuesSeen(items), [
    { name: 'sales', strategy: 'ringall', serviceLevelMs: 30_000, members: [{ name: 'Ana', phone: 'idle' }] },
    { name: 'empty', members: [], serviceLevelMs: undefined },
  ])
  t.equal(queuesSeen(items).length, 2)
})
