/** An agent who is a member of two queues, and what the PBX says of their memberships. */
import { actionsFor, desiredOf } from '../../src/agents/desired.js'
import type { Sent } from '../../src/agents/holds.js'
import { reduceAgent, type AgentFact } from '../../src/agents/reduce.js'
import { newAgent, type Agent, type Asking, type Wanted } from '../../src/agents/state.js'
import { viewAgent } from '../../src/agents/view.js'
import type { EpochMs, PbxId } from '../../src/base/ids.js'
import type { MemberSeen } from '../../src/pbx/facts.js'

export const at = (s: number) => (1_700_000_000_000 + s * 1_000) as EpochMs
export const SKILLS = ['sales', 'support'].map(workgroup => ({ workgroup, penalty: 0 }))
export const POLICY = { missesUntilNotReady: 0, phoneGoneMs: 5_000 }
export const PLACE = 'PJSIP/1001'
export const READY: Wanted = { state: 'ready' }
export const BREAK: Wanted = { state: 'not-ready', reason: '1' }

export const member = (queue: string, more: Partial<MemberSeen> = {}): MemberSeen => ({
  ...{ queue, interface: PLACE, name: '8001', kind: 'dynamic', phone: 'idle', penalty: 0, paused: false, calls: 0 },
  ...more,
})
export const step = (was: Agent, fact: AgentFact) => reduceAgent(was, fact, SKILLS, POLICY).next
export const after = (was: Agent, ...facts: AgentFact[]) => facts.reduce(step, was)
export const asks = (asking: Asking): AgentFact => ({ type: 'asked', at: at(1), asking })
export const be = (wanted: Wanted) => asks({ do: 'be', wanted, cause: 'command' })
export const SIGN_IN = asks({
  ...{ do: 'sign-in', wanted: READY, cause: 'command' },
  signIn: { telephony: true, extension: '1001', interface: PLACE, at: at(0) },
})
export const shows = (m: MemberSeen, sent?: Sent): AgentFact => ({
  ...{ type: 'member.changed', at: at(2), member: m },
  ...(sent && { sent }),
})
/** Somebody pauses, unpauses or sets a penalty: of ours, `sent` has been said before. */
export const paused = (queue: string, pausedFor?: string, sent?: Sent): AgentFact => ({
  ...{ type: 'member.changed', at: at(3), set: 'pause' },
  member: member(queue, { paused: true, ...(pausedFor === undefined ? {} : { pausedFor }) }),
  ...(sent && { sent }),
})
export const unpaused = (queue: string, sent?: Sent): AgentFact => ({
  ...{ type: 'member.changed', at: at(4), member: member(queue), set: 'pause' },
  ...(sent && { sent }),
})
export const penalty = (queue: string, is: number, sent?: Sent): AgentFact => ({
  ...{ type: 'member.changed', at: at(4), member: member(queue, { penalty: is }), set: 'penalty' },
  ...(sent && { sent }),
})
export const ANA = after(newAgent('8001', at(0)), SIGN_IN, shows(member('sales')), shows(member('support')))
export const ours = (reason: string): Sent => ({ paused: true, reason })
export const UNPAUSES: Sent = { paused: false, reason: '' }
export const IN_BREAK = after(ANA, be(BREAK), paused('sales', '1', ours('1')), paused('support', '1', ours('1')))

export const does = (agent: Agent) => {
  const desired = desiredOf(agent, SKILLS)
  return desired ? actionsFor(agent, desired) : []
}
export const named = (agent: Agent) => [agent.now.state, agent.now.reason, agent.now.cause].filter(Boolean).join(' ')
export const shown = (agent: Agent, workgroup: string) =>
  viewAgent(agent, { pbx: 'hq' as PbxId, name: 'Ana', skills: SKILLS }).workgroups.find(w => w.workgroup === workgroup)
