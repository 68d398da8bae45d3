/**
 * What the records of the history need not spell out: the names of fields, and texts that come again and again. Both are
 * only ever added to, at the end: what a record says is the place in these lists. Pure.
 */

/**
 * The first list that has all the fields of an object is the one it is written by; a field may be in several. `whole`: such
 * an object has all of them, each a number, and those that are 0 are not written.
 */
export type Kind = Readonly<{ keys: readonly string[]; whole?: true }>

export const KINDS: readonly Kind[] = [
  { keys: ['number', 'e164', 'name', 'extension'] },
  {
    keys: [
      'leg',
      'extension',
      'number',
      'startedAt',
      'ringingAt',
      'endedAt',
      'result',
      'queue',
      'agent',
      'forwardedTo',
      'member',
      'via',
    ],
  },
  { keys: ['kind', 'legs', 'startedAt', 'endedAt', 'durationMs', 'name'] },
  {
    keys: [
      ...['startedAt', 'id', 'extension', 'trunk', 'number', 'channel', 'side', 'state', 'ringingAt', 'answeredAt'],
      ...['endedAt', 'causeQ850', 'reason', 'agent', 'role', 'mode', 'muted', 'hears', 'askedBy'],
      'member',
    ],
  },
  {
    keys: [
      ...['queue', 'leg', 'joinedAt', 'position', 'leftAt', 'waitedMs', 'outcome', 'answeredBy', 'agent', 'extension'],
      ...['leftPosition', 'member'],
    ],
  },
  {
    keys: ['talkMs', 'consultMs', 'holdMs', 'parkMs', 'queueMs', 'ringMs', 'voicemailMs', 'ivrMs', 'otherMs'],
    whole: true,
  },
  { keys: ['legs', 'talkedMs', 'heldMs', 'rangMs', 'extension', 'agent', 'member'] },
  {
    keys: [
      ...['kind', 'by', 'to', 'state', 'startedAt', 'endedAt', 'outcome', 'from', 'agent', 'extension', 'answeredBy'],
      ...['id', 'askedAt'],
    ],
  },
  {
    keys: [
      ...['startedAt', 'id', 'pbx', 'revision', 'state', 'direction', 'from', 'to', 'legs', 'offers', 'segments'],
      ...['queues', 'transfers', 'agents', 'endedAt', 'durationMs', 'talkedMs', 'outcome', 'endedBy', 'causeQ850'],
      ...['times', 'ringingAt', 'answeredAt', 'waitedMs', 'heldMs', 'inferred', 'causedBy', 'mergedInto', 'mergedFrom'],
      ...['tags', 'note', 'data', 'recordings', 'actions', 'locked', 'routing', 'survey', 'ivr', 'wrapUps'],
    ],
  },
  { keys: ['name', 'leg', 'state', 'startedAt', 'endedAt', 'by', 'file'] },
  { keys: ['does', 'because', 'to', 'then', 'wishes', 'workgroup', 'customer'] },
  { keys: ['rule', 'name'] },
  {
    keys: [
      ...['name', 'leg', 'questions', 'outcome', 'startedAt', 'endedAt', 'agent', 'extension', 'queue', 'automatic'],
      'comment',
    ],
  },
  { keys: ['id', 'times', 'key', 'meaning', 'score', 'answeredAt'] },
  { keys: ['by', 'agent', 'workgroup', 'skipped', 'result'] },
  { keys: ['steps', 'variables', 'language', 'endedAt', 'ended'] },
  { keys: ['ivr', 'node', 'at', 'key', 'result', 'times'] },
  { keys: ['agent', 'code', 'queue', 'at'] },
]

/** The first eight take one byte each, the others two. */
export const WORDS: readonly string[] = [
  ...['', 'gone', 'callee', 'hung-up', 'answered', 'talk', 'queue', 'caller'],
  ...[
    'no-answer',
    'ended',
    'inbound',
    'outbound',
    'internal',
    'offer',
    'left-alone',
    'busy',
    'rejected',
    'unavailable',
  ],
  ...['answered-elsewhere', 'caller-gave-up', 'picked-up', 'transferred', 'parked', 'command', 'pbx', 'lost'],
  ...['abandoned', 'cancelled', 'unreachable', 'voicemail', 'failed', 'unknown', 'ivr', 'hold', 'consult'],
  ...['conference', 'park', 'survey', 'fax', 'forwarded', 'timeout', 'exit-key', 'full', 'join-empty'],
  ...['leave-empty', 'withdrawn', 'left', 'blind', 'attended', 'semi-attended', 'three-way', 'forward', 'queued'],
  ...['returned', 'open', 'done', 'monitor', 'merged', 'held', 'up', 'down', 'ringing', 'talking', 'started'],
  ...['dialplan', 'number', 'fallback', 'route', 'no-route', 'daemon-away'],
  ...['message', 'closed', 'holiday', 'exception', 'emergency'],
  ...['completed', 'partly', 'not-answered', 'hung-up', 'not-offered'],
  ...[
    'hangup',
    'blacklist',
    'allowed',
    'not-screened',
    'dedicated',
    'last-agent',
    'signed-out',
    'not-ready',
    'wrap-up',
  ],
  ...['collected', 'invalid', 'found', 'key'],
  'not-accepted',
]

/** How texts that are in no list are likely to begin. */
export const BEGINNINGS: readonly string[] = ['PJSIP/', 'Local/']
