/**
 * Stories of attended transfers, as the history must have them. By key and by command it is one call throughout; a phone
 * that does it itself (REFER with Replaces) has two calls, which become one when it is done.
 */
import type { Expected, Stories } from './stories.js'

const BY_PBX = ['code', 'command'] as const
const EVERY = ['refer', ...BY_PBX] as const

const ben = { extension: '1002' }
const by = { extension: '1001', state: 'done' }
const answered = (kind: string, to: object = ben) => ({
  outcome: 'answered',
  transfers: [{ kind, ...by, to, outcome: 'answered' }],
})

/** What comes of it, whoever carries it out. */
const DONE: Record<string, object> = {
  completed: {
    ...answered('attended'),
    endedBy: 'caller',
    offers: [
      { extension: '1001', result: 'answered' },
      { ...ben, result: 'answered' },
    ],
    agents: [{ extension: '1001' }, ben],
  },
  outside: { ...answered('attended', { number: '0170555' }), direction: 'inbound' },
  semi: answered('semi-attended'),
  queue: {
    transfers: [{ kind: 'semi-attended', ...by, to: { number: '2001' }, outcome: 'queued' }],
    queues: [{ queue: 'ringall', outcome: 'answered', ...ben }],
  },
  'queue-answered': { ...answered('attended'), queues: [{ queue: 'ringall', outcome: 'answered', ...ben }] },
  swapped: answered('attended'),
}

/** Only the PBX can do these. */
const BY_PBX_ALONE: Record<string, object> = {
  'three-way': { ...answered('three-way'), agents: [{ extension: '1001' }, ben] },
  'transferer-gone': answered('attended'),
}

/**
 * Nothing comes of it. Asked through the PBX, the transfer says what became of it; a phone that asks by a call of its own leaves the first
 * call without one.
 */
const NOT_DONE: Record<string, { offer: object; other: object; outcome: string }> = {
  aborted: { offer: { result: 'answered' }, other: { outcome: 'answered' }, outcome: 'cancelled' },
  // Taken back or over: the PBX cancels the ringing in the same way.
  'aborted-ringing': { offer: { result: 'caller-gave-up' }, other: { outcome: 'cancelled' }, outcome: 'no-answer' },
  busy: { offer: { result: 'busy' }, other: { outcome: 'busy' }, outcome: 'busy' },
  // The phone's time and that of the transfer are over at the same moment; whichever is first ends the ringing.
  unanswered: {
    offer: { result: /^no-answer$|^caller-gave-up$/ },
    other: { outcome: 'no-answer' },
    outcome: 'no-answer',
  },
  'customer-gone': { offer: { result: 'answered' }, other: { outcome: 'answered' }, outcome: 'abandoned' },
  'target-gone': {
    offer: { result: 'answered' },
    other: { outcome: 'answered', endedBy: 'callee' },
    outcome: 'returned',
  },
}

const OF_ITS_OWN: Stories = {
  'attended-refer-semi-unanswered': {
    calls: [{ endedBy: 'pbx', transfers: [{ kind: 'semi-attended', ...by, to: ben, outcome: 'no-answer' }] }],
  },
  // The PBX rings back the one who transferred; her phone was rung by nobody's dialling.
  'attended-code-semi-unanswered': {
    calls: [
      {
        transfers: [{ kind: 'semi-attended', ...by, to: ben, outcome: 'returned' }],
        offers: [{ extension: '1001' }, ben, { extension: '1001', result: 'answered' }],
      },
    ],
  },
  'attended-code-recall-unanswered': {
    calls: [
      {
        ...{ outcome: 'answered', endedBy: 'pbx', inferred: undefined },
        transfers: [{ kind: 'semi-attended', ...by, to: ben, outcome: 'no-answer' }],
        offers: [
          { extension: '1001', result: 'answered' },
          { ...ben, result: 'no-answer' },
          { extension: '1001', result: 'no-answer' },
        ],
        legs: [{}, { reason: 'transferred' }, { reason: 'no-answer' }, { extension: '1001', reason: 'no-answer' }],
      },
    ],
  },
  'attended-refer-completed': {
    told: [
      ...['call.started', 'call.ringing', 'call.answered', 'call.held'],
      ...['call.started', 'call.ringing', 'call.answered', 'call.retrieved'],
      ...['call.merged', 'call.merged', 'call.transferred', 'call.ended'],
    ],
    talks: ['talk', 'consult', 'talk'],
    calls: [{ ...answered('attended'), mergedFrom: [/./], endedBy: 'caller' }],
  },
  // The second customer's call becomes part of the first one's.
  'attended-refer-two-customers': {
    calls: [{ ...answered('attended', { number: '491709876543' }), mergedFrom: [/./] }],
  },
  ...Object.fromEntries(EVERY.map(way => [`attended-${way}-nowhere`, { calls: [{ transfers: [] }] }])),
}

