/**
 * Who has paused a membership: the daemon, or another program; and who has set its penalty. What the daemon does itself, it says
 * before (`sent`), so that the PBX's answer is recognised; whatever else the PBX shows, another program has done. Pure.
 */
import { isDeepStrictEqual } from 'node:util'
import type { MemberFact, MemberSeen } from '../pbx/facts.js'
import type { Desired } from './desired.js'
import { membersOf, memberKey, type Agent, type Hold } from './state.js'

/** What the daemon has asked the PBX to do with a membership, and the PBX has not shown yet. */
export type Sent = { paused?: boolean; reason?: string; penalty?: number; adds?: true; removes?: true }

type Wanted = Pick<Desired, 'paused' | 'reason'> | undefined
type Held = {
  hold: Hold | undefined
  sent: Sent | undefined
  before: MemberSeen | undefined
  want: Wanted
  away: boolean
}

/** The PBX shows what the daemon has asked for; when a member is added, Asterisk 16 takes no reason. */
const isShown = ({ paused, reason, adds }: Sent, member: MemberSeen) =>
  paused === undefined ||
  (paused === member.paused && (!paused || reason === (member.pausedFor ?? (adds ? reason : ''))))

/** What is left to be shown; undefined when all of it was. */
export function stillSent(sent: Sent, member: MemberSeen): Sent | undefined {
  const isDone = isShown(sent, member) && (sent.penalty === undefined || sent.penalty === member.penalty)
  return isDone && !sent.removes ? undefined : sent
}

/** Whoever does not answer, `autopause` of queues.conf pauses: app_queue itself, which never lifts it again. */
const AUTO_PAUSE = 'Auto-Pause'
const isAutoPause = (hold: Hold | undefined) => hold?.by === 'outside' && hold.reason === AUTO_PAUSE

const outside = (reason: string | undefined): Hold =>
  reason === undefined ? { by: 'outside' } : { by: 'outside', reason }

/** `set`: somebody has just paused or unpaused it, which may change nothing. */
function holdNow(member: MemberSeen, set: boolean, held: Held): Hold | undefined {
  const { hold, sent, before, want, away } = held
  if (sent?.paused !== undefined && isShown(sent, member)) {
    // A member that is added again is as the other program has left it.
    if (hold?.by === 'outside' || (hold?.by === 'lifted' && !sent.paused)) return hold
    return sent.paused ? { by: 'ours', reason: sent.reason ?? '' } : undefined
  }
  // The daemon is lifting it.
  if (member.paused && member.pausedFor === AUTO_PAUSE && sent?.paused === false) return undefined
  if (member.paused) return pausedNow(member, set, held)
  if (!before?.paused) return hold?.by === 'ours' || (hold?.by === 'outside' && set) ? undefined : hold
  // A PBX that was started again has forgotten it: nobody has lifted anything.
  return want?.paused && hold && (set || !away) ? { by: 'lifted' } : undefined
}

function pausedNow({ pausedFor: said }: MemberSeen, set: boolean, { hold, before, want }: Held): Hold {
  if (hold?.by === 'outside') return said === undefined && !set ? hold : outside(said)
  if (want?.paused && said === want.reason) return { by: 'ours', reason: want.reason }
  // A reload of the queues drops the reason of a pause, and says nothing of it.
  if (hold?.by === 'ours' && (said === hold.reason || (said === undefined && !set && before?.paused))) return hold
  return outside(said)
}

/** What follows from what is read of a membership after a gap, in which anybody may have done anything. */
function holdSeen({ paused, pausedFor: said }: MemberSeen, hold: Hold | undefined, want: Wanted): Hold | undefined {
  if (!paused) return hold?.by === 'lifted' && want?.paused ? hold : undefined
  if (hold?.by === 'outside') return said === undefined ? hold : outside(said)
  if (hold?.by === 'ours' && (said === undefined || said === hold.reason)) return hold
  if (want?.paused && (said === undefined || said === want.reason)) return { by: 'ours', reason: want.reason }
  return outside(said)
}

