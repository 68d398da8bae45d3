/** Stories of a PBX in the field, as the history must have them; and shared ones of which such a PBX tells less. */
import { HOSTILE_NAME } from '../../lab/stories/field.js'
import type { Stories } from './stories.js'

const ana = { extension: '1001' }
const ben = { extension: '1002' }
const mobile = (number: string) => ({ number, e164: `+86${number}` })

/** Picked up, but the caller never came through: nobody has talked. */
const notThrough = { outcome: 'abandoned', queues: [{ outcome: 'abandoned' }], talkedMs: 0, inferred: undefined }

/** Ben is asked for a key, by whatever asks: only who presses 1 has answered. */
function confirmedBy(name: string): Stories {
  const unanswered = { outcome: 'no-answer', endedBy: 'pbx', talkedMs: 0, inferred: undefined }
  return {
    [`${name}-confirmed`]: {
      calls: [
        { outcome: 'answered', endedBy: 'caller', inferred: undefined, offers: [{ ...ben, result: 'answered' }] },
      ],
    },
    [`${name}-not-confirmed`]: { calls: [{ ...unanswered, offers: [{ ...ben, result: 'not-accepted' }] }] },
    [`${name}-confirm-hung-up`]: { calls: [{ ...unanswered, offers: [{ ...ben, result: 'not-accepted' }] }] },
    [`${name}-confirm-caller-gone`]: {
      calls: [{ outcome: 'cancelled', endedBy: 'caller', talkedMs: 0, offers: [{ ...ben, result: 'caller-gave-up' }] }],
    },
  }
}

/** Nothing says how they left, so it is concluded; who was turned away has never been in the queue. */
const concluded = { inferred: true, outcome: 'no-answer', endedBy: 'pbx' }
const turnedAway = { direction: 'inbound', endedBy: 'pbx', queues: [], talkedMs: 0 }

/** Which of two phones behind Local channels rings first, no one can say. */
const ANY_ORDER: Stories = {
  'queue-answered': {
    calls: [
      {
        direction: 'inbound',
        outcome: 'answered',
        endedBy: 'caller',
        queues: [{ queue: 'sales', position: 1, outcome: 'answered', member: 'Ana', ...ana }],
        offers: [
          { queue: 'sales', result: /^answered/ },
          { queue: 'sales', result: /^answered/ },
        ],
        segments: [{ kind: 'queue', name: 'sales' }, { kind: 'talk' }],
      },
    ],
  },
}

/** Shared stories, without `aladdin-queue` behind `Queue()`. */
const WITHOUT_STATUS: Stories = {
  'queue-timeout': {
    calls: [
      {
        ...concluded,
        queues: [{ outcome: 'timeout' }],
        offers: [{ result: 'no-answer' }, { result: 'no-answer' }],
      },
    ],
  },
  'queue-full': { calls: [{ queues: [{ outcome: 'abandoned' }] }, turnedAway] },
  'queue-join-empty': { calls: [turnedAway] },
  'queue-leave-empty': { calls: [{ ...concluded, queues: [{ outcome: 'timeout' }] }] },
  'queue-withdrawn': { calls: [{ ...concluded, queues: [{ outcome: 'timeout' }] }] },
}

