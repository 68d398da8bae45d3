/** What the world is told of a change of a call: the difference between what it was and what it is. Pure. */
import type { EpochMs, LegId } from '../base/ids.js'
import type { CallEventType } from '../events/event.js'
import {
  isLive,
  isOpen,
  isParty,
  type Call,
  type Leg,
  type Offer,
  type Recording,
  type Segment,
  type Transfer,
} from './state.js'
import { isFirstRing } from './pop.js'
import { shownLegOf } from './recording.js'

export type CallChange = { type: CallEventType; at: EpochMs; call: Call; leg?: LegId }
type Telling = { type: CallEventType; leg?: LegId }

/** Every event is a new revision of the call: the call that comes back has the last. */
export function tell(was: Call | undefined, next: Call, at: EpochMs): { next: Call; events: CallChange[] } {
  if (next.revision === 0 && !isBegun(next)) return { next, events: [] }
  const begins: Telling[] = next.revision === 0 ? [{ type: 'call.started' }] : []
  return number(next, [...begins, ...changes(was, next)], at)
}

/** The tellings as events, each with the call at its own revision. */
export function number(next: Call, tellings: Telling[], at: EpochMs): { next: Call; events: CallChange[] } {
  if (tellings.length === 0) return { next, events: [] }
  const events = tellings.map(({ type, leg }, i): CallChange => {
    const call = { ...next, revision: next.revision + i + 1 }
    return { type, at: type === 'call.started' ? call.startedAt : at, call, ...(leg === undefined ? {} : { leg }) }
  })
  return { next: { ...next, revision: next.revision + tellings.length }, events }
}

/**
 * Somebody has begun it. A phone that was rung without having dialled may yet become part of another call (a recall, a
 * third party who is called in): until it shows whom it calls or what it does, nobody is told.
 */
function isBegun({ legs, to, progress, inferred }: Call): boolean {
  const [first, ...others] = legs.filter(isParty)
  if (!first) return false
  if (first.extension === undefined || others.length > 0 || to.number !== '') return true
  if (inferred || progress.state === 'ended') return true
  return first.bridge !== undefined || first.place !== undefined
}

function changes(was: Call | undefined, next: Call): Telling[] {
  const ended = next.progress.state === 'ended'
  const segments = next.segments === was?.segments ? [] : ofSegments(was, next, ended)
  const answered = 'answeredAt' in next.progress && !(was && 'answeredAt' in was.progress)
  return [
    ...(was && was.revision > 0 && next.from !== was.from ? [{ type: 'call.identified' } as const] : []),
    ...(next.routing === was?.routing ? [] : [{ type: 'call.routed' } as const]),
    ...(next.queues === was?.queues ? [] : ofQueues(was, next)),
    ...(next.legs === was?.legs
      ? []
      : [...ofRinging(was, next), ...ofOffered(was, next), ...ofMuted(was, next), ...ofMonitors(was, next)]),
    ...(next.offers === was?.offers || ended ? [] : ofOffers(was?.offers ?? [], next.offers)),
    ...(answered ? [{ type: 'call.answered' } as const] : []),
    ...segments,
    ...(next.locked === was?.locked ? [] : [{ type: 'call.locked' } as const]),
    ...(next.recordings === was?.recordings ? [] : ofRecordings(was, next)),
    ...(next.walk === was?.walk ? [] : ofWalk(was, next)),
    ...(next.survey === was?.survey ? [] : ofSurvey(was, next)),
    ...(next.transfers === was?.transfers ? [] : ofTransfers(was, next)),
    ...(ended && was?.progress.state !== 'ended' ? [{ type: 'call.ended' } as const] : []),
  ]
}

function ofQueues(was: Call | undefined, next: Call): Telling[] {
  const joined = next.queues.filter(v => v.outcome === undefined && !was?.queues.some(w => w.joinedAt === v.joinedAt))
  const decided = (call: Call | undefined) => call?.queues.filter(v => v.outcome !== undefined).length ?? 0
  return [
    ...joined.map((): Telling => ({ type: 'call.queued' })),
    ...(decided(next) > decided(was) ? [{ type: 'call.dequeued' } as const] : []),
  ]
}

/** Of a phone that is called, once; the one that calls hears the ringing, it does not ring. */
function ofRinging(was: Call | undefined, next: Call): Telling[] {
  const rings = (leg: Leg) =>
    leg.ringingAt !== undefined && leg.side === 'callee' && isParty(leg) && isFirstRing(next, leg)
  const rang = ({ id }: Leg) => was?.legs.some(l => l.id === id && l.ringingAt !== undefined)
  return next.legs.filter(l => rings(l) && !rang(l)).map(({ id }) => ({ type: 'call.ringing', leg: id }))
}

function ofOffered(was: Call | undefined, next: Call): Telling[] {
  const before = (leg: Leg) => was?.legs.some(l => l.id === leg.id && l.offered)
  return next.legs.filter(l => l.offered && !before(l)).map(({ id }) => ({ type: 'call.offered', leg: id }))
}

