/**
 * Transfers that a command or a phone has asked for: the recorded stories of the real PBX, with the word of the engine put where it says
 * it, right before the PBX holds the customer.
 */
import t from 'tap'
import type { BridgeId, EpochMs, LegId } from '../../src/base/ids.js'
import type { LegFact, PbxFact } from '../../src/pbx/facts.js'
import { at } from '../given/calls.js'
import { factsIn, lastOfEach, recordings, tellAll } from '../given/recording.js'

/** By the end of the name of the story: what is told of the transfer while it is asked, and what comes of it. */
const ENDS: Record<string, { asked: string[]; kind?: string; outcome: string }> = {
  'aborted-ringing': { asked: ['asked', 'ringing', 'done'], outcome: 'cancelled' },
  aborted: { asked: ['asked', 'ringing', 'consulting', 'done'], outcome: 'cancelled' },
  busy: { asked: ['asked', 'ringing', 'done'], outcome: 'busy' },
  completed: { asked: ['asked', 'ringing', 'consulting'], outcome: 'answered' },
  'customer-gone': { asked: ['asked', 'ringing', 'consulting', 'done'], outcome: 'abandoned' },
  outside: { asked: ['asked', 'ringing', 'consulting'], outcome: 'answered' },
  swapped: { asked: ['asked', 'ringing', 'consulting'], outcome: 'answered' },
  'target-gone': { asked: ['asked', 'ringing', 'consulting', 'done'], outcome: 'returned' },
  'three-way': { asked: ['asked', 'ringing', 'consulting'], kind: 'three-way', outcome: 'answered' },
  unanswered: { asked: ['asked', 'ringing', 'done'], outcome: 'no-answer' },
}

/** With what the engine says beside: it has asked; and where a command takes it back, that, before the hold ends. */
function asked(facts: PbxFact[], takenBack: boolean): PbxFact[] {
  const held = facts.findIndex(f => f.type === 'hold.begun')
  const { leg, at: when } = facts[held] as LegFact
  const own = { leg, at: when, id: 'c1' }
  const ask: LegFact = { ...own, type: 'transfer.asked', kind: 'attended', to: '1002' }
  const back = facts.findIndex((f, i) => i > held && f.type === 'bridge.left' && f.leg === leg)
  const again = facts.findIndex((f, i) => i > back && f.type === 'bridge.left' && f.leg === leg)
  const cancel: LegFact[] = takenBack ? [{ ...own, type: 'transfer.cancelled' }] : []
  return [...facts.slice(0, held), ask, ...facts.slice(held, again), ...cancel, ...facts.slice(again)]
}

const stories = recordings().filter(name => /^(queue-)?attended-command-/.test(name))

for (const [end, { asked: states, kind = 'attended', outcome }] of Object.entries(ENDS))
  for (const story of stories.filter(name => name.endsWith(`-command-${end}`)))
    t.test(story, async t => {
      const events = tellAll(asked(factsIn(story), outcome === 'cancelled'))
      const [call] = lastOfEach(events)
      t.match(call?.transfers, { length: 1 }, 'one transfer')
      t.match(call?.transfers[0], { id: 'c1', kind, state: 'done', outcome, extension: '1001', askedAt: /./ })
      const told = events.filter(e => e.type === 'call.transferring').map(e => e.call.transfers[0]?.state)
      t.strictSame(told, states)
      t.equal(
        events.filter(e => e.type === 'call.transferred').length > 0,
        !states.includes('done'),
        'carried out or not',
      )
    })

for (const story of ['parked-attended-command', '16/parked-attended-command'])
  t.test(`${story}: a parking space is asked, and no phone rings`, async t => {
    const events = tellAll(asked(factsIn(story), false))
    const told = events.filter(e => e.type === 'call.transferring').map(e => e.call.transfers[0]?.state)
    t.strictSame(told, ['asked', 'consulting'])
    t.match(lastOfEach(events).find(call => call.mergedInto === undefined)?.transfers, [
      { id: 'c1', kind: 'semi-attended', state: 'done', outcome: 'parked' },
    ])
  })

