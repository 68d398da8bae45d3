/** Stories of calls that whoever picks up accepts or not, and of calls whose length is limited, as the history must have them. */
import type { Stories } from './stories.js'

const ana = { extension: '1001' }

/** She was on the phone, and not with the caller. */
const declined = {
  calls: [
    {
      outcome: 'no-answer',
      endedBy: 'pbx',
      talkedMs: 0,
      inferred: undefined,
      answeredAt: undefined,
      offers: [{ ...ana, result: 'not-accepted' }],
      legs: [{}, { ...ana, answeredAt: /./, reason: 'not-accepted' }],
    },
  ],
}

const cutOff = {
  calls: [
    {
      outcome: 'answered',
      endedBy: 'pbx',
      causeQ850: 16,
      inferred: undefined,
      legs: [{ reason: 'pbx' }, { reason: 'pbx' }],
    },
  ],
}

export const ACCEPTED: Stories = {
  'confirm-accepted': { calls: [{ outcome: 'answered', endedBy: 'caller', offers: [{ ...ana, result: 'answered' }] }] },
  'confirm-continue': declined,
  'confirm-abort': declined,
  'confirm-busy': declined,
  'confirm-congestion': declined,
  'confirm-agent-gone': declined,
  'confirm-caller-gone': {
    calls: [{ outcome: 'cancelled', endedBy: 'caller', talkedMs: 0, offers: [{ ...ana, result: 'caller-gave-up' }] }],
  },
  'confirm-goto': {
    calls: [
      {
        outcome: 'answered',
        offers: [
          { ...ana, result: 'not-accepted' },
          { extension: '1003', result: 'answered' },
        ],
        agents: [{ ...ana, talkedMs: 0 }, { extension: '1003' }],
      },
    ],
  },
  'limited-by-l': cutOff,
  'limited-by-s': cutOff,
  'limited-absolute': cutOff,
}
