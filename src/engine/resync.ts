/**
 * After a (re)connect: what must have happened meanwhile, as facts that say they are inferred. A channel that the PBX no
 * longer has is gone, without a reason anybody could know; one that it has and we did not, was created; a phone that rang and
 * is up has answered. Pure.
 */
import type { EpochMs, LegId } from '../base/ids.js'
import { waitersFor } from '../calls/paths.js'
import { isLive, type Call, type Leg } from '../calls/state.js'
import { deviceOfChannel } from '../pbx/channel-name.js'
import type { ChannelSeen, LegFact, PhoneSeen, QueueSeen } from '../pbx/facts.js'
import { callerHidden, createdHidden } from '../pbx/hidden-caller.js'
import { dialled, dialerOf, isAsked, isOlder, type Around, type Known } from './dialled.js'

/** What the PBX lists beside its channels. */
export type AlsoSeen = {
  queues?: readonly QueueSeen[] | undefined
  phones?: readonly PhoneSeen[] | undefined
  bootedAt?: EpochMs | undefined
  /** Since when nothing was heard of it. */
  downSince?: EpochMs | undefined
}

export function missedFacts(
  calls: Iterable<Call>,
  seen: readonly ChannelSeen[],
  at: EpochMs,
  { queues = [], phones = [], bootedAt, downSince }: AlsoSeen = {},
): LegFact[] {
  const there = new Map(seen.map(channel => [channel.leg, channel]))
  const known = new Map<LegId, Known>()
  for (const call of calls) for (const leg of call.legs) if (isLive(leg)) known.set(leg.id, { leg, call })
  const around: Around = {
    at,
    known,
    there,
    queues,
    ...(downSince !== undefined && { downSince }),
    isRestarted: isBootedSince(bootedAt, downSince),
    ...(bootedAt !== undefined && { bootedAt }),
    metAt: channel => metAt(channel, at, downSince),
  }
  const oldestFirst = [...seen].sort((a, b) => (isOlder(a, b) ? -1 : 1))
  const legOf = ({ leg }: ChannelSeen) => known.get(leg)?.leg
  const [old, young] = [oldestFirst.filter(legOf), oldestFirst.filter(channel => !legOf(channel))]
  const gone = [...known.values()]
    .filter(({ leg }) => !there.has(leg.id))
    .map(one => ({ one, facts: lost(one, around) }))
  const isGone = ({ type }: LegFact) => type === 'channel.gone'
  // When they were gone is often not known: what is known to be earlier comes first, where others of their call are still there.
  const isLater = ({ call, leg }: Known) => call.legs.some(l => there.has(l.id)) && !sentOn(leg, call, around)
  const [later, sooner] = [gone.filter(({ one }) => isLater(one)), gone.filter(({ one }) => !isLater(one))]
  return [
    ...old.filter(channel => isNews(channel, legOf(channel))).map(channel => callerHidden(channel, at)),
    ...old.filter(channel => isAnswered(channel, around)).map(channel => answered(channel.leg, around.metAt(channel))),
    ...old.flatMap(channel => parked(channel, legOf(channel), at)),
    ...sooner.flatMap(({ facts }) => facts),
    ...later.flatMap(({ facts }) => facts.filter(fact => !isGone(fact))),
    ...young.flatMap(appeared),
    ...oldestFirst.flatMap(channel => joined(channel, legOf(channel), at)),
    ...oldestFirst
      .filter(({ leg }) => isUndialled(known.get(leg), downSince))
      .flatMap(channel => dialled(channel, around)),
    ...oldestFirst.flatMap(channel => placed(channel, legOf(channel), around)),
    ...young.flatMap(channel => parked(channel, undefined, at)),
    ...oldestFirst.flatMap(channel => caughtUp(channel, legOf(channel), around)),
    ...later.flatMap(({ facts }) => facts.filter(isGone)),
    ...heldNow(oldestFirst, phones, around),
  ]
}

/** Whom a leg that is gone was with alone, and who is elsewhere now. */
function sentOn(leg: Leg, call: Call, { there }: Around): ChannelSeen | undefined {
  const [other, third] = call.legs.filter(
    l => isLive(l) && l.id !== leg.id && leg.bridge !== undefined && l.bridge === leg.bridge,
  )
  const now = other && !third ? there.get(other.id) : undefined
  return now?.bridge === leg.bridge ? undefined : now
}

