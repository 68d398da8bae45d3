/** An agent as everybody outside sees them. Pure. */
import type { PbxId } from '../base/ids.js'
import type { Activity, AgentView, Line } from '../events/agent.js'
import { iso } from '../events/event.js'
import type { Ended } from './reduce.js'
import { skillsNow, type Skill } from './skills.js'
import type { MemberSeen } from '../pbx/facts.js'
import { legNow, memberKey, membersOf, phoneOf, restOf, type Agent } from './state.js'

export const agentId = (pbx: PbxId, staff: string) => `${pbx}:${staff}`

export type Beside = { pbx: PbxId; name: string; skills: readonly Skill[]; today?: Line }

export function viewAgent(agent: Agent, { pbx, name, skills, today }: Beside): AgentView {
  const { staff, revision, now, signedIn, wrapUp, misses, phone, phoneSince } = agent
  const at = phoneOf(agent)
  const leg = legNow(agent.legs)
  const { since, ...state } = now
  const call = leg?.call ?? now.call ?? agent.last?.call
  const queue = leg ? leg.queue : wrapUp?.queue
  const differs = signedIn?.telephony === true && (leg !== undefined || wrapUp !== undefined)
  return {
    id: agentId(pbx, staff),
    pbx,
    staff,
    name,
    revision,
    ...state,
    since: iso(since),
    ...(signedIn && { signedInAt: iso(signedIn.at), telephony: signedIn.telephony }),
    ...(at && { extension: at.extension }),
    ...(at && phone && { phone }),
    ...(at && phone && phoneSince !== undefined && { phoneSince: iso(phoneSince) }),
    ...(call === undefined ? {} : { call }),
    ...(queue === undefined ? {} : { queue }),
    ...(differs ? { next: nextOf(agent) } : {}),
    ...(wrapUp && !wrapUp.over && { wrapUpUntil: iso(wrapUp.until) }),
    ...(wrapUp?.codeRequired && !wrapUp.over && { wrapUpCodeRequired: true as const }),
    workgroups: workgroupsOf(agent, skills),
    misses,
    ...(today && { today }),
  }
}

function nextOf(agent: Agent): NonNullable<AgentView['next']> {
  const { state, ...why } = restOf(agent)
  return 'reason' in why ? { state, reason: why.reason } : { state }
}

function workgroupsOf(agent: Agent, skills: readonly Skill[]): AgentView['workgroups'] {
  const { forNow } = agent
  const members = membersOf(agent)
  const now = skillsNow(skills, forNow)
  const names = [...new Set([...skills, ...now].map(s => s.workgroup)), ...members.map(({ queue }) => queue)]
  return [...new Set(names)].map(workgroup => {
    const there = members.filter(({ queue }) => queue === workgroup)
    const skill = now.find(s => s.workgroup === workgroup) ?? skills.find(s => s.workgroup === workgroup)
    const changed = forNow.removed.includes(workgroup) || forNow.added.some(s => s.workgroup === workgroup)
    return {
      workgroup,
      penalty: Math.min(...there.map(({ penalty }) => penalty), ...(there.length > 0 ? [] : [skill?.penalty ?? 0])),
      member: there.length > 0,
      paused: there.length > 0 && there.every(({ paused }) => paused),
      ...pauseOf(agent, there),
      ...(there.some(member => agent.penalties?.[memberKey(member)]) && { penaltyBy: 'outside' as const }),
      ...(changed && { forNow: true }),
    }
  })
}

/** Of several devices in one queue: what another program has done to any of them. */
function pauseOf(
  { holds }: Agent,
  there: readonly MemberSeen[],
): Pick<AgentView['workgroups'][number], 'pausedBy' | 'pausedFor' | 'unpausedBy'> {
  const all = there.flatMap(member => holds?.[memberKey(member)] ?? [])
  const hold = all.find(({ by }) => by === 'outside') ?? all.find(({ by }) => by === 'ours')
  const reason = hold?.by === 'outside' || hold?.by === 'ours' ? hold.reason : undefined
  return {
    ...(hold && { pausedBy: hold.by === 'ours' ? ('ours' as const) : ('outside' as const) }),
    ...(reason === undefined || reason === '' ? {} : { pausedFor: reason }),
    ...(all.some(({ by }) => by === 'lifted') && { unpausedBy: 'outside' as const }),
  }
}

export function viewEnded(agent: Pick<Agent, 'staff'>, pbx: PbxId, { since, to, ...ended }: Ended): Activity {
  return { agent: agentId(pbx, agent.staff), ...ended, from: iso(since), to: iso(to) }
}
