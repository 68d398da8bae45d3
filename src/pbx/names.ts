/**
 * Every name that the daemon and the PBX's own configuration must agree on. The files in dialplan/ define them on the
 * PBX's side; a test compares the two.
 */
export const NAMES = {
  /** Where a phone that the daemon has rung goes on to dial: extension = the number to dial. */
  dialContext: 'aladdin-dial',
  /** Where a caller goes on who was transferred; in the second one, the phone that did it is rung if nobody answers. */
  transferContext: 'aladdin-transfer',
  transferBackContext: 'aladdin-transfer-back',
  /** Where phones go that the daemon has rung: into the talk of a channel, to hear it, to take what rings there. */
  joinContext: 'aladdin-join',
  listenContext: 'aladdin-listen',
  takeContext: 'aladdin-take',
  unparkContext: 'aladdin-unpark',
  /** Where callers from outside go on whom the daemon sends to a number, or leaves to the site's dialplan. */
  goContext: 'aladdin-go',
  onContext: 'aladdin-on',
  /** Where callers go on whom an agent's phone is rung for first; extension = for how many seconds, a `*`, and the number after that. */
  agentContext: 'aladdin-agent',
  /** Where whoever is to be asked how it was is sent. */
  surveyContext: 'aladdin-survey',
  /** Where callers leave a message; extension = the box. And where the light of a box is set. */
  voicemailContext: 'aladdin-voicemail',
  lightContext: 'aladdin-light',
  /** Where phones go that are rung to hear a prompt, or to speak one. */
  promptContext: 'aladdin-prompt',
  promptRecordContext: 'aladdin-prompt-record',
  /** Channel variable: which prompt, as the PBX calls it. */
  promptVariable: 'ALADDIN_PROMPT',
  /** Where callers go on whom a command takes out of a queue: extension = the number to dial, or the cause with which they are hung up on. */
  withdrawnContext: 'aladdin-withdrawn',
  sentAwayContext: 'aladdin-sent-away',
  /** Where a key takes callers out of a queue. */
  queueKeysContext: 'aladdin-queue-keys',
  /** Where callers wait on, at their place, whom a key has taken out of a queue. */
  queueBackContext: 'aladdin-queue-back',
  /** Of somebody who is to be called back: where they wait, and where their number is dialled when an agent has answered. */
  callBackQueueContext: 'aladdin-callback-queue',
  callBackContext: 'aladdin-callback',
  /** Channel variables: in which queue, and at which place. */
  queueVariable: 'ALADDIN_QUEUE',
  positionVariable: 'ALADDIN_POSITION',
  /** The global, or variable of the channel, with the number to which callers go while the daemon is away. */
  fallbackGlobal: 'ALADDIN_FALLBACK',
  /** Channel variable: that channel, by its name; or the number of a parking space. */
  targetVariable: 'ALADDIN_TARGET',
  /** The dialplan global that names the context in which the site's phones dial. */
  outgoingContextGlobal: 'ALADDIN_OUTGOING_CONTEXT',
  /** Channel variable: the extension on whose behalf the daemon dials; becomes the caller id. */
  fromVariable: 'ALADDIN_FROM',
  /** Channel variable: what a number outside is to be shown, if the site's dialplan does so. */
  callerIdVariable: 'ALADDIN_CALLER_ID',
  /** Channel variable: what came of a feature code. */
  answerVariable: 'ALADDIN_ANSWER',
  /** Channel variable: the extension of the phone, which it hears. */
  extensionVariable: 'ALADDIN_EXTENSION',
  /** The template in manager.conf that carries the rights and the event filter. */
  managerTemplate: 'aladdin-rights',
  /** The Stasis application. */
  stasisApp: 'aladdin',
} as const

/** The key sequences by which transfers are carried out: sections and keys of features.conf. */
export const FEATURES = {
  general: { atxferabort: '*1', atxfercomplete: '*2', atxferthreeway: '*3', atxferswap: '*4' },
  featuremap: { blindxfer: '##', atxfer: '*2', parkcall: '#72' },
} as const

/** A leg that the daemon originates has a Uniqueid of this beginning, then the id of the command that asked for it. */
export const OWN_LEG = 'aladdin-'