for (const story of stories.filter(name => name.endsWith('-command-aborted')))
  t.test(`${story}: the half of the pair stays for a while, and leads nowhere`, async t => {
    const facts = asked(factsIn(story), true)
    const half = facts.find(f => f.type === 'channel.created' && f.name.endsWith(';1')) as LegFact
    const isGone = (f: PbxFact) => f.type === 'channel.gone' && f.leg === half.leg
    const told = tellAll(facts.filter(f => !isGone(f)))
    const over = told.find(e => e.call.transfers[0]?.state === 'done')
    t.match(over, { type: 'call.transferring', call: { state: 'talking', transfers: [{ outcome: 'cancelled' }] } })
  })

for (const story of stories.filter(name => name.endsWith('-command-aborted')))
  t.test(`${story}: the phone of the asker has put the talk on hold meanwhile`, async t => {
    const facts = asked(factsIn(story), true)
    const { leg: asker } = facts.find(f => f.type === 'hold.begun') as LegFact
    const held = facts.findLast(f => f.type === 'hold.ended' && f.leg === asker) as LegFact
    const holds: PbxFact = { type: 'hold.begun', at: held.at, leg: asker }
    const told = tellAll(facts.map(f => (f === held ? holds : f)))
    const over = told.find(e => e.call.transfers[0]?.state === 'done')
    t.match(over, { type: 'call.transferring', call: { transfers: [{ outcome: 'cancelled' }] } })
  })

t.test('two phones are asked at once: what comes of it is what comes of the one that answers', async t => {
  for (const story of ['attended-command-target-gone', '16/attended-command-target-gone']) {
    const facts = asked(factsIn(story), false)
    const begun = facts.findLastIndex(f => f.type === 'dial.begun')
    const dial = facts[begun] as LegFact & { type: 'dial.begun' }
    const answered = facts.findIndex(f => f.type === 'dial.ended' && f.leg === dial.leg)
    const also = { at: dial.at, leg: 'lab-1.999' as LegId }
    const cancelled = { ...also, ...(dial.by && { by: dial.by }) }
    const created = facts.find(f => f.type === 'channel.created' && f.leg === dial.leg) as LegFact
    const group: PbxFact[] = [
      ...facts.slice(0, begun + 1),
      { ...created, ...also, name: 'PJSIP/1003-00000999' } as PbxFact,
      { ...dial, ...also, dialled: '1003', dialString: '1003' },
      ...facts.slice(begun + 1, answered),
      { ...cancelled, type: 'dial.ended', status: 'CANCEL' },
      ...facts.slice(answered, answered + 1),
      { ...also, type: 'channel.gone', causeQ850: 26 },
      ...facts.slice(answered + 1),
    ]
    const [call] = lastOfEach(tellAll(group))
    t.match(
      call?.offers.slice(-2),
      [{ result: 'answered' }, { extension: '1003', result: 'answered-elsewhere' }],
      story,
    )
    t.match(call?.transfers, [{ state: 'done', outcome: 'returned' }], story)
  }
})

/** By the end of the name of the story, where no command has asked: how far it was told to be in the end, and what came of it. */
const BY_KEYS: Record<string, [string, string]> = {
  'aborted-ringing': ['done', 'no-answer'],
  aborted: ['done', 'cancelled'],
  busy: ['done', 'busy'],
  completed: ['consulting', 'answered'],
  'customer-gone': ['done', 'abandoned'],
  outside: ['consulting', 'answered'],
  queue: ['consulting', 'queued'],
  'queue-answered': ['consulting', 'answered'],
  'recall-unanswered': ['ringing', 'no-answer'],
  semi: ['ringing', 'answered'],
  'semi-unanswered': ['ringing', 'returned'],
  swapped: ['consulting', 'answered'],
  'target-gone': ['done', 'returned'],
  'three-way': ['consulting', 'answered'],
  'transferer-gone': ['consulting', 'answered'],
  unanswered: ['done', 'no-answer'],
}

