/** The call as everybody outside sees it: times as text, Local halves left out, sums added. Pure. */
import type { EpochMs } from '../base/ids.js'
import type { LegView } from '../events/call-parts.js'
import type { CallState, CallView } from '../events/call.js'
import { iso } from '../events/event.js'
import { isOpen, isParty, isTalk, legOf, type Call, type Leg, type Offer, type Segment } from './state.js'
import type { Recording, Transfer, Visit } from './state.js'
import type { Surveyed } from '../pbx/facts.js'
import { viewWalk } from './ivr.js'
import { viewPop } from './pop.js'
import { shownLegOf } from './recording.js'
import { viewRouting } from './routing.js'
import { idOfTransfer } from './transfer.js'
import { heldMsOf, lasted, sharesOf, timesOf } from './totals.js'

/** `{ key: text }`, or nothing where the time is not known. */
const time = <K extends string>(key: K, at: EpochMs | undefined) =>
  (at === undefined ? {} : { [key]: iso(at) }) as { [P in K]?: string }

const maybe = <K extends string, V>(key: K, value: V | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V }

export function viewCall(call: Call): CallView {
  const { progress } = call
  const answeredAt = 'answeredAt' in progress ? progress.answeredAt : undefined
  return {
    id: call.id,
    pbx: call.pbx,
    revision: call.revision,
    state: stateOf(call),
    direction: call.direction,
    from: call.from,
    to: call.to,
    startedAt: iso(call.startedAt),
    ...time('ringingAt', 'ringingAt' in progress ? progress.ringingAt : undefined),
    ...time('answeredAt', answeredAt),
    ...maybe('waitedMs', answeredAt && lasted(calledAt(call), answeredAt)),
    ...endingOf(call),
    ...maybe('inferred', call.inferred),
    ...maybe('causedBy', call.causedBy),
    ...maybe('mergedInto', call.mergedInto),
    ...maybe('mergedFrom', call.mergedFrom),
    legs: call.legs.filter(l => l.kind === 'party').map(viewLeg),
    offers: call.offers.map(o => viewOffer(o, legOf(call, o.leg))),
    segments: call.segments.map(viewSegment),
    queues: call.queues.map(v => viewVisit(v, v.answeredBy && legOf(call, v.answeredBy))),
    transfers: call.transfers.map(t => viewTransfer(t, legOf(call, t.by))),
    agents: progress.state === 'ended' ? sharesOf(call, progress.endedAt) : [],
    ...maybe('routing', viewRouting(call)),
    ...maybe('ivr', call.walk && viewWalk(call.walk)),
    ...maybe('survey', call.survey && viewSurvey(call.survey, call)),
    ...maybe('pop', viewPop(call)),
    ...maybe('locked', call.locked),
    ...maybe(
      'recordings',
      call.recordings?.map(r => viewRecording(r, call)),
    ),
    ...call.notes,
  }
}

/** Whether everybody outside sees the same in both, but for the revision. */
export function isShownAlike(a: Call, b: Call): boolean {
  const isSame = (key: keyof Call) => a[key] === b[key] || key === 'revision' || key === 'latestAt'
  const keys = Object.keys({ ...a, ...b }) as (keyof Call)[]
  return keys.every(isSame) || textOf(a) === textOf(b)
}
const textOf = (call: Call) => JSON.stringify(viewCall({ ...call, revision: 0 }))

/** When its own caller began it; calls that have become part of it may be older. */
const calledAt = (call: Call) => call.legs.find(l => l.side === 'caller' && isParty(l))?.startedAt ?? call.startedAt

/** What goes on now decides; between one thing and the next, how far the call has come. */
function stateOf({ mergedInto, progress, segments, offers }: Call): CallState {
  if (mergedInto !== undefined) return 'merged'
  if (progress.state === 'ended') return 'ended'
  const now = segments.filter(isOpen)
  if (now.some(isTalk)) return 'talking'
  if (now.some(s => s.kind === 'hold')) return 'held'
  if (now.some(s => s.kind === 'park')) return 'parked'
  if (offers.some(o => o.result === undefined && o.ringingAt !== undefined)) return 'ringing'
  return now.some(s => s.kind === 'queue') ? 'queued' : progress.state
}

function endingOf(call: Call): Partial<CallView> {
  const { progress, startedAt } = call
  if (progress.state !== 'ended') return {}
  const { endedAt, outcome, endedBy, causeQ850 } = progress
  const times = timesOf(call, endedAt)
  return {
    endedAt: iso(endedAt),
    durationMs: lasted(startedAt, endedAt),
    talkedMs: times.talkMs + times.consultMs,
    heldMs: heldMsOf(call, endedAt),
    times,
    outcome,
    endedBy,
    ...maybe('causeQ850', causeQ850),
  }
}