/**
 * Its offer was open when it was last heard of, and it is up: it was answered, unless who has picked up is still asked for a key. One
 * that had been picked up before is answered once it is with somebody.
 */
function isAnswered(channel: ChannelSeen, around: Around): boolean {
  const was = around.known.get(channel.leg)
  if (channel.state !== 'up' || openOffer(was, channel.leg) === undefined) return false
  if (was?.leg.state === 'up') return channel.bridge !== undefined && !channel.holding
  return !isAsked(channel, around)
}

/** Whoever is in a bridge that was made in the gap came into it then: Dial() and Queue() make it at the answer. */
function metAt({ bridge, holding, bridgeMadeAt: made }: ChannelSeen, at: EpochMs, since: EpochMs | undefined): EpochMs {
  const isMeant = bridge !== undefined && !holding && made !== undefined && since !== undefined
  return isMeant && made >= since && made <= at ? made : at
}

/** Not known, or heard of after the gap, when whoever dials it had begun to. */
const isUndialled = (was: Known | undefined, downSince: EpochMs | undefined) =>
  was === undefined ||
  (downSince !== undefined &&
    was.leg.startedAt >= downSince &&
    was.leg.by === undefined &&
    !was.call.offers.some(o => o.leg === was.leg.id))

const openOffer = (was: Known | undefined, leg: LegId) =>
  was?.call.offers.find(o => o.leg === leg && o.result === undefined)

const answered = (leg: LegId, at: EpochMs): LegFact => ({
  type: 'dial.ended',
  at,
  leg,
  status: 'ANSWER',
  inferred: true,
})

/** The PBX tells how long it has been up in whole seconds. */
const SECOND_MS = 1_000

/** What began a moment before the PBX was killed is ended by that, too. */
const isBootedSince = (bootedAt: EpochMs | undefined, downSince: EpochMs | undefined) =>
  bootedAt !== undefined && downSince !== undefined && downSince < bootedAt + SECOND_MS

/** A phone that no longer rings: another has answered, or it was rung in vain for somebody who is still there. */
function lost({ leg, call }: Known, around: Around): LegFact[] {
  const { at, there, bootedAt, downSince, isRestarted } = around
  const isCut = isRestarted || (bootedAt !== undefined && leg.startedAt < bootedAt)
  // On a PBX that was killed nobody talks; before that it was heard of.
  const cut = isCut ? { at: downSince ?? at, restarted: true as const } : {}
  const partner = sentOn(leg, call, around)
  const goneAt = partner ? leftAt(partner, around) : at
  const gone: LegFact = { type: 'channel.gone', at: goneAt, leg: leg.id, lost: true, inferred: true, ...cut }
  if (openOffer({ leg, call }, leg.id) === undefined) return [gone]
  const another = call.offers.map(o => answeredNow(o.leg, around)).find(c => c !== undefined && c.leg !== leg.id)
  const waits = waitersFor(call, leg).some(waiter => there.has(waiter))
  if (!another && !waits) return [gone]
  const ended = another ? { at: around.metAt(another), status: 'CANCEL' as const } : { at, status: 'NOANSWER' as const }
  return [{ type: 'dial.ended', ...ended, leg: leg.id, inferred: true }, gone]
}

function answeredNow(leg: LegId, around: Around): ChannelSeen | undefined {
  const channel = around.there.get(leg)
  return channel !== undefined && isAnswered(channel, around) ? channel : undefined
}

function appeared({ leg, linked, name, caller, exten, since, withheld }: ChannelSeen): LegFact[] {
  const of = { leg, linked, name, caller, exten }
  const created = { type: 'channel.created', at: since, ...of, state: 'down', inferred: true } as const
  return withheld ? createdHidden(created) : [created]
}

/** The link went before it was said. */
const isNews = ({ withheld }: ChannelSeen, known: Leg | undefined) => withheld === true && known?.number !== ''

/** Two halves are a pair from the beginning. */
const joined = ({ leg, pair, since }: ChannelSeen, known: Leg | undefined, at: EpochMs): LegFact[] =>
  pair === undefined || known?.pair === pair
    ? []
    : [{ type: 'local.joined', at: known ? at : since, leg, other: pair, inferred: true }]

