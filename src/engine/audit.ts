/**
 * The audit: now and then, while calls live, the list of channels that the PBX has is compared with what was told. Events are
 * what everything lives by; this finds only the end that was never told, which no later event would show. What differs is
 * looked at again a little later, and counts only if it is still so: the list and the events are not read in one moment.
 */
import { after, type Clock } from '../base/clock.js'
import type { LegId } from '../base/ids.js'
import { isLive, isParty, type Call } from '../calls/state.js'
import type { ChannelSeen, LegFact } from '../pbx/facts.js'
import type { Link } from '../pbx/link.js'
import { createdHidden } from '../pbx/hidden-caller.js'
import { missedFacts } from './resync.js'

/** Far longer than an event is under way. */
const AGAIN_MS = 2_000

type Parts = {
  link: Link
  clock: Clock
  everyMs: number
  calls: () => readonly Call[]
  /** What was found, if anything: to be applied like any other fact. */
  found: (facts: LegFact[]) => void
}

type Differing = { facts: readonly LegFact[]; seen: readonly ChannelSeen[] }
const NONE: Differing = { facts: [], seen: [] }

export function createAudit({ link, clock, everyMs, calls, found: tell }: Parts) {
  let cancel: (() => void) | undefined = () => undefined
  /** What the last look found that was not so at the one before. */
  let suspects: readonly LegFact[] = []

  async function differences(): Promise<Differing> {
    if (link.status().state !== 'ready' || calls().length === 0) return NONE
    const listed = await link.channels?.()
    if (listed?.ok !== true) return NONE
    return { facts: suspected(calls(), listed.value, clock.now()), seen: listed.value }
  }

  /** Whoever is found out to be there, and whose number must not be shown, is told of as such. */
  async function found({ facts, seen }: Differing): Promise<LegFact[]> {
    const sure = confirmed(suspects, facts)
    const created = new Set(sure.flatMap(({ type, leg }) => (type === 'channel.created' ? [leg] : [])))
    if (created.size === 0) return sure
    const hidden = await link.withheld?.(seen.filter(({ leg }) => created.has(leg)))
    return sure.flatMap(fact =>
      fact.type === 'channel.created' && hidden?.has(fact.leg) === true ? createdHidden(fact) : [fact],
    )
  }

  async function look() {
    const differing = await differences()
    const facts = await found(differing)
    if (!cancel) return
    if (facts.length > 0) tell(facts)
    suspects = suspects.length === 0 ? differing.facts : []
    lookIn(suspects.length === 0 ? everyMs : AGAIN_MS)
  }

  function lookIn(ms: number) {
    cancel = clock.wake(after(clock, ms), () => void look())
  }

  return {
    start() {
      if (link.channels) lookIn(everyMs)
    },
    stop() {
      cancel?.()
      cancel = undefined
    },
  }
}

/** What the list says and nobody told. A bridge counts if two of a call are in it: alone, one waits. */
export function suspected(calls: readonly Call[], seen: readonly ChannelSeen[], at: LegFact['at']): LegFact[] {
  const bridges = new Map(seen.map(channel => [channel.leg, channel.bridge]))
  const talking = new Set(calls.flatMap(call => shared(call, bridges)))
  return missedFacts(calls, seen, at).filter(fact => fact.type !== 'bridge.entered' || talking.has(fact.leg))
}

function shared(call: Call, bridges: ReadonlyMap<LegId, string | undefined>): LegId[] {
  const parties = call.legs.filter(leg => isParty(leg) && isLive(leg) && bridges.get(leg.id) !== undefined)
  return parties
    .filter(leg => parties.some(other => other !== leg && bridges.get(other.id) === bridges.get(leg.id)))
    .map(leg => leg.id)
}

/** What is so at the second look as it was at the first. */
export function confirmed(first: readonly LegFact[], second: readonly LegFact[]): LegFact[] {
  const before = new Set(first.map(keyOf))
  return second.filter(fact => before.has(keyOf(fact)))
}

function keyOf(fact: LegFact): string {
  const what = 'state' in fact ? fact.state : 'bridge' in fact ? fact.bridge : ''
  return `${fact.type} ${fact.leg} ${what}`
}