const isNamed = ({ name, kind }: MemberSeen, staff: string) => name === staff && kind === 'dynamic'

/** Put there by the daemon, or where it would have put them: others are another program's, and are left where they are. */
export const isOwn = (member: MemberSeen, { staff, beside }: Pick<Agent, 'staff' | 'beside'>) =>
  isNamed(member, staff) && beside?.includes(memberKey(member)) !== true

/**
 * Which members under the agent's name another program has added, to queues in which the daemon does not want them. `was`: what is known
 * of members that were there before.
 */
export function withBeside(agent: Agent, was: Agent | undefined, desired: Desired | undefined, sent?: Sent): Agent {
  const isBeside = (member: MemberSeen) => {
    const key = memberKey(member)
    if (!isNamed(member, agent.staff) || desired?.queues.has(member.queue)) return false
    return was?.members[key] ? was.beside?.includes(key) === true : !sent?.adds
  }
  const beside = membersOf(agent).filter(isBeside).map(memberKey)
  if (isDeepStrictEqual(beside, agent.beside ?? [])) return agent
  const { beside: _, ...rest } = agent
  return beside.length === 0 ? rest : { ...rest, beside }
}

type Mark = NonNullable<Agent['penalties']>[string]

type Shown = { sent?: Sent | undefined; set?: boolean }

/** A penalty set by another program counts until the daemon sets a new one. `set`: the PBX says that somebody has just set it. */
function penaltyNow(
  was: Agent,
  member: MemberSeen,
  desired: Desired | undefined,
  { sent, set = false }: Shown = {},
): Mark | undefined {
  const { penalty, kind } = member
  const key = memberKey(member)
  const [before, mark, wanted] = [was.members[key], was.penalties?.[key], desired?.queues.get(member.queue)]
  // Of a member in the PBX's own files, what nobody has set is what these say now: they were read again.
  if (kind !== 'dynamic' && !set && mark?.is !== penalty) return undefined
  if (!isOwn(member, was)) return desired && penaltyBeside(penalty, mark?.instead ?? before?.penalty)
  if (wanted === undefined || penalty === wanted) return undefined
  if (mark?.is === penalty) return mark
  return sent?.penalty === penalty || before?.penalty === penalty ? undefined : { is: penalty, instead: wanted }
}

/** The daemon never sets that of a member which it has not added: any other than when they signed in here is another program's. */
const penaltyBeside = (is: number, instead: number | undefined): Mark | undefined =>
  instead === undefined || is === instead ? undefined : { is, instead }

const without = <T>(all: Readonly<Record<string, T>> | undefined, key: string): Record<string, T> => {
  const { [key]: _, ...rest } = all ?? {}
  return rest
}
const withOne = <T>(
  all: Readonly<Record<string, T>> | undefined,
  key: string,
  one: T | undefined,
): Record<string, T> => (one === undefined ? without(all, key) : { ...all, [key]: one })

type Kept = { holds: Agent['holds'] | undefined; penalties: Agent['penalties'] | undefined }

/** Empty ones are left out: an agent whom nobody else has touched is as ever. */
function kept(agent: Agent, { holds, penalties }: Kept): Agent {
  const { holds: _, penalties: __, ...rest } = agent
  return {
    ...rest,
    ...(holds && Object.keys(holds).length > 0 && { holds }),
    ...(penalties && Object.keys(penalties).length > 0 && { penalties }),
  }
}

export type MemberChanged = Extract<MemberFact, { type: 'member.changed' }> & { sent?: Sent }

