/** Stories of phones behind Local pairs, as the history must have them: with such a pair as without. */
import type { Stories } from './stories.js'

const ana = { extension: '1001' }
const ben = { extension: '1002' }
const trunk = { trunk: 'trunk' }

/** Ana's phone rings for the queue in vain, as its log says (RINGNOANSWER); then Ben answers. */
const then = (...results: string[]): Stories[string] => ({
  calls: [
    {
      outcome: 'answered',
      endedBy: 'caller',
      queues: [{ queue: 'desks', outcome: 'answered', ...ben }],
      offers: [...results.map(result => ({ queue: 'desks', result })), { queue: 'desks', ...ben, result: 'answered' }],
    },
  ],
})

/** Ana has answered for the queue, and that stays so; Ben has the call from her, and rings for nobody's queue. */
const passedOn = (transfer: object, call: object = {}): Stories[string] => ({
  calls: [
    {
      outcome: 'answered',
      direction: 'inbound',
      queues: [{ queue: 'desk', outcome: 'answered', ...ana }],
      offers: [
        { queue: 'desk', ...ana, result: 'answered' },
        { ...ben, queue: undefined },
      ],
      transfers: [{ by: /./, ...ana, state: 'done', ...transfer }],
      ...call,
    },
  ],
})
const takenBy = (kind: string) => ({ kind, to: ben, outcome: 'answered', answeredBy: /./ })

export const LOCAL: Stories = {
  'local-unanswered': then('no-answer'),
  'local-rejected': then('rejected'),
  'local-busy': then('busy'),
  'local-optimised-unanswered': then('no-answer'),
  'local-two-unanswered': then('no-answer', 'no-answer'),
  'local-not-accepted': {
    told: ['call.started', 'call.queued', 'call.ringing', 'call.unanswered', 'call.dequeued', 'call.ended'],
    calls: [
      {
        outcome: 'abandoned',
        endedBy: 'caller',
        talkedMs: 0,
        queues: [{ outcome: 'abandoned', answeredBy: undefined }],
        offers: [{ queue: 'desk', ...ana, result: 'not-accepted' }],
        legs: [{}, { ...ana, answeredAt: /./, reason: 'not-accepted' }],
      },
    ],
  },
  'local-accepted': {
    calls: [{ queues: [{ outcome: 'answered', ...ana }], offers: [{ queue: 'desk', ...ana, result: 'answered' }] }],
  },
  'local-follow-me': {
    calls: [
      {
        direction: 'inbound',
        queues: [{ queue: 'desk', outcome: 'answered', answeredBy: /./ }],
        offers: [
          { queue: 'desk', ...ana, result: 'no-answer' },
          { queue: 'desk', result: 'answered' },
        ],
        legs: [trunk, ana, trunk],
      },
    ],
  },
  ...Object.fromEntries(
    ['refer', 'code', 'command'].map(way => [`local-blind-${way}`, passedOn(takenBy('blind'), { endedBy: 'caller' })]),
  ),
  'local-blind-busy': passedOn({ kind: 'blind', to: ben, outcome: 'busy' }, { endedBy: 'pbx' }),
  'local-blind-unanswered': passedOn({ kind: 'blind', to: ben, outcome: 'no-answer' }, { endedBy: 'pbx' }),
  'local-blind-caller-gone': passedOn(
    { kind: 'blind', to: ben, outcome: 'abandoned' },
    {
      endedBy: 'caller',
      offers: [
        { queue: 'desk', ...ana, result: 'answered' },
        { ...ben, queue: undefined, result: 'caller-gave-up' },
      ],
    },
  ),
  'local-blind-queue': passedOn(
    { kind: 'blind', to: { number: '2001' }, outcome: 'queued' },
    {
      queues: [
        { queue: 'desk', outcome: 'answered', ...ana },
        { queue: 'ringall', outcome: 'answered', ...ben },
      ],
      offers: [
        { queue: 'desk', ...ana },
        { queue: 'ringall', ...ben },
      ],
    },
  ),
  'local-attended-code': { ...passedOn(takenBy('attended')), talks: ['talk', 'consult', 'talk'] },
  'local-attended-refer': {
    ...passedOn(takenBy('attended'), { mergedFrom: [/./] }),
    talks: ['talk', 'consult', 'talk'],
  },
  'local-semi-code': passedOn(takenBy('semi-attended')),
  'local-keyless-blind-code': passedOn(takenBy('blind')),
  'local-keyless-attended-code': { ...passedOn(takenBy('attended')), talks: ['talk', 'consult', 'talk'] },
  'local-keyless-semi-code': passedOn(takenBy('semi-attended')),
  'local-semi-refer-unanswered': passedOn(
    { kind: 'semi-attended', to: ben, outcome: 'no-answer' },
    {
      offers: [
        { ...ana, result: 'answered' },
        { ...ben, result: 'no-answer' },
      ],
    },
  ),
  'local-three-way': { ...passedOn(takenBy('three-way')), talks: ['talk', 'consult', 'conference', 'talk'] },
  'local-parked': {
    calls: [
      {
        queues: [{ queue: 'desk', outcome: 'answered', ...ana }],
        segments: [{ kind: 'queue' }, { kind: 'talk' }, { kind: 'park' }, { kind: 'talk' }],
        legs: [{}, { ...ana, reason: 'parked' }, ben],
      },
    ],
  },
  'local-pickup': {
    calls: [
      {
        queues: [{ queue: 'desk', outcome: 'answered', extension: '1003' }],
        offers: [
          { queue: 'desk', ...ana, result: 'picked-up' },
          { queue: 'desk', extension: '1003', result: 'answered' },
        ],
      },
    ],
  },
}
