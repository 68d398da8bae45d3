/**
 * The agents of one PBX: what calls, phones and queues do at their extensions goes to the reducer of each agent that it is
 * about. Changes the state it is given and touches nothing else.
 */
import { stillSent, type Sent } from '../agents/holds.js'
import { reduceAgent, type AgentFact } from '../agents/reduce.js'
import { skillsOf, type Skill } from '../agents/skills.js'
import {
  memberKey,
  membersOf,
  newAgent,
  phoneOf,
  type Agent,
  type Asking,
  type LegAt,
  type Wanted,
} from '../agents/state.js'
import { viewAgent, viewEnded } from '../agents/view.js'
import { groupBy } from '../base/group.js'
import { isSameQueue } from '../base/queue-map.js'
import type { EpochMs, LegId } from '../base/ids.js'
import { extensionOfMember, phoneAt } from '../calls/phones.js'
import type { Site } from '../calls/site.js'
import { isParty, legOf, type Call } from '../calls/state.js'
import { requiresWrapUpCode } from '../directory/state.js'
import { OWN_REASONS, type AgentView } from '../events/agent.js'
import { REASONS } from '../events/directory.js'
import { agentEvent } from '../events/event.js'
import type { Fact, Member, MemberFact, MemberSeen, PhoneSeen } from '../pbx/facts.js'
import type { Applied } from './apply.js'
import { agentLine, lineAt } from './lines.js'
import { legsAt } from './legs-at.js'
import { isAgent, type PbxState, type StoredAgent, type StoredThing } from './state.js'

/** Under which name they are stored. */
export const agentKey = (staff: string) => `agent/${staff}`

export function storedAgent(state: PbxState, staff: string): StoredAgent | undefined {
  const agent = state.agents.get(staff)
  const shown = state.shownAgents.get(staff)
  return agent && { id: agentKey(staff), agent, ...(shown && { shown }) }
}

