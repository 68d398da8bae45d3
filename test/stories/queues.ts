/** Stories of queues, as the history must have them. */
import type { Stories } from './stories.js'

const ANA = { member: 'Ana', extension: '1001' }
const served = ['call.started', 'call.queued', 'call.dequeued', 'call.answered', 'call.ended']
const unserved = ['call.started', 'call.queued', 'call.dequeued', 'call.ended']

/** Two calls, each answered by one of three. */
const twoServed = (queue: string) => ({
  calls: [0, 1].map(() => ({ outcome: 'answered', queues: [{ queue, position: 1, outcome: 'answered' }] })),
})

const ANSWERED: Stories = {
  'queue-answered': {
    told: served,
    calls: [
      {
        direction: 'inbound',
        outcome: 'answered',
        endedBy: 'caller',
        queues: [{ queue: 'sales', position: 1, outcome: 'answered', ...ANA }],
        offers: [
          { queue: 'sales', member: 'Ben', result: 'answered-elsewhere' },
          { queue: 'sales', ...ANA, result: 'answered' },
        ],
        segments: [{ kind: 'queue', name: 'sales' }, { kind: 'talk' }],
        agents: [{ member: 'Ben', talkedMs: 0 }, ANA],
      },
    ],
  },
  'queue-answered-agent-ends': {
    told: served,
    calls: [{ endedBy: 'callee', queues: [{ outcome: 'answered', ...ANA }] }],
  },
  'queue-both-hang-up': { told: served, calls: [{ outcome: 'answered' }] },
  // The phone behind a Local member is the one that was offered the call and answered it.
  'queue-local': {
    told: served,
    calls: [
      {
        queues: [{ queue: 'desk', outcome: 'answered', extension: '1001' }],
        offers: [{ queue: 'desk', extension: '1001', result: 'answered' }],
        segments: [{ kind: 'queue' }, { kind: 'talk' }],
      },
    ],
  },
  'queue-local-kept': {
    told: served,
    calls: [{ queues: [{ outcome: 'answered', extension: '1001' }], segments: [{ kind: 'queue' }, { kind: 'talk' }] }],
  },
  'queue-two-devices': {
    calls: [
      {
        queues: [{ outcome: 'answered', extension: '1004' }],
        offers: [
          { queue: 'desk', extension: '1001', result: 'answered-elsewhere' },
          { queue: 'desk', extension: '1004', result: 'answered' },
        ],
      },
    ],
  },
  'queue-two-wait': {
    calls: [
      { queues: [{ position: 1, outcome: 'answered' }], endedBy: 'caller' },
      { queues: [{ position: 2, leftPosition: 1, outcome: 'answered' }], endedBy: 'callee' },
    ],
  },
  'queue-ring-no-answer': {
    calls: [
      {
        queues: [{ outcome: 'answered', extension: '1002' }],
        offers: [
          { extension: '1001', result: 'no-answer' },
          { extension: '1002', result: 'answered' },
        ],
      },
    ],
  },
  'queue-rejected': {
    calls: [
      {
        queues: [{ outcome: 'answered', extension: '1002' }],
        offers: [
          { extension: '1001', result: 'rejected' },
          { extension: '1002', result: 'answered' },
        ],
      },
    ],
  },
  'queue-busy': {
    calls: [
      {
        queues: [{ outcome: 'answered', extension: '1002' }],
        offers: [
          { extension: '1001', result: 'busy' },
          { extension: '1002', result: 'answered' },
        ],
      },
    ],
  },
  'queue-member-in-call': {
    calls: [
      { direction: 'internal', outcome: 'answered' },
      { queues: [{ outcome: 'answered', extension: '1002' }], offers: [{ extension: '1002' }] },
    ],
  },
  'queue-held': {
    told: [
      'call.started',
      'call.queued',
      'call.dequeued',
      'call.answered',
      'call.held',
      'call.retrieved',
      'call.held',
      'call.ended',
    ],
    calls: [
      {
        endedBy: 'caller',
        segments: [{ kind: 'queue' }, { kind: 'talk' }, { kind: 'hold' }, { kind: 'talk' }, { kind: 'hold' }],
      },
    ],
  },
  'queue-unreachable-member': { calls: [{ queues: [{ outcome: 'answered', extension: '1002' }] }] },
  // The caller stays after the talk; whoever hung up first has ended it all the same.
  'queue-continued': {
    calls: [{ endedBy: 'callee', segments: [{ kind: 'queue' }, { kind: 'talk' }, { kind: 'survey' }] }],
  },
  'queue-continued-caller-ends': { calls: [{ endedBy: 'caller', segments: [{ kind: 'queue' }, { kind: 'talk' }] }] },
  ...Object.fromEntries(
    ['ringall', 'leastrecent', 'fewestcalls', 'random', 'rrmemory', 'rrordered', 'linear', 'wrandom'].map(name => [
      `queue-${name}`,
      twoServed(name),
    ]),
  ),
}

const NOT_ANSWERED: Stories = {
  'queue-abandoned': {
    told: unserved,
    calls: [
      {
        outcome: 'abandoned',
        endedBy: 'caller',
        queues: [{ outcome: 'abandoned' }],
        offers: [{ result: 'caller-gave-up' }, { result: 'caller-gave-up' }],
      },
    ],
  },
  'queue-abandoned-nobody-there': { told: unserved, calls: [{ outcome: 'abandoned', offers: [] }] },
  'queue-local-abandoned': {
    calls: [{ outcome: 'abandoned', offers: [{ queue: 'desk', extension: '1001', result: 'caller-gave-up' }] }],
  },
  'queue-all-reject': {
    calls: [{ outcome: 'abandoned', offers: [{ result: 'rejected' }, { result: 'rejected' }] }],
  },
  'queue-ring-no-answer-gave-up': {
    calls: [{ outcome: 'abandoned', offers: [{ result: 'no-answer' }, { result: 'caller-gave-up' }] }],
  },
  'queue-timeout': {
    calls: [
      {
        outcome: 'no-answer',
        endedBy: 'pbx',
        queues: [{ outcome: 'timeout' }],
        offers: [{ result: 'no-answer' }, { result: 'no-answer' }],
      },
    ],
  },
  'queue-limited': {
    calls: [
      {
        outcome: 'abandoned',
        endedBy: 'pbx',
        inferred: undefined,
        queues: [{ outcome: 'abandoned' }],
        offers: [{ result: 'caller-gave-up' }, { result: 'caller-gave-up' }],
      },
    ],
  },
  'queue-key': { calls: [{ outcome: 'no-answer', queues: [{ outcome: 'exit-key' }] }] },
  'queue-full': {
    calls: [
      { queues: [{ outcome: 'abandoned' }] },
      { outcome: 'busy', endedBy: 'pbx', queues: [{ queue: 'small', outcome: 'full', waitedMs: 0 }] },
    ],
  },
  'queue-join-empty': { calls: [{ outcome: 'unreachable', queues: [{ outcome: 'join-empty', waitedMs: 0 }] }] },
  'queue-leave-empty': { calls: [{ outcome: 'unreachable', queues: [{ outcome: 'leave-empty' }] }] },
  'queue-withdrawn': { calls: [{ outcome: 'no-answer', endedBy: 'pbx', queues: [{ outcome: 'withdrawn' }] }] },
}

export const QUEUES: Stories = { ...ANSWERED, ...NOT_ANSWERED }
