/** Stories without a queue, as the history must have them. */
import type { Stories } from './stories.js'

const talked = ['call.started', 'call.ringing', 'call.answered', 'call.ended']
const rang = ['call.started', 'call.ringing', 'call.ended']
const missed = ['call.started', 'call.ringing', 'call.unanswered', 'call.ended']

export const PLAIN: Stories = {
  'internal-answered': {
    told: talked,
    calls: [
      {
        direction: 'internal',
        outcome: 'answered',
        endedBy: 'caller',
        from: { extension: '1001' },
        to: { extension: '1002' },
        segments: [{ kind: 'offer' }, { kind: 'talk' }],
        legs: [{ reason: 'hung-up' }, { reason: 'left-alone' }],
      },
    ],
  },
  'internal-answered-callee-ends': {
    told: talked,
    calls: [{ outcome: 'answered', endedBy: 'callee', causeQ850: 16 }],
  },
  // Whether the PBX has heard the second before it lets go of it itself, no one can say.
  'internal-both-hang-up': {
    told: talked,
    calls: [{ legs: [{ reason: /^(hung-up|left-alone)$/ }, { reason: /^(hung-up|left-alone)$/ }] }],
  },
  'internal-busy': { told: missed, calls: [{ outcome: 'busy', endedBy: 'callee', causeQ850: 17 }] },
  'internal-declined': { told: missed, calls: [{ outcome: 'rejected', endedBy: 'callee', causeQ850: 21 }] },
  'internal-cancelled': { told: rang, calls: [{ outcome: 'cancelled', endedBy: 'caller' }] },
  'internal-no-answer': {
    told: missed,
    calls: [{ outcome: 'no-answer', endedBy: 'pbx', offers: [{ result: 'no-answer' }], transfers: [] }],
  },
  'internal-unreachable': {
    told: ['call.started', 'call.ended'],
    calls: [{ outcome: 'unreachable', endedBy: 'pbx', causeQ850: 3 }],
  },
  'internal-two-ring': {
    calls: [
      {
        offers: [
          { extension: '1001', result: 'answered-elsewhere' },
          { extension: '1002', result: 'answered' },
        ],
        agents: [{ extension: '1003' }, { extension: '1001', talkedMs: 0 }, { extension: '1002' }],
      },
    ],
  },
  // A Local pair is nobody, whether Asterisk takes it away in mid-call or leaves it: the phone behind it is the one called.
  'internal-local': {
    told: talked,
    calls: [{ outcome: 'answered', offers: [{ extension: '1001', result: 'answered' }], legs: [{}, {}] }],
  },
  'internal-local-kept': {
    told: talked,
    calls: [
      { outcome: 'answered', offers: [{ extension: '1001', result: 'answered' }], segments: [{}, { kind: 'talk' }] },
    ],
  },
  'internal-held': {
    told: ['call.started', 'call.ringing', 'call.answered', 'call.held', 'call.retrieved', 'call.ended'],
    calls: [{ segments: [{ kind: 'offer' }, { kind: 'talk' }, { kind: 'hold' }, { kind: 'talk' }] }],
  },
  'internal-held-to-the-end': {
    told: ['call.started', 'call.ringing', 'call.answered', 'call.held', 'call.ended'],
    calls: [{ segments: [{ kind: 'offer' }, { kind: 'talk' }, { kind: 'hold' }], endedBy: 'callee' }],
  },
  // The one who was called has gone, and the dialplan goes on with the caller.
  'internal-continued': {
    calls: [{ endedBy: 'callee', segments: [{ kind: 'offer' }, { kind: 'talk' }, { kind: 'ivr' }] }],
  },
  'inbound-answered': { told: talked, calls: [{ direction: 'inbound', outcome: 'answered' }] },
  'inbound-abandoned': {
    told: rang,
    calls: [{ direction: 'inbound', outcome: 'cancelled', endedBy: 'caller' }],
  },
  'inbound-withheld': {
    calls: [
      {
        direction: 'inbound',
        outcome: 'cancelled',
        endedBy: 'caller',
        inferred: undefined,
        from: { number: '', e164: undefined, name: undefined },
        legs: [{ number: '' }, { extension: '1001' }],
      },
    ],
  },
  'outbound-answered': { told: talked, calls: [{ direction: 'outbound', outcome: 'answered' }] },
  'outbound-busy': { told: missed, calls: [{ direction: 'outbound', outcome: 'busy', causeQ850: 17 }] },
  'dial-answered': {
    told: talked,
    calls: [{ outcome: 'answered', from: { extension: '1001' }, to: { extension: '1002' } }],
  },
  'dial-busy': { told: missed, calls: [{ outcome: 'busy', from: { extension: '1001' }, to: { extension: '1002' } }] },
  'dial-unreachable': { told: [], calls: [] },
  // Asterisk does not tell a hangup over AMI from the end of the dialplan; the engine adds what it knows of its own.
  'hangup-by-api': { told: talked, calls: [{ outcome: 'answered', endedBy: 'pbx' }] },
}
