/** Stories of three and more, of listeners, and of calls that only a machine takes; as the history must have them. */
import type { Stories } from './stories.js'

const three = [{ kind: 'conference', legs: [/./, /./, /./] }, { kind: 'talk' }]

const TOGETHER: Stories = {
  // The third is rung by a command and put into their bridge; when Ana leaves, the others go on.
  'conference-added': {
    told: ['call.started', 'call.ringing', 'call.answered', 'call.conferenced', 'call.ended'],
    calls: [
      {
        segments: [{ kind: 'offer' }, { kind: 'talk' }, ...three],
        offers: [{ extension: '1001' }, { extension: '1002', result: 'answered' }],
      },
    ],
  },
  'queue-conference-added': {
    calls: [
      { queues: [{ outcome: 'answered', member: 'Ana' }], segments: [{ kind: 'queue' }, { kind: 'talk' }, ...three] },
    ],
  },
  // All who meet in a room are in one call, which is the customer's.
  'conference-room': {
    calls: [{ direction: 'inbound', outcome: 'answered', mergedFrom: [/./, /./], legs: [{}, {}, { trunk: 'trunk' }] }],
  },
  'conference-room-alone': {
    calls: [{ direction: 'internal', outcome: 'cancelled', segments: [{ kind: 'ivr', name: '3001' }] }],
  },
}

/** Who listens is shown, is no party, and keeps nobody's call alive. */
const monitor = { extension: '1003', role: 'monitor' }
const LISTENED: Stories = {
  listened: {
    calls: [
      {
        outcome: 'answered',
        legs: [{}, { extension: '1001' }, monitor],
        offers: [{ extension: '1001' }],
        segments: [{ kind: 'offer' }, { kind: 'talk', legs: [/./, /./] }],
        agents: [{ extension: '1001' }],
      },
    ],
  },
  'listened-internal': {
    calls: [{ direction: 'internal', legs: [{}, {}, monitor], segments: [{}, { kind: 'talk' }] }],
  },
  'queue-listened': { calls: [{ queues: [{ outcome: 'answered', member: 'Ana' }], legs: [{}, {}, {}, monitor] }] },
}

/** A machine that answers has not answered the call. */
const NOBODY: Stories = {
  voicemail: {
    told: ['call.started', 'call.ringing', 'call.unanswered', 'call.ended'],
    calls: [
      {
        outcome: 'voicemail',
        endedBy: 'caller',
        offers: [{ result: 'no-answer' }],
        segments: [{ kind: 'offer' }, { kind: 'voicemail', name: '1001' }],
        talkedMs: 0,
      },
    ],
  },
  'queue-then-voicemail': {
    calls: [
      { outcome: 'voicemail', queues: [{ outcome: 'timeout' }], segments: [{ kind: 'queue' }, { kind: 'voicemail' }] },
    ],
  },
  'menu-hung-up': { calls: [{ outcome: 'cancelled', endedBy: 'caller', segments: [{ kind: 'ivr', name: 'menu' }] }] },
  'menu-wrong-key': { calls: [{ outcome: 'failed', endedBy: 'pbx', segments: [{ kind: 'ivr' }] }] },
  'menu-phone': { calls: [{ outcome: 'answered', offers: [{ extension: '1001', result: 'answered' }] }] },
  'menu-queue': {
    calls: [{ outcome: 'answered', segments: [{ kind: 'ivr' }, { kind: 'queue', name: 'sales' }, { kind: 'talk' }] }],
  },
}

export const OTHERS: Stories = { ...TOGETHER, ...LISTENED, ...NOBODY }