for (const [end, [state, outcome]] of Object.entries(BY_KEYS))
  for (const story of recordings().filter(name => name.endsWith(`attended-code-${end}`)))
    t.test(`${story}: one transfer, from when the keys were pressed`, async t => {
      const events = tellAll(factsIn(story))
      const told = events.filter(e => e.type === 'call.transferring').map(e => e.call.transfers)
      t.equal(told.at(-1)?.[0]?.state, state)
      const [call] = lastOfEach(events)
      t.match(call?.transfers, { length: 1 })
      t.match(call?.transfers, [
        { id: told[0]?.[0]?.id ?? 'none', extension: '1001', askedAt: /./, state: 'done', outcome },
      ])
    })

/** The story of a queue, in which the dialplan behind the pair tells nothing; until the customer is handed over. */
function askedOfDialplan(story: string, beside: (far: LegFact, at: number) => PbxFact[] = () => []): PbxFact[] {
  const all = factsIn(story)
  const over = all.findIndex(f => f.type === 'transfer.attended')
  const phone = all.find(f => f.type === 'channel.created' && f.name.startsWith('PJSIP/1002')) as LegFact
  const facts = all
    .slice(0, over + 1)
    .filter(f => !/^(queue|agent|member|phone)[.]/.test(f.type) && !('leg' in f && f.leg === phone.leg))
  const joined = facts.findIndex(f => f.type === 'local.joined')
  const far = facts[joined] as LegFact & { type: 'local.joined' }
  const up = facts.findIndex(f => f.type === 'channel.changed' && f.leg === far.other && f.state === 'up')
  return [...facts.slice(0, up + 1), ...beside({ ...far, leg: far.other }, far.at), ...facts.slice(up + 1)]
}

for (const story of ['attended-code-queue', '16/attended-code-queue']) {
  t.test(`${story}: a part of the dialplan that tells nothing has answered, and has the customer then`, async t => {
    const events = tellAll(askedOfDialplan(story))
    const told = events.filter(e => e.type === 'call.transferring').map(e => e.call.transfers[0]?.state)
    t.equal(told.at(-1), 'consulting')
    t.match(lastOfEach(events)[0]?.transfers, [{ state: 'done', outcome: 'ivr', to: { number: '2001' } }])
  })

  t.test(`${story}: a conference room with nobody in it`, async t => {
    const enters = ({ leg }: LegFact, when: number): PbxFact[] => [
      { type: 'bridge.entered', at: when as EpochMs, leg, bridge: 'b-room' as BridgeId, holding: false, room: '3001' },
    ]
    const events = tellAll(askedOfDialplan(story, enters))
    const rooms = events.at(-1)?.call.segments.filter(s => s.name === '3001')
    t.match(
      rooms,
      [
        { kind: 'ivr', legs: [/./] },
        { kind: 'ivr', legs: [/./] },
      ],
      'who asked, and then the customer',
    )
    t.match(events.at(-1)?.call.transfers, [{ outcome: 'ivr' }])
  })
}

t.test('a phone that holds and calls by itself asks for no transfer', async t => {
  const told = tellAll(factsIn('attended-refer-aborted'))
  t.ok(told.some(e => e.type === 'call.held'))
  t.notOk(told.some(e => e.call.transfers.length > 0))
})

t.test('the PBX did not take it: there never was one', async t => {
  const [story = ''] = stories
  const facts = factsIn(story)
  const held = facts.findIndex(f => f.type === 'hold.begun')
  const { leg } = facts[held] as LegFact
  const own = { leg, at: at(0), id: 'c1' }
  const withdrawn: PbxFact[] = [
    ...facts.slice(0, held),
    { ...own, type: 'transfer.asked', kind: 'blind', to: '1002' },
    { ...own, type: 'transfer.withdrawn' },
  ]
  t.strictSame(lastOfEach(tellAll(withdrawn))[0]?.transfers, [])
})

t.end()
