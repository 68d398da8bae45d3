/**
 * What the legs of a call do, from when until when. Where each leg is (in a bridge, a queue, a parking space) says what it
 * does now; whenever that changes, segments end and begin. So a leg is never in two, and none is left open. Pure.
 */
import type { EpochMs, LegId } from '../base/ids.js'
import type { SegmentKind } from '../events/call-parts.js'
import { conferenceOf, placeOf, roomsOf, waitersFor } from './paths.js'
import { isLive, isOpen, isParty, isTalk, type Call, type Leg, type Segment } from './state.js'

type Activity = { kind: SegmentKind; legs: LegId[]; name?: string }

/**
 * A stay in the dialplan that is shorter is on the way from one thing to the next; so is being left alone, and asking
 * somebody, for less.
 */
const PASSING_MS = 1_000
const LEFT_ALONE_MS = 100
/** Asterisk takes a party out of one bridge and puts it into another within this: the talk goes on. */
const REJOINS_MS = 100

/** The call with its segments as what its legs do now has them; the same call when that is what they did. */
export function follow(call: Call, at: EpochMs): Call {
  const now = activitiesOf(call)
  const open = call.segments.filter(isOpen)
  if (open.length === now.length && now.every(activity => open.some(segment => isSame(segment, activity))))
    return answered(call, at)
  const kept = call.segments.flatMap(segment => {
    if (!isOpen(segment) || now.some(activity => isSame(segment, activity))) return segment
    const passing =
      isPassing(segment, at) ||
      isTakenBackToPass(segment, at, call.segments) ||
      isBetweenQueueAndTalk(segment, at, call.segments)
    return passing ? [] : { ...segment, endedAt: at }
  })
  const segments = now.reduce((list, activity) => begun(list, activity, at), kept)
  return answered(held({ ...call, segments }), at)
}

const isSame = (segment: Segment, { kind, legs, name }: Activity) =>
  segment.kind === kind &&
  segment.name === name &&
  segment.legs.length === legs.length &&
  segment.legs.every((leg, i) => leg === legs[i])

const isPassing = ({ kind, name, legs, startedAt }: Segment, at: EpochMs) =>
  at === startedAt ||
  (kind === 'ivr' && name === undefined && at - startedAt < PASSING_MS) ||
  ((kind === 'consult' || (kind === 'hold' && legs.length === 1)) && at - startedAt < LEFT_ALONE_MS)

/** A phone takes the other back before it hands it over. */
const isTakenBackToPass = (talk: Segment, at: EpochMs, segments: Segment[]) =>
  talk.kind === 'talk' &&
  at - talk.startedAt < LEFT_ALONE_MS &&
  segments.some(s => s.endedAt === talk.startedAt && isSame(s, { kind: 'hold', legs: talk.legs }))

/** The caller has left the queue for the phone that answered, and others still ring for a moment. */
const isBetweenQueueAndTalk = ({ kind, legs, startedAt }: Segment, at: EpochMs, segments: Segment[]) =>
  kind === 'offer' &&
  at - startedAt < LEFT_ALONE_MS &&
  segments.some(s => s.kind === 'queue' && s.endedAt === startedAt && s.legs.some(leg => legs.includes(leg)))

/** What has ended just now, with nothing else since, goes on; what is not there yet begins. */
function begun(segments: Segment[], activity: Activity, at: EpochMs): Segment[] {
  const last = segments.findLastIndex(({ legs }) => legs.some(leg => activity.legs.includes(leg)))
  const segment = segments[last]
  if (!segment || !isSame(segment, activity)) return [...segments, { ...activity, startedAt: at }]
  if (isOpen(segment)) return segments
  if (at - (segment.endedAt ?? at) > REJOINS_MS) return [...segments, { ...activity, startedAt: at }]
  const { endedAt: _, ...goesOn } = segment
  return segments.with(last, goesOn)
}

/** From the first hold until the talk goes on: while a third is asked, nobody is taken back. */
function held(call: Call): Call {
  const open = call.segments.filter(isOpen)
  if (open.some(s => s.kind === 'hold')) return call.onHold ? call : { ...call, onHold: true }
  if (!call.onHold || !open.some(isTalk)) return call
  const { onHold: _, ...goesOn } = call
  return goesOn
}

/** A call is answered when two people can first talk. */
function answered(call: Call, at: EpochMs): Call {
  const { progress } = call
  if ('answeredAt' in progress || progress.state === 'ended') return call
  if (!call.segments.some(segment => isOpen(segment) && isTalk(segment))) return call
  return { ...call, progress: { ...progress, state: 'talking', answeredAt: at } }
}

