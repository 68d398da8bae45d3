/**
 * The agents of one PBX: what calls, phones and queues do at their extensions goes to the reducer of each agent that it is
 * about. Changes the state it is given and touches nothing else.
 */
import { reduceAgent, type AgentFact } from '../agents/reduce.js'
import { skillsOf, type Skill } from '../agents/skills.js'
import { newAgent, phoneOf, type Agent, type Asking, type LegAt, type Wanted } from '../agents/state.js'
import { viewAgent, viewEnded } from '../agents/view.js'
import type { EpochMs } from '../base/ids.js'
import { extensionAt, type Site } from '../calls/site.js'
import { isParty, type Call } from '../calls/state.js'
import type { AgentView } from '../events/agent.js'
import { agentEvent } from '../events/event.js'
import type { Fact, MemberSeen, PhoneSeen } from '../pbx/facts.js'
import type { Applied } from './apply.js'
import { agentLine, lineAt } from './lines.js'
import { legsAt } from './legs-at.js'
import { isAgent, type PbxState, type StoredAgent, type StoredThing } from './state.js'

/** Under which name they are stored. */
export const agentKey = (staff: string) => `agent/${staff}`

export function storedAgent(state: PbxState, staff: string): StoredAgent | undefined {
  const agent = state.agents.get(staff)
  return agent && { id: agentKey(staff), agent }
}

/** What was under way when the daemon ended, is not any more. */
export function restoreAgents(state: PbxState, stored: Iterable<StoredThing>) {
  for (const thing of stored) {
    if (!isAgent(thing)) continue
    const { asking: _, ...agent } = thing.agent
    state.agents.set(agent.staff, agent)
    index(state, undefined, agent)
  }
}

/** Its channels and queues are known. */
export const isPbxUp = ({ version, downSince }: PbxState) => version !== undefined && downSince === undefined

/** Whether the PBX has a queue of this name. */
export const isQueue = (state: PbxState, name: string) => {
  const queue = state.queues.get(name)
  return queue !== undefined && (queue.strategy !== undefined || queue.members.length > 0)
}

const skills = (state: PbxState, staff: string) => skillsOf(state.directory.staff.get(staff))
/** Of a workgroup that the PBX does not have, nothing can be wanted. */
export const skillsInPbx = (state: PbxState, staff: string): Skill[] =>
  skills(state, staff).filter(({ workgroup }) => isQueue(state, workgroup))

export function viewOf(site: Site, state: PbxState, agent: Agent, at: EpochMs): AgentView {
  const { staff } = agent
  const name = state.directory.staff.get(staff)?.name ?? staff
  const today = lineAt(site, state, agentLine(staff), at)
  return viewAgent(agent, { pbx: site.pbx, name, skills: skills(state, staff), today })
}

export function toAgent(site: Site, state: PbxState, staff: string, fact: AgentFact, into: Applied) {
  const was = state.agents.get(staff) ?? newAgent(staff, fact.at)
  const { next, ended } = reduceAgent(was, fact, skillsInPbx(state, staff), site.agents)
  if (next === was) return
  const told = ended ? { ...next, revision: next.revision + 1 } : next
  state.agents.set(staff, told)
  index(state, was, told)
  into.agents.add(staff)
  if (!ended) return
  into.told.set(staff, told)
  into.events.push(agentEvent(told.now.since, viewOf(site, state, told, fact.at), viewEnded(told, site.pbx, ended)))
}

/** Where they have signed in, or are about to, or something of it is left. */
function placeOf(agent: Agent) {
  const { asking } = agent
  const place = asking?.do === 'sign-in' ? asking.signIn : asking?.do === 'sign-out' ? asking.at : undefined
  return place?.telephony ? place : phoneOf(agent)
}

function index({ agentAt, agentOf }: PbxState, was: Agent | undefined, now: Agent) {
  const [before, after] = [was && placeOf(was), placeOf(now)]
  if (before?.interface === after?.interface) return
  if (before) {
    agentAt.delete(before.extension)
    agentOf.delete(before.interface)
  }
  if (!after) return
  agentAt.set(after.extension, now.staff)
  agentOf.set(after.interface, now.staff)
}

/** Each fact, after it has been applied to calls and queues. */
export function heardForAgents(site: Site, state: PbxState, fact: Fact, into: Applied) {
  const to = (staff: string | undefined, what: AgentFact) =>
    staff === undefined ? undefined : toAgent(site, state, staff, what, into)
  takeLegs(site, state, fact.at, into)
  switch (fact.type) {
    case 'member.changed':
      if (!state.agentOf.has(fact.member.interface)) return adoptAll(site, state, [fact.member], fact.at, into)
      return to(state.agentOf.get(fact.member.interface), fact)
    case 'member.removed':
      return to(state.agentOf.get(fact.member.interface), fact)
    case 'agent.unanswered':
      return to(state.agentOf.get(fact.member.interface), { type: 'missed', at: fact.at })
    case 'phone.changed':
      state.phones.set(fact.device, fact.phone)
      return to(state.agentOf.get(fact.device), { type: 'phone.changed', at: fact.at, phone: fact.phone })
    case 'link.down':
      if (fact.link !== 'ari') everybodyAway(site, state, fact.at, into)
      return
    case 'pbx.seen':
      if (fact.phones) seePhones(state, fact.phones)
      return seeAll(site, state, fact.at, into)
    case 'queues.seen':
      return seeAll(site, state, fact.at, into)
    default:
      return
  }
}