export function withMemberHeld(
  was: Agent,
  { member, set: by, sent }: MemberChanged,
  desired: Desired | undefined,
): Agent {
  const key = memberKey(member)
  const held = { hold: was.holds?.[key], sent, before: was.members[key], want: desired, away: was.away === true }
  const hold = holdNow(member, by === 'pause', held)
  const mark = penaltyNow(was, member, desired, { sent, set: by === 'penalty' })
  if (isDeepStrictEqual([member, hold, mark], [held.before, held.hold, was.penalties?.[key]])) return was
  const next = { ...was, members: { ...was.members, [key]: member } }
  return kept(next, { holds: withOne(was.holds, key, hold), penalties: withOne(was.penalties, key, mark) })
}

/** What the PBX has forgotten while it was away, it gets back as it was. */
export function withoutMemberHeld(was: Agent, key: string): Agent {
  const next = { ...was, members: without(was.members, key) }
  return was.away ? next : kept(next, { holds: without(was.holds, key), penalties: without(was.penalties, key) })
}

export function withMembersSeen(was: Agent, members: readonly MemberSeen[], desired: Desired | undefined): Agent {
  const next = { ...was, members: Object.fromEntries(members.map(m => [memberKey(m), m])) }
  // What others have paused and unpaused, members that are added again get back.
  const holds = new Map(was.away ? Object.entries(was.holds ?? {}).filter(([, hold]) => hold.by !== 'ours') : [])
  const penalties = new Map(was.away ? Object.entries(was.penalties ?? {}) : [])
  for (const member of members) {
    const key = memberKey(member)
    set(holds, key, holdSeen(member, was.holds?.[key], desired))
    set(penalties, key, penaltyNow(was, member, desired))
  }
  return kept(next, { holds: Object.fromEntries(holds), penalties: Object.fromEntries(penalties) })
}

const set = <T>(map: Map<string, T>, key: string, value: T | undefined) =>
  value === undefined ? map.delete(key) : map.set(key, value)

/** Members that were there before anybody has signed in here are as another program wants them, but for pauses of these reasons. */
export function adopted(agent: Agent, reasons: readonly string[], desired: Desired | undefined): Agent {
  const holds = new Map(Object.entries(agent.holds ?? {}))
  const penalties = new Map(Object.entries(agent.penalties ?? {}))
  for (const member of membersOf(agent)) {
    const { paused, pausedFor: said = '', penalty } = member
    const key = memberKey(member)
    if (paused && reasons.includes(said)) holds.set(key, { by: 'ours', reason: said })
    const instead = desired?.queues.get(member.queue)
    if (instead !== undefined && instead !== penalty && isOwn(member, agent))
      penalties.set(key, { is: penalty, instead })
  }
  return kept(agent, { holds: Object.fromEntries(holds), penalties: Object.fromEntries(penalties) })
}

/** What is wanted is new: what another program had lifted is paused again. */
export function withoutLifted(agent: Agent): Agent {
  const holds = Object.entries(agent.holds ?? {})
  if (!holds.some(([, hold]) => hold.by === 'lifted')) return agent
  const left = Object.fromEntries(holds.filter(([, hold]) => hold.by !== 'lifted'))
  return kept(agent, { holds: left, penalties: agent.penalties })
}

/** They are ready again, and nobody else would say so to the queues. */
export function withoutAutoPause(agent: Agent): Agent {
  const holds = Object.entries(agent.holds ?? {})
  if (!holds.some(([, hold]) => isAutoPause(hold))) return agent
  const left = Object.fromEntries(holds.filter(([, hold]) => !isAutoPause(hold)))
  return kept(agent, { holds: left, penalties: agent.penalties })
}

/** What is known of memberships that are no more, now that the PBX has what it should. */
export function onlyOfMembers(agent: Agent): Agent {
  const there = <T>(all: Readonly<Record<string, T>> | undefined) =>
    Object.fromEntries(Object.entries(all ?? {}).filter(([key]) => Object.hasOwn(agent.members, key)))
  return kept(agent, { holds: there(agent.holds), penalties: there(agent.penalties) })
}
