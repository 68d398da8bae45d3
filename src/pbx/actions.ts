/**
 * Everything the daemon may ask of a PBX; a closed list, and the only guard there is: several of Asterisk's actions
 * work for a user without any write right. An application is never named (`originate` would then be near root):
 * calls go to a context of ours.
 */
import type { LegId } from '../base/ids.js'

export type Action =
  /** Rings `endpoint` (`PJSIP/1001`); when it answers, it goes to `exten` in `context`. */
  | {
      do: 'originate'
      /** Chosen by us, so that the leg is known before it exists. */
      leg: LegId
      endpoint: string
      context: string
      exten: string
      callerId: string
      ringForMs: number
      variables: Partial<Record<VariableName, string>>
    }
  | { do: 'hangup'; leg: LegId; causeQ850: number }
  /** `name`: what queue_log calls the member. */
  | {
      do: 'queue-add'
      queue: string
      interface: string
      /** Whose state the queue is to watch, where that is another. */
      stateInterface?: string
      name: string
      penalty: number
      paused: boolean
      /** Why it is paused; empty where it is not. */
      reason: string
    }
  | { do: 'queue-remove'; queue: string; interface: string }
  /** Without a queue, in all of its queues. */
  | { do: 'queue-pause'; queue?: string; interface: string; paused: boolean; reason: string }
  | { do: 'queue-penalty'; queue: string; interface: string; penalty: number }
  /** Reads what is configured of them; members stay. */
  | { do: 'queue-reload' }
  /** `channel`: the name of the one who waits, since app_queue knows no other. The higher one is the sooner answered. */
  | { do: 'queue-priority'; queue: string; channel: string; priority: number }
  /** The caller goes on in a context of ours, wherever `Queue()` stands: with `exten`, the number to dial or the cause. */
  | { do: 'queue-withdraw'; leg: LegId; context: string; exten: string }
  /** The dialplan, which has told of a feature code, waits to hear what came of it. */
  | { do: 'answer-code'; leg: LegId; answer: CodeAnswer }
  /** Which extension a phone has that asks for it by a feature code. */
  | { do: 'tell-extension'; leg: LegId; extension: string }
  /** The light on the phones that watch a box of voicemail. */
  | { do: 'light'; leg: LegId; box: string; fresh: number; heard: number }
  | CallAction
  | ToolAction

/** What is done with the legs of a call, over AMI. */
export type CallAction =
  /** Whoever `leg` talks with dials `exten`; its own part in the call is over. */
  | { do: 'transfer'; leg: LegId; context: string; exten: string }
  /** `leg` dials `exten` while whoever it talks with waits: an attended transfer has begun. */
  | { do: 'consult'; leg: LegId; context: string; exten: string }
  | { do: 'cancel-consult'; leg: LegId }
  /** As if the phone of `leg` had sent this key: for what the PBX itself listens to. */
  | { do: 'press'; leg: LegId; key: string }
  /** The phone of `leg` hears this key. */
  | { do: 'play-key'; leg: LegId; key: string }
  /** Of `leg` the others hear silence: sound goes on, so that something else may be played over it. */
  | { do: 'silence'; leg: LegId; on: boolean }
  /** Of a conference room of the PBX, which `leg` is in: nobody else can dial into it, or can again. */
  | { do: 'lock-room'; leg: LegId; room: string; on: boolean }
  /**
   * A caller who is with the daemon: the dialplan goes on by itself when so long nothing more is heard of it. Not over ARI, which does
   * so only when the sound that is being played is over.
   */
  | { do: 'keep'; leg: LegId; forMs: number }
  /** `leg` waits in a parking space; nobody has taken it up in time: the phone of `back` (`PJSIP/1001`) is called. */
  | { do: 'park'; leg: LegId; back: string; timeoutMs: number }

/** What ARI alone can do: a channel of the daemon's own (`tool`) that hears and speaks into another. */
export type ToolAction =
  /** `spy`: it hears both sides of `leg`; `whisper`: `leg` hears it. */
  | { do: 'attach'; leg: LegId; tool: LegId; spy: boolean; whisper: boolean }
  | { do: 'play-music'; tool: LegId }
  /** The tone that tells whoever is listened to. */
  | { do: 'play-tone'; tool: LegId }
  | { do: 'detach'; tool: LegId }
  /** What a tool hears, into a file of this name on the PBX. */
  | { do: 'record'; tool: LegId; name: string }
  | { do: 'recording'; name: string; change: 'pause' | 'unpause' | 'stop' }
  /** Of a recording that is over: the file goes; or another of that name is made, in another box. */
  | { do: 'drop-recording'; name: string }
  | { do: 'copy-recording'; name: string; as: string }
  | HandedAction

/** About a caller whom the dialplan has handed to the daemon, over ARI. */
export type HandedAction =
  /** The dialplan goes on with them, at `exten` in a context of ours; or where it has waited. */
  | { do: 'go-on'; leg: LegId; context: string; exten: string }
  | { do: 'let-go'; leg: LegId }
  /** In queues to come: the higher one is the sooner answered; others have 0. */
  | { do: 'set-priority'; leg: LegId; priority: number }
  /** The phone that the dialplan is to ring for them: `PJSIP/1001`. */
  | { do: 'set-target'; leg: LegId; endpoint: string }
  | { do: 'answer'; leg: LegId }
  /** Plays these sounds one after the other; `language`: another one than the caller's. */
  | { do: 'say'; leg: LegId; sound: string; media: readonly string[]; language?: string }
  | { do: 'hush'; sound: string }
  /** What the caller says, until they press a key, say nothing for a while, or the time is up. */
  | { do: 'record-voice'; leg: LegId; name: string; maxMs: number; silenceMs: number }

/** The channel variables and functions an Originate may set. */
export const VARIABLES = [
  'ALADDIN_FROM',
  'ALADDIN_CALLER_ID',
  'ALADDIN_TARGET',
  'ALADDIN_PROMPT',
  'ALADDIN_QUEUE',
  'ALADDIN_POSITION',
  'PJSIP_HEADER(add,Alert-Info)',
  'PJSIP_HEADER(add,Call-Info)',
] as const
export type VariableName = (typeof VARIABLES)[number]

/** What a phone hears when it has dialled a feature code. */
export const CODE_ANSWERS = ['signed-in', 'signed-out', 'ready', 'not-ready', 'refused'] as const
export type CodeAnswer = (typeof CODE_ANSWERS)[number]
