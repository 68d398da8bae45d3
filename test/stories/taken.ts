/** Stories of calls that somebody else takes: pickup, forwarding, parking; as the history must have them. */
import type { Stories } from './stories.js'

const cleo = { extension: '1003' }

/** The picker's own "dialled #32" call is part of the call picked up; credit is the picker's, not the phone's that rang. */
const pickedUp = {
  outcome: 'answered',
  direction: 'inbound',
  offers: [
    { extension: '1001', result: 'picked-up' },
    { ...cleo, result: 'answered' },
  ],
  legs: [{}, { extension: '1001', reason: 'picked-up' }, cleo],
}
const fromQueue = { ...pickedUp, queues: [{ queue: 'ringall', outcome: 'answered', ...cleo }], mergedFrom: [/./] }

const PICKUP: Stories = {
  'pickup-group': { calls: [{ ...pickedUp, mergedFrom: [/./] }] },
  'pickup-directed': { calls: [{ ...pickedUp, mergedFrom: [/./] }] },
  // A phone that a command rings has not dialled anything: there was no call of its own to be told of.
  'pickup-command': { told: ['call.started', 'call.ringing', 'call.answered', 'call.ended'], calls: [pickedUp] },
  'pickup-nothing': { calls: [{ direction: 'internal', outcome: 'failed', to: { number: '#32' } }] },
  'queue-pickup-group': { calls: [fromQueue] },
  'queue-pickup-directed': { calls: [fromQueue] },
}

const forward = (outcome: string) => ({ kind: 'forward', extension: '1001', to: cleo, outcome })
/** Her membership, as either PBX names it. */
const OF_ANA = /^(PJSIP|Local)\/1001/
const sentOn = { extension: '1001', result: 'forwarded', forwardedTo: '1003' }

const overtaken = { transfers: [{ ...forward('answered-elsewhere'), answeredBy: undefined }], outcome: 'answered' }

const FORWARDED: Stories = {
  forwarded: {
    calls: [
      { outcome: 'answered', transfers: [forward('answered')], offers: [sentOn, { ...cleo, result: 'answered' }] },
    ],
  },
  'forwarded-unanswered': {
    calls: [
      {
        outcome: 'no-answer',
        endedBy: 'pbx',
        transfers: [forward('no-answer')],
        offers: [sentOn, { ...cleo, result: 'no-answer' }],
      },
    ],
  },
  'forwarded-twice': {
    calls: [
      {
        ...{ outcome: 'answered', endedBy: 'caller', inferred: undefined },
        offers: [
          { extension: '1001', result: 'forwarded', forwardedTo: '1002' },
          { extension: '1002', result: 'forwarded', forwardedTo: '1003' },
          { extension: '1003', result: 'answered' },
        ],
        transfers: [
          { kind: 'forward', to: { extension: '1002' }, outcome: 'answered', answeredBy: /./ },
          { kind: 'forward', to: { extension: '1003' }, outcome: 'answered', answeredBy: /./ },
        ],
      },
    ],
  },
  'queue-forwarded': {
    calls: [
      {
        queues: [{ queue: 'ringall', outcome: 'answered', ...cleo, member: OF_ANA }],
        transfers: [forward('answered')],
        offers: [
          { ...sentOn, member: OF_ANA },
          { queue: 'ringall', ...cleo, member: OF_ANA, result: 'answered' },
        ],
      },
    ],
  },
  'forwarded-overtaken': {
    calls: [
      {
        ...overtaken,
        offers: [sentOn, { extension: '1002', result: 'answered' }, { ...cleo, result: 'answered-elsewhere' }],
      },
    ],
  },
  'forwarded-picked-up': {
    calls: [
      {
        ...{ outcome: 'answered', endedBy: 'caller', inferred: undefined },
        offers: [sentOn, { ...cleo, result: 'picked-up' }, { extension: '1004', result: 'answered' }],
        transfers: [{ ...forward('answered'), answeredBy: /./ }],
      },
    ],
  },
  'queue-forwarded-overtaken': {
    calls: [{ ...overtaken, queues: [{ queue: 'ringall', outcome: 'answered', extension: '1002' }] }],
  },
}

/** Whoever takes the call from its space has dialled a number, which was a call until then. */
const retrieved = { outcome: 'answered', legs: [{}, { extension: '1001' }, { extension: '1002' }], mergedFrom: [/./] }
const parked = [{ kind: 'offer' }, { kind: 'talk' }, { kind: 'park', legs: [/./], name: '701' }]

