/**
 * What the records of the history need not spell out: the names of fields, and texts that come again and again. Both are
 * only ever added to, at the end: what a record says is the place in these lists. Pure.
 */

/** The first list that has all the fields of an object is the one it is written by; a field may be in several. */
export const KINDS: readonly (readonly string[])[] = [
  ['number', 'e164', 'name', 'extension'],
  ['leg', 'extension', 'number', 'startedAt', 'ringingAt', 'endedAt', 'result', 'queue', 'agent', 'forwardedTo'],
  ['kind', 'legs', 'startedAt', 'endedAt', 'durationMs', 'name'],
  [
    ...['id', 'channel', 'side', 'state', 'number', 'startedAt', 'ringingAt', 'answeredAt', 'endedAt', 'causeQ850'],
    ...['reason', 'extension', 'trunk', 'agent', 'role'],
  ],
  [
    ...['queue', 'leg', 'joinedAt', 'position', 'leftAt', 'waitedMs', 'outcome', 'answeredBy', 'agent', 'extension'],
    'leftPosition',
  ],
  ['talkMs', 'consultMs', 'holdMs', 'parkMs', 'queueMs', 'ringMs', 'voicemailMs', 'ivrMs', 'otherMs'],
  ['legs', 'talkedMs', 'heldMs', 'rangMs', 'extension', 'agent'],
  [...['kind', 'by', 'to', 'state', 'startedAt', 'endedAt', 'outcome', 'from', 'agent', 'extension', 'answeredBy']],
  [
    ...['id', 'pbx', 'revision', 'state', 'direction', 'from', 'to', 'startedAt', 'legs', 'offers', 'segments'],
    ...['queues', 'transfers', 'agents', 'endedAt', 'durationMs', 'talkedMs', 'outcome', 'endedBy', 'causeQ850'],
    ...['times', 'ringingAt', 'answeredAt', 'waitedMs', 'heldMs', 'inferred', 'causedBy', 'mergedInto', 'mergedFrom'],
    ...['tags', 'note', 'data'],
  ],
]

export const WORDS: readonly string[] = [
  ...['ended', 'caller', 'callee', 'gone', 'answered', 'talk', 'inbound', 'outbound', 'internal', 'queue', 'offer'],
  ...['hung-up', 'left-alone', 'no-answer', 'busy', 'rejected', 'unavailable', 'answered-elsewhere', 'caller-gave-up'],
  ...['picked-up', 'transferred', 'parked', 'command', 'pbx', 'lost', 'abandoned', 'cancelled', 'unreachable'],
  ...['voicemail', 'failed', 'unknown', 'ivr', 'hold', 'consult', 'conference', 'park', 'survey', 'fax', 'forwarded'],
  ...['timeout', 'exit-key', 'full', 'join-empty', 'leave-empty', 'withdrawn', 'left', 'blind', 'attended'],
  ...['semi-attended', 'three-way', 'forward', 'queued', 'returned', 'open', 'done', 'monitor', 'merged', 'held'],
  ...['up', 'down', 'ringing', 'talking', 'started', ''],
]

/** How texts that are in no list are likely to begin. */
export const BEGINNINGS: readonly string[] = ['PJSIP/', 'Local/', '+']