/** A leg is in one of these at most, and in none while it is only dialled or taken down. */
function activitiesOf(call: Call): Activity[] {
  const rooms = roomsOf(call)
  const together = rooms.filter(room => room.length > 1).flatMap(activitiesInRoom)
  const others = call.legs.filter(l => isParty(l) && isLive(l) && !together.some(({ legs }) => legs.includes(l.id)))
  // Most of the time all who are there talk with one another.
  if (others.length === 0) return asConsults(call, together)
  const waiting = waitingFor(call, others)
  const alone = others.flatMap(leg => waiting.find(({ legs }) => legs[0] === leg.id) ?? aloneOf(call, leg))
  const apart = rooms.filter(([only, second]) => !second && !alone.some(({ legs }) => legs[0] === only?.id))
  const elsewhere = () => [...together, ...alone.filter(a => a.kind !== 'ivr')]
  const held = apart.flatMap(([only]) => (only && isLeftWaiting(call, only, elsewhere()) ? heldAlone(only) : []))
  return asConsults(call, [...together, ...alone, ...held])
}

const heldAlone = (leg: Leg): Activity => ({ kind: 'hold', legs: [leg.id] })

/** Two with one who holds are both on hold; of more, those who hold are, and the others go on. */
function activitiesInRoom(room: Leg[]): Activity[] {
  const talkers = room.filter(l => !l.holding)
  const named = nameOf(room.find(l => l.room !== undefined)?.room)
  const together = talkers.length > 1 ? talkers : []
  const talk: Activity[] = together[0]
    ? [{ kind: room.length > 2 && together.length > 2 ? 'conference' : 'talk', legs: idsOf(together), ...named }]
    : []
  const apart = room.filter(l => !together.includes(l))
  return apart.length > 0 ? [...talk, { kind: 'hold', legs: idsOf(apart) }] : talk
}

const idsOf = (legs: Leg[]) => legs.map(l => l.id)
const nameOf = (name: string | undefined) => (name === undefined || name === '' ? {} : { name })

/** Parties for which phones are being rung, unless a queue does it. */
function waitingFor(call: Call, others: Leg[]): Activity[] {
  const ringing = call.offers.filter(o => o.result === undefined)
  if (ringing.length === 0) return []
  const waiters = new Set<LegId>()
  for (const { leg } of ringing) {
    const rung = call.legs.find(l => l.id === leg)
    if (rung) for (const waiter of waitersFor(call, rung)) waiters.add(waiter)
  }
  return others
    .filter(l => waiters.has(l.id) && placeOf(call, l) === undefined)
    .map(l => ({ kind: 'offer', legs: [l.id] }))
}

/** In a queue, parked, or in the dialplan: with the PBX, and with nobody. */
function aloneOf(call: Call, leg: Leg): Activity[] {
  const place = placeOf(call, leg)
  if (place) return [{ kind: place.kind, legs: [leg.id], ...nameOf(place.name) }]
  const room = conferenceOf(call, leg)
  if (room !== undefined) return [{ kind: 'ivr', legs: [leg.id], name: room }]
  if (leg.bridge !== undefined || leg.state !== 'up' || leg.reason !== undefined) return []
  return leg.side === 'caller' || hasTalked(call, leg) ? [{ kind: 'ivr', legs: [leg.id] }] : []
}

const hasTalked = (call: Call, leg: Leg) => call.segments.some(s => isTalk(s) && s.legs.includes(leg.id))

/**
 * Alone in a bridge after a talk, while another of the call talks elsewhere, rings somebody, or has us on hold. Who has put the others on
 * hold, and whom they have left, waits for nobody.
 */
function isLeftWaiting(call: Call, leg: Leg, elsewhere: Activity[]): boolean {
  if (leg.reason !== undefined || leg.holding || !hasTalked(call, leg)) return false
  return elsewhere.length > 0 || call.legs.some(l => l.id !== leg.id && isLive(l) && l.holding && !l.hangupAsked)
}

/** A talk with the newest leg, while one of the older ones is on hold, is to ask it something. */
function asConsults(call: Call, activities: Activity[]): Activity[] {
  // One alone is no talk beside a hold.
  if (activities.length < 2) return activities
  const held = activities.filter(a => a.kind === 'hold').flatMap(a => a.legs)
  if (held.length === 0 || !activities.some(isTalk)) return activities
  const newest = call.legs.findLast(
    l => held.includes(l.id) || activities.some(a => isTalk(a) && a.legs.includes(l.id)),
  )
  return activities.map(a => (isTalk(a) && newest && a.legs.includes(newest.id) ? { ...a, kind: 'consult' } : a))
}