/** However Asterisk moves the legs meanwhile, a talk that goes on is one segment. */
const TALKS: Record<string, string[]> = {
  completed: ['talk', 'consult', 'talk'],
  outside: ['talk', 'consult', 'talk'],
  'queue-answered': ['talk', 'consult', 'talk'],
  swapped: ['talk', 'consult', 'talk', 'consult', 'talk'],
  'three-way': ['talk', 'consult', 'conference', 'talk'],
  'transferer-gone': ['talk', 'consult', 'talk'],
}

const doneBy = (way: string, to: string, call: object, prefix = ''): [string, Expected] => [
  `${prefix}attended-${way}-${to}`,
  {
    ...(TALKS[to] === undefined ? {} : { talks: TALKS[to] }),
    calls: [way === 'refer' ? { ...call, mergedFrom: [/./] } : call],
  },
]

function notDone(way: string, to: string, call: object = {}, prefix = ''): [string, Expected] {
  const { offer, other, outcome } = NOT_DONE[to] ?? { offer: {}, other: {}, outcome: '' }
  const transfers = way === 'refer' ? [] : [{ kind: 'attended', ...by, to: ben, askedAt: /./, outcome }]
  const first = { ...call, transfers }
  const calls = way === 'refer' ? [first, { from: { extension: '1001' }, to: ben, ...other }] : [first]
  const before = prefix === '' ? [{ extension: '1001' }] : [{ queue: 'sales' }, { queue: 'sales' }]
  return [
    `${prefix}attended-${way}-${to}`,
    { calls: way === 'refer' ? calls : [{ ...first, offers: [...before, offer] }] },
  ]
}

/** Ana had the customer from the queue: that visit stays answered by her. */
const hers = { queue: 'sales', outcome: 'answered', member: 'Ana' }
const fromQueue = (to: string): object =>
  to === 'queue'
    ? { ...DONE[to], queues: [hers, { queue: 'ringall', outcome: 'answered' }] }
    : { ...DONE[to], queues: [hers] }

const withoutOffers = ({ offers: _, agents: __, ...call }: { offers?: unknown; agents?: unknown }) => call

export const ATTENDED: Stories = {
  ...Object.fromEntries(EVERY.flatMap(way => Object.entries(DONE).map(([to, call]) => doneBy(way, to, call)))),
  ...Object.fromEntries(BY_PBX.flatMap(way => Object.entries(BY_PBX_ALONE).map(([to, call]) => doneBy(way, to, call)))),
  ...Object.fromEntries(EVERY.flatMap(way => Object.keys(NOT_DONE).map(to => notDone(way, to)))),
  ...OF_ITS_OWN,
  ...Object.fromEntries(
    EVERY.flatMap(way => [
      ...['completed', 'semi', 'queue'].map(to => doneBy(way, to, withoutOffers(fromQueue(to)), 'queue-')),
      ...['aborted', 'customer-gone'].map(to => notDone(way, to, { queues: [hers] }, 'queue-')),
    ]),
  ),
  ...Object.fromEntries(
    BY_PBX.map(way =>
      doneBy(way, 'three-way', { transfers: [{ kind: 'three-way', outcome: 'answered' }], queues: [hers] }, 'queue-'),
    ),
  ),
}