const PARKED: Stories = {
  'parked-code-retrieved': { calls: [{ ...retrieved, segments: [...parked, { kind: 'talk' }] }] },
  'parked-command-retrieved': { calls: [{ ...retrieved, segments: [...parked, { kind: 'talk' }] }] },
  'parked-refer-retrieved': {
    calls: [{ ...retrieved, transfers: [{ kind: 'blind', to: { number: '700' }, outcome: 'parked' }] }],
  },
  'parked-gave-up': {
    told: ['call.started', 'call.ringing', 'call.answered', 'call.parked', 'call.unparked', 'call.ended'],
    calls: [{ endedBy: 'caller', segments: parked, legs: [{}, { reason: 'parked' }] }],
  },
  // It comes back as another ring of the same call.
  'parked-came-back': {
    calls: [
      {
        endedBy: 'caller',
        segments: [{}, {}, { kind: 'park' }, { kind: 'offer' }, { kind: 'talk' }],
        offers: [
          { extension: '1001', result: 'answered' },
          { extension: '1001', result: 'answered' },
        ],
      },
    ],
  },
  'parked-came-back-unanswered': {
    calls: [{ outcome: 'answered', endedBy: 'pbx', offers: [{ extension: '1001' }, { result: 'no-answer' }] }],
  },
  // One in the place of another: the parking goes on with the customer.
  'parked-swap': {
    calls: [
      {
        transfers: [{ kind: 'semi-attended', to: { number: '700' }, outcome: 'parked' }],
        mergedFrom: [/./, /./],
        agents: [{ extension: '1001' }, { extension: '1002' }],
      },
    ],
  },
  'queue-parked': { calls: [{ queues: [{ outcome: 'answered', member: 'Ana' }], mergedFrom: [/./] }] },
}

/**
 * Ana is at the space while she asks, and the customer on hold meanwhile, which begins in the same millisecond or the one before; then
 * he is at the space, until somebody takes him from there.
 */
const meanwhile = { kind: /^(park|hold)$/, legs: [/./] }
const asked = [
  { kind: 'offer' },
  { kind: 'talk' },
  { kind: 'hold' },
  meanwhile,
  meanwhile,
  { kind: 'park', legs: [/./], name: '701' },
]
const intoLot = (extension = '1001') => ({
  kind: 'semi-attended',
  extension,
  to: { number: '700' },
  outcome: 'parked',
})
const afterAsking = {
  outcome: 'answered',
  endedBy: 'caller',
  transfers: [intoLot()],
  legs: [{}, { extension: '1001', reason: 'transferred' }, { extension: '1002' }],
  segments: [...asked, { kind: 'talk' }],
  agents: [{ extension: '1001' }, { extension: '1002' }],
}
const takenByBen = { calls: [{ ...afterAsking, mergedFrom: [/./] }] }
const behindLocal = {
  outcome: 'answered',
  queues: [{ queue: 'ringall', outcome: 'answered', extension: '1001' }],
  legs: [{ trunk: 'trunk' }, { extension: '1001' }, { extension: '1002' }],
  mergedFrom: [/./],
}
const parkedBehindLocal = [
  { kind: 'queue' },
  { kind: 'talk' },
  { kind: 'park', legs: [/./], name: '701' },
  { kind: 'talk' },
]

const PARKED_AFTER_ASKING: Stories = {
  'parked-attended-code': takenByBen,
  'parked-attended-command': takenByBen,
  'parked-attended-hung-up': takenByBen,
  'parked-attended-fetched-by-command': { calls: [afterAsking] },
  // Behind the Local pair of the first asking: that Ben parks him is as plain as that Ana did.
  'parked-attended-again': {
    talks: ['talk', 'talk', 'talk'],
    calls: [
      {
        outcome: 'answered',
        transfers: [intoLot(), intoLot('1002')],
        segments: asked,
        agents: [{ extension: '1001' }, { extension: '1002' }, { extension: '1003' }],
      },
    ],
  },
  'parked-attended-came-back': {
    calls: [
      {
        transfers: [{ ...intoLot(), to: { number: '7500' } }],
        segments: [{}, {}, {}, {}, {}, { kind: 'park', name: '751' }, { kind: 'offer' }, { kind: 'talk' }],
        offers: [
          { extension: '1001', result: 'answered' },
          { extension: '1001', result: 'answered' },
        ],
      },
    ],
  },
  'parked-attended-gave-up': { calls: [{ endedBy: 'caller', transfers: [intoLot()], segments: asked }] },
  'parked-again': {
    calls: [
      {
        transfers: [{ kind: 'blind', extension: '1002', to: { number: '700' }, outcome: 'parked' }],
        segments: [...parked, { kind: 'talk' }, { kind: 'park', name: '701' }, { kind: 'talk' }],
        agents: [{ extension: '1001' }, { extension: '1002' }, { extension: '1003' }],
      },
    ],
  },
  'queue-local-parked-refer': {
    calls: [{ ...behindLocal, segments: parkedBehindLocal, transfers: [{ kind: 'blind', outcome: 'parked' }] }],
  },
  'queue-local-parked-code': { calls: [{ ...behindLocal, segments: parkedBehindLocal }] },
  'queue-local-parked-attended': {
    calls: [
      {
        ...behindLocal,
        segments: [{ kind: 'queue' }, ...asked.slice(1), { kind: 'talk' }],
        transfers: [intoLot()],
      },
    ],
  },
}

export const TAKEN: Stories = { ...PICKUP, ...FORWARDED, ...PARKED, ...PARKED_AFTER_ASKING }
