/** What is known of a queue. Pure data: who waits and who is a member, and its numbers of the day and of late. */
import type { CallId, EpochMs, LegId, PbxId } from '../base/ids.js'
import type { QueueOutcome } from '../events/call-parts.js'
import type { MemberSeen } from '../pbx/facts.js'

/** `priority`: where the PBX has said so; the higher one is the sooner answered. */
export type Waiting = {
  call: CallId
  leg: LegId
  number: string
  joinedAt: EpochMs
  e164?: string
  area?: string
  priority?: number
}

export type Tally = {
  offered: number
  outcomes: Partial<Record<QueueOutcome, number>>
  /** Answered within the service level. */
  inTime: number
  /** How long those who were answered had waited, together. */
  waitedMs: number
}
export const NOTHING: Tally = { offered: 0, outcomes: {}, inTime: 0, waitedMs: 0 }

export type Queue = {
  pbx: PbxId
  name: string
  /** How often it was published, and its newest event's view, as text. */
  revision: number
  published?: string
  strategy?: string
  /** The PBX does not have it, as far as is known: the dialplan has named it, or the PBX had it once. */
  unknown?: true
  serviceLevelMs: number
  members: readonly MemberSeen[]
  /** In the order in which they will be answered. */
  waiting: readonly Waiting[]
  /** `date`: by the time zone of the site. */
  day: { date: string; tally: Tally }
  /** Of late, the oldest first: each minute in which anything was counted. */
  minutes: readonly { at: EpochMs; tally: Tally }[]
}

/** What of a queue outlives the daemon: the rest is learnt anew from the PBX and the live calls. */
export type StoredQueue = Pick<Queue, 'name' | 'revision' | 'unknown' | 'day' | 'minutes'>

/** By what a site counts. */
export type Counting = {
  /** Where no queue says otherwise. */
  serviceLevelMs: number
  /** Its day begins and ends there, such as `Europe/Berlin`. */
  timeZone: string
}

export const newQueue = (pbx: PbxId, name: string, { serviceLevelMs }: Counting): Queue => ({
  pbx,
  name,
  revision: 0,
  serviceLevelMs,
  members: [],
  waiting: [],
  day: { date: '', tally: NOTHING },
  minutes: [],
})

export const storedQueue = ({ name, revision, unknown, day, minutes }: Queue): StoredQueue => ({
  name,
  revision,
  ...(unknown && { unknown }),
  day,
  minutes,
})