/** Losers of a race, and phones of a caller who gave up, are told of by what ended their ringing. */
const MISSED: ReadonlySet<Offer['result']> = new Set([
  ...(['no-answer', 'busy', 'rejected', 'not-accepted', 'unavailable', 'forwarded'] as const),
])

function ofOffers(was: Offer[], next: Offer[]): Telling[] {
  const over = next.filter(o => o.ringingAt !== undefined && MISSED.has(o.result))
  return over
    .filter(o => was.some(w => w.leg === o.leg && w.result === undefined))
    .map(({ leg }) => ({ type: 'call.unanswered', leg }))
}

function ofSegments(was: Call | undefined, next: Call, ended: boolean): Telling[] {
  const [before, now] = [was?.segments ?? [], next.segments]
  const has = (list: Segment[], kind: Segment['kind']) => list.some(s => isOpen(s) && s.kind === kind)
  const begins = (kind: Segment['kind']) => has(now, kind) && !has(before, kind)
  const ends = (kind: Segment['kind']) => !ended && has(before, kind) && !has(now, kind)
  const holder = next.legs.find(l => l.holding)?.id
  const told: Telling[] = []
  if (begins('conference')) told.push({ type: 'call.conferenced' })
  if (next.onHold && !was?.onHold) told.push({ type: 'call.held', ...(holder === undefined ? {} : { leg: holder }) })
  if (was?.onHold && !next.onHold) told.push({ type: 'call.retrieved' })
  if (begins('park')) told.push({ type: 'call.parked' })
  if (ends('park')) told.push({ type: 'call.unparked' })
  return told
}

function ofTransfers(was: Call | undefined, next: Call): Telling[] {
  const carriedOut = ({ asked }: Transfer) => asked === undefined
  const settled = (call: Call | undefined) => of(call).filter(t => t.outcome !== undefined).length
  const of = (call: Call | undefined) => call?.transfers.filter(carriedOut) ?? []
  const asked = (call: Call | undefined) => call?.transfers.filter(t => !carriedOut(t)) ?? []
  const [before, now] = [asked(was), asked(next)]
  const moved = now.some(t => !before.some(b => b.id === t.id && b.asked === t.asked && b.outcome === t.outcome))
  const withdrawn = before.some(b => !next.transfers.some(t => t.id === b.id))
  const more = of(next).length > of(was).length || settled(next) > settled(was)
  return [
    ...(moved || withdrawn ? [{ type: 'call.transferring' } as const] : []),
    ...(more ? [{ type: 'call.transferred' } as const] : []),
  ]
}

function ofRecordings(was: Call | undefined, next: Call): Telling[] {
  const before = (name: string) => was?.recordings?.find(r => r.name === name)
  const isNew = (r: Recording) => {
    const known = before(r.name)
    return r.state !== known?.state || r.file !== known.file || r.party !== known.party
  }
  return (next.recordings?.filter(isNew) ?? []).map((r): Telling => {
    const leg = shownLegOf(next, r)
    return { type: 'call.recording', ...(leg !== undefined && { leg }) }
  })
}

function ofWalk(was: Call | undefined, { walk }: Call): Telling[] {
  if (!walk) return []
  if (walk.endedAt !== undefined) return was?.walk?.endedAt === undefined ? [{ type: 'ivr.ended', leg: walk.leg }] : []
  return walk.steps.length > (was?.walk?.steps.length ?? 0) ? [{ type: 'ivr.stepped', leg: walk.leg }] : []
}

function ofSurvey(was: Call | undefined, { survey }: Call): Telling[] {
  if (!survey) return []
  const before = was?.survey
  const more = answersIn(survey) - (before ? answersIn(before) : 0)
  const types: Telling['type'][] = [
    ...(survey.startedAt === before?.startedAt ? [] : (['survey.started'] as const)),
    ...Array.from({ length: Math.max(0, more) }, () => 'survey.answered' as const),
    ...(survey.outcome === before?.outcome ? [] : (['survey.ended'] as const)),
  ]
  return types.map(type => ({ type, leg: survey.leg }))
}

/** What the caller says at the end is one, too. */
const answersIn = ({ questions, comment }: NonNullable<Call['survey']>) =>
  questions.filter(q => q.key !== undefined).length + (comment === undefined ? 0 : 1)

/** That somebody listens, and how, who came by command; and that they do no more. */
function ofMonitors(was: Call | undefined, next: Call): Telling[] {
  const hears = (leg: Leg | undefined) =>
    leg?.mode !== undefined && leg.hears !== undefined && leg.state === 'up' ? leg.mode : undefined
  const before = (leg: Leg) => hears(was?.legs.find(l => l.id === leg.id))
  return next.legs
    .filter(l => l.mode !== undefined && hears(l) !== before(l))
    .map(({ id }): Telling => ({ type: 'call.monitored', leg: id }))
}

function ofMuted(was: Call | undefined, next: Call): Telling[] {
  const before = (leg: Leg) => was?.legs.find(l => l.id === leg.id)?.muted
  return next.legs
    .filter(l => isLive(l) && l.muted !== before(l))
    .map(({ id }): Telling => ({ type: 'call.muted', leg: id }))
}