/** Queues; nothing where we knew them so. Whoever is in a queue has been there for as long as it says. */
function placed(channel: ChannelSeen, known: Leg | undefined, { at, metAt }: Around): LegFact[] {
  const { leg, queue, parked } = channel
  const place = known?.place
  const facts: LegFact[] = []
  if (place?.kind === 'queue' && place.name !== queue?.name)
    facts.push({ type: 'queue.left', at: metAt(channel), leg, queue: place.name, inferred: true })
  if (place?.kind === 'park' && parked === undefined)
    facts.push({ type: 'park.ended', at, leg, why: 'taken-up', inferred: true })
  if (queue && !(place?.kind === 'queue' && place.name === queue.name)) {
    const { name, since, position } = queue
    const at = position === undefined ? {} : { position }
    facts.push({ type: 'queue.joined', at: since, leg, queue: name, ...at, inferred: true })
  }
  return facts
}

/** Since when, and by whom, as the PBX says; from one space to another it was taken up between the two. */
function parked({ leg, parked }: ChannelSeen, known: Leg | undefined, at: EpochMs): LegFact[] {
  const place = known?.place?.kind === 'park' ? known.place.name : undefined
  if (!parked || place === parked.space) return []
  const { lot, space, by = '', since = at } = parked
  const begun: LegFact = { type: 'park.begun', at: since, leg, lot, space, by, inferred: true }
  return place === undefined
    ? [begun]
    : [{ type: 'park.ended', at: since, leg, why: 'taken-up', inferred: true }, begun]
}

/** Whoever has been sent on has left when the phone that was rung for them began to ring, and before they met anybody there. */
function leftAt(channel: ChannelSeen, around: Around): EpochMs {
  const { known, there, downSince, metAt } = around
  const met = metAt(channel)
  const rung = [...there.values()].filter(c => !known.has(c.leg) && dialerOf(c, around)?.channel.leg === channel.leg)
  const [first] = rung.map(({ since }) => since).sort((a, b) => a - b)
  return first === undefined || downSince === undefined ? met : (Math.min(met, Math.max(first, downSince)) as EpochMs)
}

/** State and bridge as they are now; nothing where we knew them so. */
function caughtUp(channel: ChannelSeen, known: Leg | undefined, around: Around): LegFact[] {
  const at = around.metAt(channel)
  const { leg, state, holding, room, outgoing } = channel
  const bridge = holding ? undefined : channel.bridge
  const facts: LegFact[] = []
  if (known?.state !== state) facts.push({ type: 'channel.changed', at, leg, state, inferred: true })
  if (!known && outgoing && state === 'up' && !isAsked(channel, around)) facts.push(answered(leg, at))
  if (known?.bridge === bridge) return facts
  if (known?.bridge !== undefined)
    facts.push({ type: 'bridge.left', at: leftAt(channel, around), leg, bridge: known.bridge, inferred: true })
  if (bridge === undefined) return facts
  const named = room === undefined ? {} : { room }
  return [...facts, { type: 'bridge.entered', at, leg, bridge, holding: false, ...named, inferred: true }]
}

/**
 * Who is on hold, where the state of their phone says so: Asterisk has no list of holds. Two in a bridge, and the phone of
 * one of them has no other call; then its state is that of this one.
 */
function heldNow(seen: readonly ChannelSeen[], phones: readonly PhoneSeen[], { at, known }: Around): LegFact[] {
  if (phones.length === 0) return []
  const stateOf = new Map(phones.map(({ device, phone }) => [device, phone]))
  const calls = new Map<string, number>()
  for (const { name } of seen) calls.set(deviceOfChannel(name), (calls.get(deviceOfChannel(name)) ?? 0) + 1)
  return seen.flatMap((channel): LegFact[] => {
    const device = deviceOfChannel(channel.name)
    const phone = calls.get(device) === 1 ? stateOf.get(device) : undefined
    const [other, third] = channel.holding ? [] : seen.filter(c => c !== channel && isWith(c, channel))
    if (!other || third || (phone !== 'on-hold' && phone !== 'in-use')) return []
    const was = known.get(other.leg)?.leg
    // What a command has put on hold, the phones do not know of.
    if (was?.holds !== undefined || (was?.holding === true) === (phone === 'on-hold')) return []
    return [{ type: phone === 'on-hold' ? 'hold.begun' : 'hold.ended', at, leg: other.leg, inferred: true }]
  })
}

const isWith = (one: ChannelSeen, other: ChannelSeen) => one.bridge !== undefined && one.bridge === other.bridge
