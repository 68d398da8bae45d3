/** An agent as everybody outside sees them. Pure. */
import type { PbxId } from '../base/ids.js'
import type { Activity, AgentView, Line } from '../events/agent.js'
import { iso } from '../events/event.js'
import type { Ended } from './reduce.js'
import { skillsNow, type Skill } from './skills.js'
import { legNow, phoneOf, type Agent } from './state.js'

export const agentId = (pbx: PbxId, staff: string) => `${pbx}:${staff}`

export type Beside = { pbx: PbxId; name: string; skills: readonly Skill[]; today?: Line }

export function viewAgent(agent: Agent, { pbx, name, skills, today }: Beside): AgentView {
  const { staff, revision, now, signedIn, wrapUp, misses, phone, phoneSince, wanted } = agent
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
    ...(differs ? { next: wanted } : {}),
    ...(wrapUp && !wrapUp.over && { wrapUpUntil: iso(wrapUp.until) }),
    workgroups: workgroupsOf(agent, skills),
    misses,
    ...(today && { today }),
  }
}

function workgroupsOf(agent: Agent, skills: readonly Skill[]): AgentView['workgroups'] {
  const { members, forNow } = agent
  const now = skillsNow(skills, forNow)
  const names = [...new Set([...skills, ...now].map(s => s.workgroup)), ...Object.keys(members)]
  return [...new Set(names)].map(workgroup => {
    const member = members[workgroup]
    const skill = now.find(s => s.workgroup === workgroup) ?? skills.find(s => s.workgroup === workgroup)
    const changed = forNow.removed.includes(workgroup) || forNow.added.some(s => s.workgroup === workgroup)
    return {
      workgroup,
      penalty: member?.penalty ?? skill?.penalty ?? 0,
      member: member !== undefined,
      paused: member?.paused ?? false,
      ...(changed && { forNow: true }),
    }
  })
}

export function viewEnded(agent: Pick<Agent, 'staff'>, pbx: PbxId, { since, to, ...ended }: Ended): Activity {
  return { agent: agentId(pbx, agent.staff), ...ended, from: iso(since), to: iso(to) }
}