export const FIELD: Stories = {
  ...ANY_ORDER,
  ...WITHOUT_STATUS,
  // The second customer has another number here.
  'attended-refer-two-customers': {
    calls: [{ transfers: [{ kind: 'attended', to: mobile('13987654321'), outcome: 'answered' }], mergedFrom: [/./] }],
  },
  'field-static-member': {
    calls: [
      {
        direction: 'inbound',
        outcome: 'answered',
        from: mobile('13812345678'),
        queues: [{ queue: 'support', outcome: 'answered', member: 'Alice', agent: undefined, ...ana }],
        segments: [{ kind: 'queue' }, { kind: 'talk' }],
      },
    ],
  },
  'field-member-named-as-staff': {
    calls: [
      {
        outcome: 'answered',
        queues: [{ queue: 'support', outcome: 'answered', member: '8002', agent: undefined, extension: '1003' }],
      },
    ],
  },
  'field-letter-case': {
    calls: [
      {
        outcome: 'answered',
        from: { name: 'Sales: 13812345678' },
        queues: [{ queue: 'sales', outcome: 'answered', ...ana }],
      },
    ],
  },
  'field-announced': {
    calls: [{ outcome: 'answered', queues: [{ queue: 'announced', outcome: 'answered', ...ana }] }],
  },
  'field-announced-caller-gone': { calls: [notThrough] },
  'field-announced-agent-gone': { calls: [notThrough] },
  'field-delayed': { calls: [{ outcome: 'answered', queues: [{ queue: 'delayed', outcome: 'answered', ...ana }] }] },
  'field-delayed-caller-gone': { calls: [notThrough] },
  'field-two-devices': {
    calls: [
      {
        direction: 'internal',
        outcome: 'answered',
        to: { extension: '201' },
        offers: [
          { extension: '201', result: 'answered-elsewhere' },
          { extension: '201', result: 'answered' },
        ],
      },
    ],
  },
  'field-two-devices-of-a-member': {
    calls: [{ outcome: 'answered', queues: [{ queue: 'support', outcome: 'answered', extension: '201' }] }],
  },
  'field-prefix-dialled': {
    calls: [{ direction: 'outbound', outcome: 'answered', from: ana, to: mobile('13812345678') }],
  },
  'field-prefixed-caller': {
    calls: [{ direction: 'inbound', outcome: 'answered', from: mobile('13700000001'), to: {} }],
  },
  'field-group-answered-inside': {
    calls: [
      {
        direction: 'inbound',
        outcome: 'answered',
        offers: [
          { ...ben, result: 'answered' },
          { number: '13800000001', result: 'answered-elsewhere' },
        ],
      },
    ],
  },
  'field-group-answered-outside': {
    calls: [
      {
        direction: 'inbound',
        outcome: 'answered',
        offers: [
          { ...ben, result: 'answered-elsewhere' },
          { number: '13800000001', result: 'answered' },
        ],
      },
    ],
  },
  'field-follow-me-accepted': {
    calls: [
      {
        direction: 'inbound',
        outcome: 'answered',
        offers: [
          { ...ana, result: 'no-answer' },
          { number: '13900000001', result: 'answered' },
        ],
      },
    ],
  },
  'field-follow-me-declined': {
    calls: [
      {
        direction: 'inbound',
        talkedMs: 0,
        offers: [
          { ...ana, result: 'no-answer' },
          { number: '13900000001', result: 'not-accepted' },
        ],
      },
    ],
  },
  'field-hostile-name': {
    calls: [
      {
        ...{ direction: 'inbound', outcome: 'answered', endedBy: 'caller', inferred: undefined },
        from: { ...mobile('13812345678'), name: `Sales: ${HOSTILE_NAME}` },
        queues: [{ queue: 'sales', outcome: 'answered', ...ana }],
      },
    ],
  },
  'field-apart-member-confirmed': {
    calls: [
      {
        ...{ outcome: 'answered', endedBy: 'caller', inferred: undefined },
        queues: [{ queue: 'ringall', outcome: 'answered', ...ben }],
        offers: [{ queue: 'ringall', ...ben, result: 'answered' }],
        segments: [{ kind: 'queue' }, { kind: 'talk' }],
      },
    ],
  },
  'field-apart-member-not-confirmed': {
    calls: [
      { ...notThrough, endedBy: 'caller', offers: [{ queue: 'ringall', ...ben, via: /./, result: 'not-accepted' }] },
    ],
  },
  'field-apart-member-released': {
    calls: [
      { ...notThrough, endedBy: 'caller', offers: [{ queue: 'ringall', ...ben, via: /./, result: 'not-accepted' }] },
    ],
  },
  'field-apart-member-caller-gone': {
    calls: [
      { ...notThrough, endedBy: 'caller', offers: [{ queue: 'ringall', ...ben, via: /./, result: 'caller-gave-up' }] },
    ],
  },
  ...confirmedBy('field'),
  ...confirmedBy('field-macro'),
  ...confirmedBy('field-apart'),
  'field-forwarded-outside': {
    calls: [
      {
        direction: 'inbound',
        outcome: 'answered',
        offers: [
          { ...ana, result: 'forwarded', forwardedTo: '13900000002' },
          { number: '13900000002', result: 'answered' },
        ],
      },
    ],
  },
}
