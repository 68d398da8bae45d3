/**
 * The order in which things happened, where a PBX tells them in another. Facts are applied as they come; one that is stamped
 * before others that were heard already sends its call back to where it stood then, and tells it again from there. A fact
 * that comes twice counts once. Pure but for the list it keeps: the last facts, and how their call stood before each.
 */
import { isDeepStrictEqual } from 'node:util'
import type { CallId } from '../base/ids.js'
import { reduceCall, type Step } from '../calls/reduce.js'
import type { Site } from '../calls/site.js'
import { legOf, type Call } from '../calls/state.js'
import { number, type CallChange } from '../calls/told.js'
import type { LegFact } from '../pbx/facts.js'
import { showsHole } from './holes.js'

type Heard = {
  /** The PBX's stamp; facts of our own have that of the one before. */
  order: number
  fact: LegFact
  call: CallId | undefined
  before: Call | undefined
  /** What was told of the call then: each as often as it was, a survey has several answers. */
  told: readonly string[]
}

export type Recent = Heard[]

const MOST_RECENT = 128
/** Later than this is no disorder: the PBX's clock was set back, and its stamps begin anew. */
const LATE_AT_MOST_US = 100_000

/** One step of the reducer. A fact that shows that something was not told is inferred, as is what comes of it. */
export const stepOf = (site: Site, call: Call | undefined, fact: LegFact, id: CallId): Step =>
  reduceCall(site, call && showsHole(call, fact) ? { ...call, inferred: true } : call, fact, id)

const NOTHING: readonly string[] = []
const keyOf = ({ type, leg }: CallChange) => `${type} ${leg ?? ''}`
const isIntroduction = (fact: LegFact) => fact.type === 'channel.created' && fact.inferred === true
/** What a leg really began with, in the place of what was concluded of it. */
const replaces = (fact: LegFact, { fact: other }: Heard) =>
  fact.type === 'channel.created' && !isIntroduction(fact) && isIntroduction(other) && other.leg === fact.leg

/** Whether this very fact was heard before. */
export function isRepeated(recent: Recent, fact: LegFact): boolean {
  const { atUs } = fact
  if (atUs === undefined) return false
  for (let i = recent.length - 1; i >= 0; i -= 1) {
    const heard = recent[i]
    if (!heard || heard.order < atUs) return false
    if (heard.order === atUs && isSame(heard.fact, fact)) return true
  }
  return false
}

function isSame(a: LegFact, b: LegFact): boolean {
  if (a.type !== b.type || a.leg !== b.leg) return false
  const other: Record<string, unknown> = b
  return Object.entries(a).every(([key, value]) => typeof value === 'object' || other[key] === value)
}

/** Two calls have become one: what was heard of either is not told again, since the one has not been through it. */
export function settle(recent: Recent, calls: readonly CallId[]) {
  for (let i = recent.length - 1; i >= 0; i -= 1) {
    const heard = recent[i]
    if (heard?.call !== undefined && calls.includes(heard.call)) recent.splice(i, 1)
  }
}

/** In the place that its stamp gives it. */
export function remember(
  recent: Recent,
  fact: LegFact,
  call: CallId | undefined,
  before: Call | undefined,
  step?: Step,
) {
  const last = recent.at(-1)?.order ?? 0
  const order = fact.atUs ?? last
  if (order < last - LATE_AT_MOST_US) recent.length = 0
  const told = step && step.events.length > 0 ? step.events.map(keyOf) : NOTHING
  insert(recent, { order, fact, call, before, told })
  while (recent.length > MOST_RECENT) recent.shift()
}

function insert(recent: Recent, heard: Heard) {
  let at = recent.length
  while (at > 0 && (recent[at - 1]?.order ?? 0) > heard.order) at -= 1
  if (at === recent.length) recent.push(heard)
  else recent.splice(at, 0, heard)
}

/**
 * What has to be told again because of this fact: whatever its call, or its leg, was told to have done after it; all there
 * is, if a call's first leg is introduced; and a leg that was introduced by something else, when its own beginning is told.
 */
export function overtaken(recent: Recent, fact: LegFact, call: CallId, was: Call | undefined): Heard[] {
  const { atUs, leg } = fact
  const last = recent.at(-1)
  if (atUs === undefined || !last) return []
  const begins = isIntroduction(fact) && call.endsWith(`:${leg}`) && was && !legOf(was, leg)
  const isInOrder = atUs >= last.order && !recent.some(h => replaces(fact, h))
  if (!begins && (isInOrder || atUs < last.order - LATE_AT_MOST_US)) return []
  const own = recent.filter(h => h.call === call || (h.call === undefined && h.fact.leg === leg))
  const from = own.findIndex(h => begins === true || h.order > atUs || replaces(fact, h))
  return from < 0 ? [] : own.slice(from)
}

/** The call as it is if this fact is put where it belongs; only what nobody was told of yet is told. */
export function retell(
  site: Site,
  recent: Recent,
  fact: LegFact,
  was: Call | undefined,
  again: Heard[],
  id: CallId,
): Step {
  const told = again.flatMap(heard => heard.told)
  const first = again[0]?.order ?? 0
  const replaced = again.filter(h => replaces(fact, h))
  for (const heard of replaced) recent.splice(recent.indexOf(heard), 1)
  const late: Heard = {
    order: isIntroduction(fact) ? first - 1 : Math.min(fact.atUs ?? first, ...replaced.map(h => h.order - 1)),
    fact,
    call: id,
    before: undefined,
    told: NOTHING,
  }
  insert(recent, late)
  // What was heard of a leg that was in no call yet says nothing of how this call stood.
  const known = again.find(heard => heard.call !== undefined)
  let call = known ? known.before : was
  let wake: Step['wake']
  const news: CallChange[] = []
  const all = recent.filter(h => h === late || again.includes(h))
  for (const heard of all) {
    const step = stepOf(site, call, heard.fact, id)
    Object.assign(heard, { call: id, before: call, told: step.events.map(keyOf) })
    call = step.next
    for (const event of step.events) {
      if (isTold(told, keyOf(event))) continue
      news.push(event)
      wake = step.wake
    }
  }
  // What was told and would not be now, is not told should it come about later.
  const last = all.at(-1)
  if (last && told.length > 0) last.told = [...last.told, ...told]
  if (was?.progress.state === 'ended') return revision(was, call)
  return { ...renumbered(was, call, news), ...(wake && { wake }) }
}

/** Whether this was told, one time of those there were. */
function isTold(told: string[], key: string): boolean {
  const at = told.indexOf(key)
  if (at >= 0) told.splice(at, 1)
  return at >= 0
}

/** An ended call stays ended, and nothing is told of it as if it were going on: what is learnt late is a revision of it. */
function revision(was: Call, now: Call | undefined): Step {
  if (now?.progress.state !== 'ended') return { next: was, events: [] }
  const next = { ...now, revision: was.revision }
  return isDeepStrictEqual(next, was)
    ? { next: was, events: [] }
    : number(next, [{ type: 'call.revised' }], now.latestAt)
}

/** Numbers go on from what was told; each event carries the call as it is now. */
function renumbered(was: Call | undefined, now: Call | undefined, news: CallChange[]): Step {
  let revision = was?.revision ?? 0
  const state = now ?? news.at(-1)?.call
  if (!state) return { next: undefined, events: [] }
  const events = news.map(event => ({ ...event, call: { ...state, revision: ++revision } }))
  return { next: now && { ...now, revision }, events }
}
