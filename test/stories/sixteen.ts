/**
 * The stories that are played on Asterisk 16 with each `npm test`, beside 22: those of which the two versions tell
 * something else, and one of each kind. All the others are played on 16 by `npm run test:long`, and their recordings on 16
 * are told by each `npm test`; test/stories/versions.test.ts keeps this list complete.
 */

/** The recordings differ in more than order: causes, statuses, or what an event says of a transfer. */
const DIFFERENT = [
  ...['outside', 'recall-unanswered', 'semi', 'semi-unanswered', 'unanswered'].map(end => `attended-code-${end}`),
  ...['attended-command-unanswered', 'local-semi-code', 'parked-attended-hung-up'],
  ...['code-semi', 'command-semi', 'command-three-way'].map(way => `queue-attended-${way}`),
  ...['forwarded', 'forwarded-overtaken', 'forwarded-picked-up', 'forwarded-twice', 'forwarded-unanswered'],
  ...['queue-forwarded', 'queue-forwarded-overtaken'],
  ...['confirm-agent-gone', 'local-not-accepted', 'listened', 'queue-listened', 'menu-hung-up', 'voicemail'],
  ...['abandoned', 'abandoned-nobody-there', 'all-reject', 'full', 'local-abandoned', 'ring-no-answer-gave-up'].map(
    end => `queue-${end}`,
  ),
  ...['queue-then-voicemail', 'queue-blind-code-queue', 'queue-conference-added'],
  // Whom these strategies ring is chance.
  ...['queue-random', 'queue-wrandom'],
]

/** The two say the same; each is one of its kind, or uses what came late to 16 or has changed since. */
const ONE_OF_EACH_KIND = [
  ...['internal-answered', 'internal-held', 'inbound-answered', 'inbound-withheld', 'outbound-answered'],
  ...['dial-answered', 'dial-unreachable', 'hangup-by-api'],
  ...['answered', 'key', 'timeout', 'withdrawn', 'rejected', 'leave-empty', 'ringall', 'linear'].map(
    end => `queue-${end}`,
  ),
  ...['blind-refer-phone', 'blind-code-phone', 'blind-command-phone', 'blind-code-ring-back', 'blind-code-unanswered'],
  ...['completed', 'aborted', 'swapped', 'three-way', 'transferer-gone', 'queue'].map(end => `attended-code-${end}`),
  ...[
    'attended-refer-completed',
    'attended-refer-semi',
    'attended-refer-queue',
    'attended-refer-two-customers',
    'attended-command-aborted',
  ],
  ...['pickup-group', 'pickup-directed', 'pickup-command', 'pickup-nothing'],
  ...['queue-pickup-group', 'queue-pickup-directed', 'local-pickup'],
  ...['parked-refer-retrieved', 'parked-code-retrieved', 'parked-command-retrieved', 'parked-gave-up', 'parked-swap'],
  ...['parked-came-back', 'parked-came-back-unanswered', 'queue-parked'],
  ...['parked-attended-code', 'parked-attended-came-back', 'parked-again', 'queue-local-parked-refer'],
  ...['conference-added', 'conference-room', 'listened-internal', 'menu-queue', 'menu-phone'],
  ...['local-accepted', 'local-unanswered', 'local-follow-me', 'local-attended-code', 'local-three-way'],
  ...['confirm-accepted', 'confirm-goto', 'limited-by-l', 'limited-by-s', 'limited-absolute'],
]

export const PLAYED_ON_16: ReadonlySet<string> = new Set([...DIFFERENT, ...ONE_OF_EACH_KIND])
