/**
 * After a (re)connect: what must have happened meanwhile, as facts that say they are inferred. A channel that the PBX no
 * longer has is gone, without a reason anybody could know; one that it has and we did not, was created. Pure.
 */
import type { EpochMs, LegId } from '../base/ids.js'
import { isLive, type Call, type Leg } from '../calls/state.js'
import type { ChannelSeen, LegFact } from '../pbx/facts.js'

export function missedFacts(calls: Iterable<Call>, seen: readonly ChannelSeen[], at: EpochMs): LegFact[] {
  const there = new Map(seen.map(channel => [channel.leg, channel]))
  const known = new Map([...calls].flatMap(call => call.legs.filter(isLive).map(leg => [leg.id, leg] as const)))
  const gone = [...known.keys()].filter(leg => !there.has(leg)).map(leg => lost(leg, at))
  const oldestFirst = [...seen].sort((a, b) => a.since - b.since)
  const created = oldestFirst.filter(channel => !known.has(channel.leg)).map(appeared)
  const paired = oldestFirst.flatMap(channel => joined(channel, known.get(channel.leg), at))
  const waiting = oldestFirst.flatMap(channel => placed(channel, known.get(channel.leg), at))
  const changed = oldestFirst.flatMap(channel => caughtUp(channel, known.get(channel.leg), at))
  return [...gone, ...created, ...paired, ...waiting, ...changed]
}

const lost = (leg: LegId, at: EpochMs): LegFact => ({ type: 'channel.gone', at, leg, lost: true, inferred: true })

const appeared = ({ leg, linked, name, caller, exten, since }: ChannelSeen): LegFact => ({
  type: 'channel.created',
  at: since,
  leg,
  linked,
  name,
  state: 'down',
  caller,
  exten,
  inferred: true,
})

const joined = ({ leg, pair }: ChannelSeen, known: Leg | undefined, at: EpochMs): LegFact[] =>
  pair === undefined || known?.pair === pair ? [] : [{ type: 'local.joined', at, leg, other: pair, inferred: true }]

/** Queues and parking spaces; nothing where we knew them so. Whoever is in a queue has been there for as long as it says. */
function placed({ leg, queue, parked }: ChannelSeen, known: Leg | undefined, at: EpochMs): LegFact[] {
  const place = known?.place
  const facts: LegFact[] = []
  if (place?.kind === 'queue' && place.name !== queue?.name)
    facts.push({ type: 'queue.left', at, leg, queue: place.name, inferred: true })
  if (place?.kind === 'park' && place.name !== parked?.space)
    facts.push({ type: 'park.ended', at, leg, why: 'taken-up', inferred: true })
  if (queue && !(place?.kind === 'queue' && place.name === queue.name)) {
    const { name, since, position } = queue
    const at = position === undefined ? {} : { position }
    facts.push({ type: 'queue.joined', at: since, leg, queue: name, ...at, inferred: true })
  }
  if (parked && !(place?.kind === 'park' && place.name === parked.space))
    facts.push({ type: 'park.begun', at, leg, ...parked, by: '', inferred: true })
  return facts
}

/** State and bridge as they are now; nothing where we knew them so. */
function caughtUp(channel: ChannelSeen, known: Leg | undefined, at: EpochMs): LegFact[] {
  const { leg, state, holding, room } = channel
  const bridge = holding ? undefined : channel.bridge
  const facts: LegFact[] = []
  if (known?.state !== state) facts.push({ type: 'channel.changed', at, leg, state, inferred: true })
  if (known?.bridge === bridge) return facts
  if (known?.bridge !== undefined) facts.push({ type: 'bridge.left', at, leg, bridge: known.bridge, inferred: true })
  if (bridge === undefined) return facts
  const named = room === undefined ? {} : { room }
  return [...facts, { type: 'bridge.entered', at, leg, bridge, holding: false, ...named, inferred: true }]
}
