/** The commands by which an agent does something with a call, each with what it does. Names are those of the addresses. */

/** From one's own phone. */
export const CALL_COMMANDS = {
  answer: 'Take the call that rings at the own phone',
  reject: 'Refuse it',
  leave: 'Hang up: where three or more talk, the others go on',
  digits: 'Send keys to the other side, such as for its menu',
  mute: 'Not be heard any more, or have somebody else of the talk not be',
  unmute: 'Be heard again, or have somebody else be',
  hold: 'Have the other side hear music',
  retrieve: 'Talk with them again',
  flash: 'Take the other side back from a transfer; while talking, hold or retrieve',
  transfer: 'Send the other side on to another number',
  add: 'Bring somebody else into the talk',
  drop: 'Put somebody out of the talk',
  lock: 'Let nobody else be brought into the talk',
  unlock: 'Let others be brought in again',
  record: 'Record what is said, both sides',
  'record/pause': 'Record nothing for a while',
  'record/resume': 'Go on recording',
  'record/stop': 'End the recording',
  survey: 'Ask the other side how it was, and be out of the talk',
  park: 'Have the other side wait in a parking space',
} as const
export type CallCommand = keyof typeof CALL_COMMANDS

/** With a transfer that was asked for and is not carried out. */
export const TRANSFER_COMMANDS = {
  complete: 'Hand the other side over, whether the one who is asked has answered or still rings',
  conference: 'All three talk',
  swap: 'Talk with the other of the two, while this one waits',
  cancel: 'Take the other side back',
} as const
export type TransferCommand = keyof typeof TRANSFER_COMMANDS

/** From a phone that has no part in the call. */
export const OUTSIDE_COMMANDS = {
  pickup: 'Take a call that rings at another phone',
  unpark: 'Take up a call that waits in a parking space',
  listen: 'Listen to an agent’s call, whisper to them, or be heard by all',
  'take-over': 'Come into an agent’s call in their place',
} as const
export type OutsideCommand = keyof typeof OUTSIDE_COMMANDS

export const ALL_COMMANDS: readonly string[] = [CALL_COMMANDS, TRANSFER_COMMANDS, OUTSIDE_COMMANDS].flatMap(Object.keys)