/** What was under way when the daemon ended, is not any more. */
export function restoreAgents(state: PbxState, stored: Iterable<StoredThing>) {
  for (const thing of stored) {
    if (!isAgent(thing)) continue
    const { asking: _, ...stored } = thing.agent
    // They were kept by the queue alone once, which then had one of them.
    const members = Object.fromEntries(membersOf(stored).map(member => [memberKey(member), member]))
    const agent = { ...stored, members }
    state.agents.set(agent.staff, agent)
    if (thing.shown) state.shownAgents.set(agent.staff, thing.shown)
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

/** Workgroups by the names that their queues have in the PBX, which compares them without regard to letter case. */
const skills = (state: PbxState, staff: string): Skill[] =>
  skillsOf(state.directory.staff.get(staff)).map(skill => ({
    ...skill,
    workgroup: state.queues.nameOf(skill.workgroup),
  }))
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
  for (const agent of [was, told]) takePlace(site, state, placeOf(agent)?.extension, into)
  if (!ended) return
  const view = viewOf(site, state, told, fact.at)
  into.told.set(staff, view)
  into.events.push(agentEvent(told.now.since, view, viewEnded(told, site.pbx, ended)))
}

/** Where they have signed in, or are about to, or something of it is left. */
function placeOf(agent: Agent) {
  const { asking } = agent
  const place = asking?.do === 'sign-in' ? asking.signIn : asking?.do === 'sign-out' ? asking.at : undefined
  return place?.telephony ? place : phoneOf(agent)
}

/** Their extension shows who sits there, and so do the queues that have a member there. */
function takePlace(site: Site, state: PbxState, extension: string | undefined, into: Applied) {
  if (extension === undefined || into.extensions.has(extension)) return
  into.extensions.add(extension)
  for (const { name, members } of state.queues.values())
    if (members.some(member => extensionOfMember(site, member) === extension)) into.queues.add(name)
}

function index({ agentAt }: PbxState, was: Agent | undefined, now: Agent) {
  const [before, after] = [was && placeOf(was)?.extension, placeOf(now)?.extension]
  if (before === after) return
  if (before !== undefined) agentAt.delete(before)
  if (after !== undefined) agentAt.set(after, now.staff)
}

/** Who has signed in where a member's phone is. */
export function agentOfMember(site: Site, state: PbxState, member: Omit<Member, 'name'>): string | undefined {
  const extension = extensionOfMember(site, member)
  return extension === undefined ? undefined : state.agentAt.get(extension)
}

/** Not all events name the state interface. */
function memberIn(state: PbxState, queue: string, member: Member): Member {
  return state.queues.get(queue)?.members.find(m => m.interface === member.interface) ?? member
}

/** What the daemon has asked the PBX to do with this membership; what the PBX shows of it now, is waited for no longer. */
function takeSent(state: PbxState, staff: string, fact: MemberFact): { sent?: Sent } {
  const { queue, interface: place } =
    fact.type === 'member.changed' ? fact.member : { queue: fact.queue, ...fact.member }
  const all = state.sent.get(staff)
  const key = memberKey({ queue, interface: place })
  const sent = all?.get(key)
  if (!all || !sent) return {}
  const left = fact.type === 'member.changed' ? stillSent(sent, fact.member) : undefined
  if (left) all.set(key, left)
  else all.delete(key)
  return { sent }
}

function toMember(site: Site, state: PbxState, staff: string | undefined, fact: MemberFact, into: Applied) {
  if (staff === undefined) return
  toAgent(site, state, staff, { ...fact, ...takeSent(state, staff, fact) }, into)
  // What was waited for, and changes nothing, is looked at all the same.
  into.agents.add(staff)
}

/** Each fact, after it has been applied to calls and queues. */
export function heardForAgents(site: Site, state: PbxState, fact: Fact, into: Applied) {
  const to = (staff: string | undefined, what: AgentFact) =>
    staff === undefined ? undefined : toAgent(site, state, staff, what, into)
  takeLegs(site, state, fact.at, into)
  switch (fact.type) {
    case 'member.changed': {
      const staff = agentOfMember(site, state, fact.member)
      if (staff === undefined) return adoptAll(site, state, [fact.member], fact.at, into)
      return toMember(site, state, staff, fact, into)
    }
    case 'member.removed':
      return toMember(site, state, agentOfMember(site, state, fact.member), fact, into)
    case 'agent.dumped':
    case 'agent.unanswered': {
      if (fact.type === 'agent.dumped' && isCallerGoneFirst(state, fact.leg)) return
      const member = memberIn(state, fact.queue, fact.member)
      if (fact.type === 'agent.unanswered' && isNoMiss(state, fact, extensionOfMember(site, member))) return
      const staff = agentOfMember(site, state, member)
      return to(staff, { type: 'missed', at: fact.at })
    }
    case 'phone.changed': {
      state.phones.set(fact.device, fact.phone)
      const extension = extensionOfMember(site, { interface: fact.device })
      if (extension !== undefined) into.extensions.add(extension)
      const phone = extension === undefined ? undefined : phoneAt(site, state.phones, extension)
      return (
        phone &&
        to(agentOfMember(site, state, { interface: fact.device }), { type: 'phone.changed', at: fact.at, phone })
      )
    }
    case 'link.down':
      if (fact.link !== 'ari') everybodyAway(site, state, fact.at, into)
      return
    case 'pbx.seen':
      if (fact.phones) seePhones(state, fact.phones)
      into.phonesSeen = true
      return seeAll(site, state, fact.at, into)
    case 'queues.seen':
      return seeAll(site, state, fact.at, into)
    default:
      return
  }
}

type Unanswered = Extract<Fact, { type: 'agent.unanswered' }>

/**
 * The queue still rings another device of this extension, which is a member of its own: only the last one makes it a miss. Or the PBX is
 * being stopped.
 */
function isNoMiss(state: PbxState, { leg, queue, phone }: Unanswered, extension: string | undefined): boolean {
  const id = state.callOf.get(leg)
  const call = id && state.calls.get(id)
  if (call?.legs.some(l => l.stopping)) return true
  const isBeside = (o: Call['offers'][number]) =>
    o.result === undefined && o.leg !== phone && o.via !== phone && o.queue !== undefined && isSameQueue(o.queue, queue)
  return call?.offers.some(o => isBeside(o) && legOf(call, o.leg)?.extension === extension) === true
}

/** A caller who gives up before the queue connects them has not been missed. */
function isCallerGoneFirst(state: PbxState, caller: LegId): boolean {
  const id = state.callOf.get(caller)
  const hangups = (id && state.calls.get(id)?.hangups) ?? []
  const asked = hangups.filter(({ asked }) => asked !== 'pbx').map(({ leg }) => leg)
  return asked.includes(caller) && asked.at(-1) !== caller
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
  const all = [...state.queues.values()].flatMap(queue => queue.members)
  adoptAll(site, state, all, at, into)
  const members = groupBy(all, member => extensionOfMember(site, member))
  for (const [extension, staff] of state.agentAt)
    look(site, state, staff, extension, members.get(extension) ?? [], at, into)
  const legs = new Map<string, LegAt[]>()
  for (const call of state.calls.values())
    for (const extension of extensionsIn([call]))
      if (state.agentAt.has(extension))
        legs.set(extension, [...(legs.get(extension) ?? []), ...legsAt(site, state.directory, call, extension)])
  for (const [extension, staff] of state.agentAt) haveLegs(site, state, staff, legs.get(extension) ?? [], at, into)
  // After a start, the directory may be another.
  requireCodes(site, state, at, into)
}

function haveLegs(site: Site, state: PbxState, staff: string, legs: readonly LegAt[], at: EpochMs, into: Applied) {
  const was = state.agents.get(staff)?.legs ?? []
  if (!isSame(legs, was)) toAgent(site, state, staff, { type: 'legs.changed', at, legs }, into)
}

type Place = { interface: string; stateInterface?: string; extension: string }
type Found = Place & { reasons: string[] }

/** Staff whom the PBX has as members that were added while it runs, and of whom nothing else is known: it knows better. */
function signedInThere(site: Site, state: PbxState, members: readonly MemberSeen[]): Map<string, Found> {
  const found = new Map<string, Found>()
  for (const member of members) {
    const { name, interface: place, stateInterface, kind, paused, pausedFor } = member
    const extension = extensionOfMember(site, member)
    const agent = state.agents.get(name)
    if (kind !== 'dynamic' || extension === undefined || !state.directory.staff.has(name)) continue
    if (agent?.signedIn || agent?.asking || state.agentAt.has(extension)) continue
    if (!skills(state, name).some(({ workgroup }) => isSameQueue(workgroup, member.queue))) continue
    // Of two at one phone, the first has it.
    if ([...found].some(([other, there]) => other !== name && there.extension === extension)) continue
    const at = { interface: place, ...(stateInterface === undefined ? {} : { stateInterface }), extension }
    const reasons = paused && pausedFor !== undefined ? [pausedFor] : []
    found.set(name, { ...at, reasons: [...(found.get(name)?.reasons ?? []), ...reasons] })
  }
  return found
}

function adoptAll(site: Site, state: PbxState, members: readonly MemberSeen[], at: EpochMs, into: Applied) {
  for (const [staff, place] of signedInThere(site, state, members)) adopt(site, state, staff, place, at, into)
}

/** A pause for one of our own reasons is the daemon's: it has lost what it knew. */
function adopt(site: Site, state: PbxState, staff: string, { reasons, ...place }: Found, at: EpochMs, into: Applied) {
  const reason = reasons.find(given => Object.hasOwn(OWN_REASONS, given) || isListed(state, given))
  const wanted: Wanted = reason === undefined ? { state: 'ready' } : { state: 'not-ready', reason }
  seePlace(site, state, staff, place, at, into)
  const asking: Asking = { do: 'sign-in', signIn: { telephony: true, at, ...place }, wanted, cause: 'pbx' }
  toAgent(site, state, staff, { type: 'asked', at, asking }, into)
}

const isListed = ({ directory }: PbxState, code: string) =>
  directory.dictionaries.get(REASONS)?.entries.some(entry => entry.code === code) === true

/** What is at a phone, for somebody who is about to sign in there. */
export function seePlace(
  site: Site,
  state: PbxState,
  staff: string,
  { extension }: Pick<Place, 'extension'>,
  at: EpochMs,
  into: Applied,
) {
  const isThere = (member: MemberSeen) => extensionOfMember(site, member) === extension
  const members = [...state.queues.values()].flatMap(queue => queue.members.filter(isThere))
  look(site, state, staff, extension, members, at, into)
  haveLegs(site, state, staff, legsOf(site, state, extension), at, into)
}

function look(
  site: Site,
  state: PbxState,
  staff: string,
  extension: string,
  members: readonly MemberSeen[],
  at: EpochMs,
  into: Applied,
) {
  toAgent(site, state, staff, { type: 'members.seen', at, members }, into)
  const phone = phoneAt(site, state.phones, extension)
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

/** Whose wrap-up waits for a code, and whose will, as the directory is now. */
export function requireCodes(site: Site, state: PbxState, at: EpochMs, into: Applied) {
  for (const { staff, legs, wrapUp } of state.agents.values()) {
    const all = [...legs, ...(wrapUp ? [wrapUp] : [])].flatMap(({ queue }) => queue ?? [])
    const queues = all.filter(queue => requiresWrapUpCode(state.directory, queue))
    if (all.length > 0) toAgent(site, state, staff, { type: 'codes.required', at, queues }, into)
  }
}

const extensionsIn = (calls: readonly Call[]) =>
  new Set(
    calls.flatMap(call =>
      call.legs.flatMap(leg => (isParty(leg) && leg.extension !== undefined ? [leg.extension] : [])),
    ),
  )

const KEYS = ['leg', 'call', 'doing', 'queue', 'answered', 'wrapUpMs', 'codeRequired'] as const
const isSame = (a: readonly LegAt[], b: readonly LegAt[]) =>
  a.length === b.length && a.every((leg, i) => KEYS.every(key => leg[key] === b[i]?.[key]))
