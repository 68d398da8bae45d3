/**
 * What a mixed load does, decided by a seed before it begins: which call goes where, how long each side has patience, and
 * what a command does to it in the middle. Pure.
 */
import { MIX_EXTENSIONS as AGENTS } from '../config-files.js'
import type { ProfileName } from '../profiles.js'
import { drawFrom, type Draw } from './seed.js'

/** The numbers of the queues mix-ringall, mix-rrmemory and mix-linear. */
const QUEUES = ['2301', '2302', '2303'] as const

/** Where a call goes. */
const TARGETS = { queue: 60, direct: 15, outside: 10, inside: 10, menu: 3, room: 2 } as const
export type Target = keyof typeof TARGETS

/** What a command does to a call once two people talk in it. */
const TWISTS = {
  none: 40,
  'blind-to-phone': 10,
  'blind-to-queue': 8,
  'blind-to-outside': 4,
  'attended-completed': 8,
  'attended-aborted': 6,
  'attended-three-way': 6,
  'conference-added': 6,
  parked: 4,
  /** While it rings, another phone takes it. */
  'picked-up': 8,
} as const
export type Twist = keyof typeof TWISTS

export type PlannedCall = Readonly<{
  /** The caller's number, by which it is known again on the PBX. */
  from: string
  to: string
  target: Target
  twist: Twist
  /** How long after two people have begun to talk, or a phone has begun to ring. */
  twistAfterMs: number
  /** To whom the call is transferred, who is asked, added, or takes it. */
  third: string
  /** One of PATIENCES: after so long in the call the caller hangs up. */
  patience: number
}>

/** How an agent's phone meets the calls that reach it, in the order in which they do. */
export type PlannedAnswer = Readonly<{
  manner: 'answers' | 'busy' | 'declines' | 'ignores'
  ring: number
  talk: number
}>

export type Plan = Readonly<{ calls: readonly PlannedCall[]; answers: readonly PlannedAnswer[] }>

/** Times are few and fixed, since SIPp waits for a message for as long as its scenario says, and not its data. */
export const PATIENCES_MS = [800, 1_500, 2_500, 3_500, 4_500, 5_500, 7_000, 9_000] as const
export const RINGS_MS = [100, 300, 700, 1_200] as const
export const TALKS_MS = [500, 1_000, 1_500, 2_000, 3_000, 4_000] as const

const MANNERS = { answers: 78, busy: 6, declines: 6, ignores: 10 } as const
/** A call that is rung at several phones, or transferred, takes more than one answer. */
const ANSWERS_PER_CALL = 8

export function planMix(calls: number, seed: number, profile: ProfileName = 'plain'): Plan {
  const draw = drawFrom(seed)
  return {
    calls: Array.from({ length: calls }, (_, n) => planCall(draw, n, NUMBERS[profile])),
    answers: Array.from({ length: calls * ANSWERS_PER_CALL }, () => ({
      manner: draw.byShare(MANNERS),
      ring: draw.between(0, RINGS_MS.length - 1),
      talk: draw.between(0, TALKS_MS.length - 1),
    })),
  }
}

/** Numbers outside: of callers, of those who are called, and where a call is transferred to. */
type Numbers = Readonly<{ from: (n: number) => string; outside: (n: number) => string; third: string }>
const digits = (n: number, places: number) => String(n).padStart(places, '0')

const NUMBERS: Readonly<Record<ProfileName, Numbers>> = {
  plain: { from: n => `4917${digits(n, 8)}`, outside: n => `0170${digits(n, 7)}`, third: '0170999' },
  // Every second one goes out by the line that wants a 9.
  field: {
    from: n => `138${digits(n, 8)}`,
    outside: n => (n % 2 === 0 ? `9139${digits(n, 8)}` : `0216${digits(n, 7)}`),
    third: '913900000999',
  },
}

function planCall(draw: Draw, n: number, numbers: Numbers): PlannedCall {
  const target = draw.byShare(TARGETS)
  const agent = () => AGENTS[draw.between(0, AGENTS.length - 1)] ?? ''
  const queue = () => QUEUES[draw.between(0, QUEUES.length - 1)] ?? ''
  const to = {
    queue: queue(),
    direct: agent(),
    outside: numbers.outside(n),
    inside: agent(),
    menu: '5001',
    room: '3001',
  }
  const twist = draw.byShare(TWISTS)
  return {
    from: numbers.from(n),
    to: to[target],
    target,
    twist: target === 'menu' || target === 'room' ? 'none' : twist,
    twistAfterMs: draw.between(100, 600),
    third: twist === 'blind-to-queue' ? queue() : twist === 'blind-to-outside' ? numbers.third : agent(),
    patience: draw.between(0, PATIENCES_MS.length - 1),
  }
}
