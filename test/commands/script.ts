/** What happens to one call of a run of random commands: told as data, so that it can be played again and made smaller. Pure. */
import type { Draw } from '../../lab/mix/seed.js'
import type { CallView } from '../../src/events/call.js'
import { AGENT, SUPERVISOR } from './people.js'
import type { Asked } from './proof.js'

export const EXTENSIONS = ['1001', '1002', '1003'] as const
export type Extension = (typeof EXTENSIONS)[number]
export type Act = 'hold' | 'resume' | 'hangup' | 'answer'

export type Step = Readonly<{ afterMs: number }> &
  (
    | Readonly<{ do: 'command'; asked: Asked; dryRun?: true }>
    /** A person does something at a phone. */
    | Readonly<{ do: 'phone'; at: Extension | 'customer'; act: Act }>
    /** Both at once. */
    | Readonly<{ do: 'race'; one: Asked; other: Asked | { at: Extension | 'customer'; act: Act } }>
  )

export type Start = Readonly<{
  /** The customer dials it; or with `by`, that phone does, by command. */
  to: string
  by?: Extension
  /** Phones answer by themselves; if not, they ring until somebody does something. */
  answers: boolean
}>
export type Script = Readonly<{ start: Start; steps: readonly Step[] }>

/** Stands for a number outside, which each profile has another of. */
export const OUTSIDE = 'outside'
/** A phone, a queue, a phone behind a Local pair that stays, that has the keys of the phone, that goes away, two phones; and out. */
const STARTS = {
  ...{ '1001': 30, '2000': 25, '2103': 15, '2105': 8, '2102': 5, '2101': 5 },
  ...{ [OUTSIDE]: 10, '1002': 10 },
} as const
const ANSWERS = { yes: 80, no: 20 } as const
const PAUSES = { 0: 30, 150: 30, 500: 30, 1500: 10 } as const

export function drawStart(draw: Draw): Start {
  const to = draw.byShare(STARTS)
  const answers = draw.byShare(ANSWERS) === 'yes'
  return to === '1002' || to === OUTSIDE ? { to, by: '1001', answers } : { to, answers }
}

/** Phones, a queue; a queue where nobody is, a conference room, a menu, a mailbox and a parking lot: blind and attended. */
const TARGETS = {
  ...{ '1001': 8, '1002': 12, '1003': 12, '1002*': 14, '1003*': 14, '1002#': 6, '1003#': 6, '2000': 5, '2000*': 3 },
  ...{ '2001': 2, '2001*': 5, '3001': 2, '3001*': 4, '5001': 2, '5001*': 4, '4302': 2, '4302*': 4, '7500*': 2 },
  ...{ [OUTSIDE]: 6, [`${OUTSIDE}*`]: 4, '1019': 2, '3999': 2, '${SHELL(id)}': 2, '1002,,,S(1)': 2 },
} as const
/** On whose behalf: nobody's, that of a supervisor, or of an agent without rights. */
const BY = { none: 76, [SUPERVISOR]: 12, [AGENT]: 12 } as const
const MODES = { listen: 1, whisper: 1, barge: 1 } as const
/** Those that end a call are drawn more rarely, so that most live for a while. */
const ENDS = new Set(['hangup', 'leave', 'reject', 'survey', 'drop'])
const SELDOM = 0.15
const ANY = [
  ...['answer', 'reject', 'leave', 'digits', 'mute', 'unmute', 'hold', 'retrieve', 'flash', 'transfers', 'add', 'drop'],
  ...['lock', 'unlock', 'record', 'record/pause', 'record/resume', 'record/stop', 'survey', 'park'],
  ...['pickup', 'unpark', 'listen', 'take-over', 'transfers/@/complete', 'transfers/@/cancel', 'transfers/@/swap'],
] as const

const pick = <T>(draw: Draw, list: readonly T[]): T => list[draw.between(0, list.length - 1)] as T
const chance = (draw: Draw, share: number) => draw.between(1, 1_000) <= share * 1_000

/** A leg is named by its phone: `@1002`, `@trunk`. */
const nameOf = ({ extension, trunk }: CallView['legs'][number]) => `@${extension ?? trunk ?? ''}`

function bodyOf(draw: Draw, command: string, at: string, call: CallView): Record<string, unknown> {
  const by = draw.byShare(BY)
  return { ...partsOf(draw, command, at, call), ...(by !== 'none' && { by }) }
}

function partsOf(draw: Draw, command: string, at: string, call: CallView): Record<string, unknown> {
  const extension = { extension: at }
  const live = call.legs.filter(l => l.state !== 'gone')
  if (command === 'transfers' || command === 'add') return { ...extension, to: draw.byShare(TARGETS) }
  if (command === 'digits') return { ...extension, digits: '12#' }
  if (command === 'drop') return { ...extension, leg: live.length > 0 ? nameOf(pick(draw, live)) : '@' }
  if (command === 'park') return { ...extension, timeoutMs: 3_000 }
  if (command === 'listen') return { ...extension, mode: draw.byShare(MODES) }
  if (command === 'hangup' || command.startsWith('transfers/')) return {}
  return extension
}

/** Mostly out of those that the call itself says could be done from the phone; transfers are drawn as often as three others. */
export function drawCommand(
  draw: Draw,
  call: CallView,
  at: string,
  actions: readonly string[],
  cannot: ReadonlySet<string> = new Set(),
): Asked {
  const possible = actions
    .filter(action => !cannot.has(action) && (!ENDS.has(action) || chance(draw, SELDOM)))
    .flatMap(action => (action.startsWith('transfers') ? [action, action, action] : [action]))
  const any = ANY.filter(action => !cannot.has(action))
  const action = possible.length === 0 || chance(draw, 0.15) ? pick(draw, any) : pick(draw, possible)
  const command = action.replace(/^transfers\/[^/]+\//, 'transfers/@/')
  return { command, at, body: bodyOf(draw, command, at, call) }
}

const ACTS = { hold: 3, resume: 3, hangup: 3, answer: 2 } as const

/** `next`: the command that is drawn for this moment. */
export function drawStep(draw: Draw, answers: boolean, next: () => Asked): Step {
  const afterMs = Number(draw.byShare(PAUSES))
  const kind = draw.byShare({ command: 76, phone: answers ? 8 : 20, race: 16 })
  const at = pick(draw, [...EXTENSIONS, 'customer' as const])
  if (kind === 'phone') return { do: 'phone', at, act: at === 'customer' ? 'hangup' : draw.byShare(ACTS), afterMs }
  const asked = next()
  if (kind === 'race')
    return { do: 'race', one: asked, other: chance(draw, 0.5) ? next() : { at, act: 'hangup' }, afterMs }
  return { do: 'command', asked, afterMs, ...(chance(draw, 0.5) && { dryRun: true as const }) }
}

/** The script without one of its steps, for each of them. */
export const smaller = ({ start, steps }: Script): Script[] =>
  steps.map((_, i) => ({ start, steps: steps.filter((_, j) => j !== i) }))