export function everybodyAway(site: Site, state: PbxState, at: EpochMs, into: Applied) {
  for (const staff of state.agentAt.values()) toAgent(site, state, staff, { type: 'pbx.away', at }, into)
}

function seePhones(state: PbxState, phones: readonly PhoneSeen[]) {
  state.phones.clear()
  for (const { device, phone } of phones) state.phones.set(device, phone)
}

/** What the PBX has at the phone of each. */
function seeAll(site: Site, state: PbxState, at: EpochMs, into: Applied) {
  const members = new Map<string, MemberSeen[]>()
  for (const queue of state.queues.values())
    for (const member of queue.members) {
      const others = members.get(member.interface)
      if (others) others.push(member)
      else members.set(member.interface, [member])
    }
  adoptAll(site, state, [...members.values()].flat(), at, into)
  for (const [place, staff] of state.agentOf) look(site, state, staff, place, members.get(place) ?? [], at, into)
  const legs = new Map<string, LegAt[]>()
  for (const call of state.calls.values())
    for (const extension of extensionsIn([call]))
      if (state.agentAt.has(extension))
        legs.set(extension, [...(legs.get(extension) ?? []), ...legsAt(site, state.directory, call, extension)])
  for (const [extension, staff] of state.agentAt) haveLegs(site, state, staff, legs.get(extension) ?? [], at, into)
}

function haveLegs(site: Site, state: PbxState, staff: string, legs: readonly LegAt[], at: EpochMs, into: Applied) {
  const was = state.agents.get(staff)?.legs ?? []
  if (!isSame(legs, was)) toAgent(site, state, staff, { type: 'legs.changed', at, legs }, into)
}

type Place = { interface: string; extension: string; paused: boolean }

/** Staff whom the PBX has as members that were added while it runs, and of whom nothing else is known: it knows better. */
function signedInThere(site: Site, state: PbxState, members: readonly MemberSeen[]): Map<string, Place> {
  const found = new Map<string, Place>()
  for (const member of members) {
    const { name, interface: place, kind, paused } = member
    const extension = extensionAt(site, place)
    const agent = state.agents.get(name)
    if (kind !== 'dynamic' || extension === undefined || !state.directory.staff.has(name)) continue
    if (agent?.signedIn || agent?.asking || state.agentAt.has(extension)) continue
    found.set(name, { interface: place, extension, paused })
  }
  return found
}

function adoptAll(site: Site, state: PbxState, members: readonly MemberSeen[], at: EpochMs, into: Applied) {
  for (const [staff, place] of signedInThere(site, state, members)) adopt(site, state, staff, place, at, into)
}

function adopt(site: Site, state: PbxState, staff: string, { paused, ...place }: Place, at: EpochMs, into: Applied) {
  const wanted: Wanted = paused ? { state: 'not-ready', reason: 'pbx' } : { state: 'ready' }
  seePlace(site, state, staff, place, at, into)
  const asking: Asking = { do: 'sign-in', signIn: { telephony: true, at, ...place }, wanted, cause: 'pbx' }
  toAgent(site, state, staff, { type: 'asked', at, asking }, into)
}

/** What is at a phone, for somebody who is about to sign in there. */
export function seePlace(
  site: Site,
  state: PbxState,
  staff: string,
  place: { interface: string; extension: string },
  at: EpochMs,
  into: Applied,
) {
  const members = [...state.queues.values()].flatMap(q => q.members.filter(m => m.interface === place.interface))
  look(site, state, staff, place.interface, members, at, into)
  haveLegs(site, state, staff, legsOf(site, state, place.extension), at, into)
}

function look(
  site: Site,
  state: PbxState,
  staff: string,
  place: string,
  members: readonly MemberSeen[],
  at: EpochMs,
  into: Applied,
) {
  toAgent(site, state, staff, { type: 'members.seen', at, members }, into)
  const phone = state.phones.get(place)
  if (phone) toAgent(site, state, staff, { type: 'phone.changed', at, phone }, into)
}

const legsOf = (site: Site, state: PbxState, extension: string): LegAt[] =>
  [...state.calls.values()].flatMap(call => legsAt(site, state.directory, call, extension))

/** What became of legs since the last time. */
function takeLegs(site: Site, state: PbxState, at: EpochMs, into: Applied) {
  for (const { was, now } of state.moved.splice(0)) {
    const ids = new Set([...was, now].flatMap(call => call?.id ?? []))
    for (const extension of extensionsIn([...was, ...(now ? [now] : [])])) {
      const staff = state.agentAt.get(extension)
      const agent = staff === undefined ? undefined : state.agents.get(staff)
      if (!agent || staff === undefined) continue
      const others = agent.legs.filter(leg => !ids.has(leg.call as Call['id']))
      const legs = [...others, ...(now ? legsAt(site, state.directory, now, extension) : [])]
      haveLegs(site, state, staff, legs, at, into)
    }
  }
}

const extensionsIn = (calls: readonly Call[]) =>
  new Set(
    calls.flatMap(call =>
      call.legs.flatMap(leg => (isParty(leg) && leg.extension !== undefined ? [leg.extension] : [])),
    ),
  )

const KEYS = ['leg', 'call', 'doing', 'queue', 'answered', 'wrapUpMs'] as const
const isSame = (a: readonly LegAt[], b: readonly LegAt[]) =>
  a.length === b.length && a.every((leg, i) => KEYS.every(key => leg[key] === b[i]?.[key]))
