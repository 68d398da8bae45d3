/**
 * To whom a caller goes first: the agent or the workgroup that is theirs, or whoever talked with them last. Each wish is told, also
 * where it could not be granted, with the reason. Pure.
 */
import type { AgentState } from '../events/agent.js'
import type { DedicatedKept } from '../events/dedicated.js'
import type { Wish } from '../pbx/facts.js'
import type { Decision } from './decide.js'

export type DedicatedRules = {
  /** Whoever talked with the caller within this comes second, after who is dedicated to them. */
  lastAgentWithinMs?: number
  ringForMs: number
}

/** An agent as they are now. `endpoint`: where their phone is. */
export type AgentNow = {
  state: AgentState
  workgroups: readonly string[]
  phone?: { extension: string; endpoint: string; reachable: boolean }
}

export type Known = {
  entry: DedicatedKept | undefined
  /** Who talked with the caller last; `unread` where that could not be found out in time. */
  last: { agent: string } | 'unread' | undefined
  agent: (id: string) => AgentNow | undefined
  /** Of a workgroup. */
  numberOf: (workgroup: string) => string | undefined
  /** Where the call would go without any wish: the workgroups of that number. */
  workgroups: readonly string[]
}

const BUSY: ReadonlySet<AgentState> = new Set(['ringing', 'talking', 'held'])

export function dedicate(decision: Decision, rules: DedicatedRules, known: Known): Decision {
  const { to } = decision
  if (decision.does !== 'number' || to === undefined) return decision
  const wishes: Wish[] = []
  const { entry, last } = known
  const customer = entry?.customer === undefined ? {} : { customer: entry.customer }
  const then = (entry?.fallback === undefined ? undefined : known.numberOf(entry.fallback)) ?? to
  const granted = (wish: Wish, more: Partial<Decision>): Decision => ({
    ...decision,
    ...customer,
    ...more,
    because: [...decision.because, { rule: wish.by, name: wish.agent ?? wish.workgroup ?? '' }],
    wishes: [...wishes, wish],
  })

  if (entry?.workgroup !== undefined) {
    const wish: Wish = { by: 'dedicated', workgroup: entry.workgroup }
    const number = known.numberOf(entry.workgroup)
    if (number !== undefined) return granted(wish, { to: number })
    wishes.push({ ...wish, skipped: 'no-number' })
  }
  const wanted: Wish[] = [
    ...(entry?.agent === undefined ? [] : [{ by: 'dedicated' as const, agent: entry.agent }]),
    ...(last === undefined || (last !== 'unread' && last.agent === entry?.agent) ? [] : [lastWish(last)]),
  ]
  for (const wish of wanted) {
    const agent = wish.agent === undefined ? undefined : known.agent(wish.agent)
    const skipped = wish.skipped ?? skippedFor(wish, agent, known.workgroups)
    const phone = agent?.phone
    if (skipped !== undefined || !phone) {
      wishes.push({ ...wish, skipped: skipped ?? 'unreachable' })
      continue
    }
    const ringForMs = (wish.by === 'dedicated' ? entry?.ringForMs : undefined) ?? rules.ringForMs
    const ring = { endpoint: phone.endpoint, ringForMs }
    const workgroup = workgroupOf(agent, then === to ? undefined : entry?.fallback, known.workgroups)
    const of = workgroup === undefined ? {} : { workgroup }
    return granted(wish, { does: 'agent', to: phone.extension, then, ...of, ring })
  }
  const because = wishes.length > 0 && then !== to ? [{ rule: 'fallback' as const, name: entry?.fallback ?? '' }] : []
  if (wishes.length === 0) return entry?.customer === undefined ? decision : { ...decision, ...customer }
  return { ...decision, ...customer, to: then, because: [...decision.because, ...because], wishes }
}

/** Whose call it is: the workgroup that gets it where the agent does not; of several, one in which the agent is. */
const workgroupOf = (agent: AgentNow, fallback: string | undefined, workgroups: readonly string[]) =>
  fallback ?? workgroups.find(id => agent.workgroups.includes(id)) ?? workgroups[0]

const lastWish = (last: { agent: string } | 'unread'): Wish =>
  last === 'unread' ? { by: 'last-agent', skipped: 'unread' } : { by: 'last-agent', agent: last.agent }

export function skippedFor({ by }: Wish, agent: AgentNow | undefined, workgroups: readonly string[]): Wish['skipped'] {
  if (!agent) return 'unknown'
  const { state } = agent
  if (state === 'signed-out' || state === 'not-ready' || state === 'wrap-up') return state
  if (BUSY.has(state)) return 'busy'
  // Whoever is dedicated to them may be of any workgroup; whoever talked with them last may have helped out elsewhere.
  const others = by === 'last-agent' && workgroups.length > 0 && !workgroups.some(id => agent.workgroups.includes(id))
  if (others) return 'other-workgroup'
  return state === 'ready' && agent.phone?.reachable ? undefined : 'unreachable'
}