const viewLeg = (leg: Leg): LegView => ({
  id: leg.id,
  channel: leg.name,
  side: leg.side,
  ...(leg.monitor ? { role: 'monitor' as const } : {}),
  ...maybe('mode', leg.mode),
  ...maybe('hears', leg.hears),
  ...maybe('askedBy', leg.askedBy),
  state: leg.state,
  ...maybe('agent', leg.agent),
  ...maybe('member', leg.member),
  ...maybe('extension', leg.extension),
  ...maybe('trunk', leg.trunk),
  number: leg.number,
  ...maybe('muted', leg.muted),
  startedAt: iso(leg.startedAt),
  ...time('ringingAt', leg.ringingAt),
  ...time('answeredAt', leg.answeredAt),
  ...time('endedAt', leg.endedAt),
  ...maybe('causeQ850', leg.causeQ850),
  ...maybe('reason', leg.endedAt && leg.reason),
})

const viewOffer = (offer: Offer, leg: Leg | undefined): CallView['offers'][number] => ({
  leg: offer.leg,
  ...maybe('queue', offer.queue),
  ...maybe('via', offer.via),
  ...maybe('agent', leg?.agent),
  ...maybe('member', leg?.member),
  ...maybe('extension', leg?.extension),
  number: leg?.number ?? '',
  startedAt: iso(offer.startedAt),
  ...time('ringingAt', offer.ringingAt),
  ...time('endedAt', offer.endedAt),
  ...maybe('result', offer.result),
  ...maybe('forwardedTo', offer.forwardedTo),
})

const viewSegment = (s: Segment): CallView['segments'][number] => ({
  kind: s.kind,
  legs: s.legs,
  ...maybe('name', s.name),
  startedAt: iso(s.startedAt),
  ...time('endedAt', s.endedAt),
  ...maybe('durationMs', s.endedAt && lasted(s.startedAt, s.endedAt)),
})

const viewVisit = (v: Visit, by: Leg | undefined | ''): CallView['queues'][number] => ({
  queue: v.queue,
  leg: v.party ?? v.leg,
  joinedAt: iso(v.joinedAt),
  ...maybe('position', v.position),
  ...time('leftAt', v.leftAt),
  ...maybe('leftPosition', v.leftPosition),
  ...maybe('waitedMs', v.leftAt && lasted(v.joinedAt, v.leftAt)),
  ...maybe('outcome', v.outcome),
  ...maybe('answeredBy', v.answeredBy),
  ...(by ? whoIs(by) : maybe('member', v.member)),
})

const whoIs = (leg: Leg) => ({
  ...maybe('agent', leg.agent),
  ...maybe('member', leg.member),
  ...maybe('extension', leg.extension),
})

const viewRecording = (recording: Recording, call: Call) => ({
  name: recording.name,
  ...maybe('leg', shownLegOf(call, recording)),
  state: recording.state,
  startedAt: iso(recording.startedAt),
  ...maybe('by', recording.by),
  ...maybe('file', recording.file),
  ...time('endedAt', recording.endedAt),
})

function viewSurvey({ of, questions, ...survey }: Surveyed, call: Call): NonNullable<CallView['survey']> {
  const about = of && legOf(call, of)
  const { startedAt, endedAt, ...rest } = survey
  return {
    ...rest,
    ...(about ? { ...maybe('agent', about.agent), ...maybe('extension', about.extension) } : {}),
    ...maybe('queue', about?.queue ?? about?.workgroup),
    ...time('startedAt', startedAt),
    ...time('endedAt', endedAt),
    questions: questions.map(({ answeredAt, ...question }) => ({ ...question, ...time('answeredAt', answeredAt) })),
  }
}

const viewTransfer = (t: Transfer, by: Leg | undefined): CallView['transfers'][number] => ({
  id: idOfTransfer(t),
  kind: t.kind,
  by: t.by,
  ...maybe('agent', by?.agent),
  ...maybe('extension', by?.extension),
  ...maybe('from', t.from),
  to: t.to,
  state: t.outcome === undefined ? (t.asked ?? 'open') : 'done',
  ...maybe('outcome', t.outcome),
  ...maybe('answeredBy', t.answeredBy),
  ...time('askedAt', t.askedAt),
  startedAt: iso(t.startedAt),
  ...time('endedAt', t.endedAt),
})
