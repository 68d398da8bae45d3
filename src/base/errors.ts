/** Every refusal the API can give: HTTP status, whether the same request may be sent again unchanged, and what it means. */
export const ERRORS = {
  BAD_REQUEST: { status: 400, retry: false, text: 'The request does not fit its schema.' },
  CURSOR_INVALID: { status: 400, retry: false, text: 'The cursor is not one that this API handed out.' },
  UNAUTHORIZED: { status: 401, retry: false, text: 'An API key is missing or not known.' },
  SIGN_IN_REFUSED: { status: 403, retry: false, text: 'The staff id or the password is not right.' },
  RIGHT_MISSING: { status: 403, retry: false, text: 'Whoever asks has no right to do this.' },
  NOT_FOUND: { status: 404, retry: false, text: 'There is nothing at this address.' },
  TRANSFER_NOT_FOUND: { status: 404, retry: false, text: 'The call has no such transfer.' },
  RECORDING_NOT_FOUND: { status: 404, retry: false, text: 'The PBX has no such recording, or none that is done.' },
  LEG_NOT_FOUND: { status: 404, retry: false, text: 'Nobody with this leg is in the call now.' },
  CALL_NOT_FOUND: { status: 404, retry: false, text: 'No call has this id.' },
  ITEM_NOT_FOUND: { status: 404, retry: false, text: 'Nothing with this id is or was to be followed up.' },
  TRACE_NOT_FOUND: { status: 404, retry: false, text: 'The facts of this call are not kept, or no longer.' },
  QUEUE_NOT_FOUND: { status: 404, retry: false, text: 'No queue has this id.' },
  AGENT_NOT_FOUND: { status: 404, retry: false, text: 'No agent has this id.' },
  EXTENSION_NOT_FOUND: { status: 404, retry: false, text: 'Nothing is known of an extension of this id.' },
  ENTRY_NOT_FOUND: { status: 404, retry: false, text: 'The directory has no such entry.' },
  CALLER_NOT_FOUND: { status: 404, retry: false, text: 'No such caller waits in this queue now.' },
  PBX_NOT_FOUND: { status: 404, retry: false, text: 'No PBX has this name.' },
  METHOD_NOT_ALLOWED: { status: 405, retry: false, text: 'This address does not answer to this method.' },
  CALL_ENDED: { status: 409, retry: false, text: 'The call has ended already.' },
  CALL_LOCKED: { status: 409, retry: false, text: 'The call is locked: nobody else can be brought in.' },
  CALL_BUSY: { status: 409, retry: true, text: 'Another command on this call is being carried out.' },
  CALL_STATE: { status: 409, retry: false, text: 'The call is not in a state in which this can be done.' },
  NOT_IN_CALL: { status: 409, retry: false, text: 'Whoever asks has no part in this call now.' },
  TRANSFER_STATE: { status: 409, retry: false, text: 'The transfer is not in a state in which this can be done.' },
  EXTENSION_BUSY: { status: 409, retry: true, text: 'The phone of the extension can take no more calls now.' },
  QUEUE_UNATTENDED: { status: 409, retry: true, text: 'Nobody is there to answer this queue.' },
  PHONE_CANNOT: { status: 409, retry: false, text: 'The phone of the extension cannot do this by command.' },
  EXTENSION_UNREACHABLE: { status: 409, retry: true, text: 'The extension has no phone that can be reached now.' },
  EXTENSION_UNREGISTERED: { status: 409, retry: true, text: 'The extension has no phone that is registered.' },
  EXTENSION_TAKEN: { status: 409, retry: false, text: 'Somebody else has signed in at this extension.' },
  NOT_SIGNED_IN: { status: 409, retry: false, text: 'The agent has not signed in, or not with a phone.' },
  AGENT_BUSY: { status: 409, retry: true, text: 'The agent is on a call, or another command is under way.' },
  NOT_IN_WRAP_UP: { status: 409, retry: false, text: 'The agent is in no wrap-up.' },
  ENTRY_EXISTS: { status: 409, retry: false, text: 'The directory has an entry of this id already.' },
  ENTRY_IN_USE: { status: 409, retry: false, text: 'Something else needs what would be taken out.' },
  COMMAND_REFUSED: { status: 409, retry: false, text: 'The PBX refused the command.' },
  COMMAND_UNDER_WAY: {
    status: 409,
    retry: true,
    text: 'The first command with this Idempotency-Key is still being carried out.',
  },
  CURSOR_GONE: { status: 410, retry: false, text: 'Events after this cursor are no longer kept: take a snapshot.' },
  BODY_TOO_LARGE: { status: 413, retry: false, text: 'The body is larger than this address takes.' },
  URI_TOO_LONG: { status: 414, retry: false, text: 'The address is longer than any that exists here.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retry: false, text: 'The body must be application/json.' },
  RANGE_NOT_SATISFIABLE: { status: 416, retry: false, text: 'The file has no such part.' },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    retry: false,
    text: 'The Idempotency-Key came with another request before.',
  },
  NUMBER_NOT_ALLOWED: {
    status: 422,
    retry: false,
    text: 'The number holds something other than digits, *, # and a leading +.',
  },
  NUMBER_UNKNOWN: { status: 422, retry: false, text: 'The dialplan of the PBX has no such number.' },
  TRANSFER_TO_SELF: { status: 422, retry: false, text: 'The call cannot go to whoever sends it on.' },
  WHO_UNCLEAR: {
    status: 422,
    retry: false,
    text: 'The call has none or several extensions: say which is meant, as `extension` or `by`.',
  },
  NUMBER_FORBIDDEN: { status: 422, retry: false, text: 'The configuration forbids this number.' },
  NUMBER_CLASS_FORBIDDEN: {
    status: 422,
    retry: false,
    text: 'Numbers of this kind, such as those abroad, may not be dialled from there.',
  },
  EXTENSION_UNKNOWN: { status: 422, retry: false, text: 'The number to dial from is not an extension of this PBX.' },
  ENTRY_INVALID: { status: 422, retry: false, text: 'The entry does not fit the rest of the directory.' },
  SURVEY_UNKNOWN: { status: 422, retry: false, text: 'There is no such survey, or it has to be named.' },
  REASON_UNKNOWN: { status: 422, retry: false, text: 'The reason is not in the dictionary, or is retired.' },
  WORKGROUP_UNKNOWN: {
    status: 422,
    retry: false,
    text: 'The directory has no such workgroup, or the PBX no queue of it.',
  },
  NOTES_FULL: { status: 422, retry: false, text: 'The call has as many fields as one call may have.' },
  DIAL_LIMIT_REACHED: {
    status: 429,
    retry: true,
    text: 'Whoever dials has dialled as many numbers outside as an hour allows.',
  },
  TOO_MANY_ATTEMPTS: { status: 429, retry: true, text: 'Too many wrong passwords: try again in a few minutes.' },
  INTERNAL: { status: 500, retry: true, text: 'A fault of the daemon; its log has the details.' },
  PBX_DOWN: { status: 503, retry: true, text: 'The PBX is not connected.' },
  STORE_DOWN: { status: 503, retry: true, text: 'Redis cannot be reached.' },
  TOO_MANY_STREAMS: { status: 503, retry: true, text: 'No more event streams can be opened now.' },
  STOPPING: { status: 503, retry: true, text: 'The daemon is stopping.' },
  PBX_SILENT: { status: 504, retry: false, text: 'The PBX did not confirm in time; what was asked may still happen.' },
} as const

export type ErrorCode = keyof typeof ERRORS

/** An exception that is an answer: only the API's error handler looks at it. */
export class Refusal extends Error {
  constructor(
    readonly code: ErrorCode,
    /** What exactly was wrong; never a secret, never a value from outside. */
    readonly detail?: string,
  ) {
    super(code)
  }
}
