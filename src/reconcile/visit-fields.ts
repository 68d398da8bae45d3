/**
 * Our visits to queues beside those of the PBX's queue log: outcome, wait, who answered, whose phones rang in vain, how long
 * the talk was and who ended it. Pure. The queue log has whole seconds, and does not have who was turned away at once.
 */
import type { QueueOutcome } from '../events/call-parts.js'
import type { CallView } from '../events/call.js'
import { queueKey } from '../base/queue-map.js'
import type { PbxChannel } from './calls.js'
import type { Compared, Difference, Gap } from './compare.js'
import type { PbxVisit } from './visits.js'

export type VisitAspect =
  'visit' | 'queueOutcome' | 'waitedMs' | 'agent' | 'unanswered' | 'agentTalkedMs' | 'agentEndedBy'

type Visit = CallView['queues'][number]
type Offer = CallView['offers'][number]
type Mine = { call: CallView; visit: Visit; joinedAt: number }
type Found = Omit<Difference, 'call'>

const SECOND_MS = 1_000
/** What the PBX counts in whole seconds may be a second less or more, and is read by another thread. */
const slack = (toleranceMs: number) => SECOND_MS + toleranceMs

const TURNED_AWAY: ReadonlySet<QueueOutcome | undefined> = new Set(['full', 'join-empty'])

/** Our call, as far as the PBX's own files say which channels belong together; halves of Local pairs, too. */
type CallOf = (leg: string) => string | undefined

/** `channels`: those of the channel event log, by their legs. */
export function compareVisits(
  { toleranceMs, gaps = [] }: Pick<Compared, 'toleranceMs'> & Partial<Pick<Compared, 'gaps'>>,
  ours: readonly CallView[],
  theirs: readonly PbxVisit[],
  channels: ReadonlyMap<string, PbxChannel> = new Map(),
  callOf: CallOf = () => undefined,
): Difference[] {
  const left = new Set(
    ours.flatMap(call =>
      call.queues
        .filter(v => !TURNED_AWAY.has(v.outcome))
        .map((visit): Mine => ({ call, visit, joinedAt: Date.parse(visit.joinedAt) })),
    ),
  )
  const known = new Map<string, Mine[]>()
  for (const mine of left)
    for (const key of [queueKey(mine.visit.queue), keyOf(mine.visit)]) {
      const there = known.get(key)
      if (there) there.push(mine)
      else known.set(key, [mine])
    }
  const withinMs = slack(toleranceMs)
  const limits: Limits = { withinMs, gaps, channels }
  const near = (visit: PbxVisit, key: string) => nearTo(known.get(key) ?? [], left, visit, withinMs)
  const pairs = new Map<PbxVisit, Mine>()
  const pair = (visit: PbxVisit, mine: Mine | undefined) => {
    if (mine && left.delete(mine)) pairs.set(visit, mine)
  }
  // First by the call. A leg that has since been replaced by another is known by when it came, among those that are left then.
  for (const visit of theirs) {
    const isOf = ({ call }: Mine) => call.legs.some(l => l.id === visit.leg) || call.id === callOf(visit.leg)
    pair(visit, near(visit, keyOf(visit)).find(isOf) ?? near(visit, queueKey(visit.queue)).find(isOf))
  }
  for (const visit of theirs)
    if (!pairs.has(visit)) pair(visit, near(visit, keyOf(visit))[0] ?? near(visit, queueKey(visit.queue))[0])
  const differences = theirs.flatMap(visit => {
    const mine = pairs.get(visit)
    if (!mine) return [unseen(visit, gaps, withinMs)]
    return visitsThatDiffer(mine, visit, limits).map(({ kind, ...rest }) => ({ kind, call: mine.call.id, ...rest }))
  })
  const extra = [...left].map(({ call, visit }) => ({
    kind: 'visit' as const,
    call: call.id,
    ours: `${visit.queue} at ${visit.joinedAt}`,
    theirs: 'none',
    ...because(call, 'that it came into the queue was concluded'),
  }))
  return [...differences, ...extra]
}

function unseen({ leg, queue, joinedAt }: PbxVisit, gaps: readonly Gap[], withinMs: number): Difference {
  const unheard = isInGap(gaps, joinedAt, joinedAt, withinMs)
  return {
    kind: 'visit',
    call: leg,
    ours: 'none',
    theirs: `${queue} at ${iso(joinedAt)}`,
    ...(unheard ? { reason: 'they came into the queue while nothing was heard of the PBX' } : {}),
  }
}

/** Nothing was heard in a part of this time. */
const isInGap = (gaps: readonly Gap[], from: number, until: number, withinMs: number) =>
  gaps.some(gap => until >= gap.from - withinMs && from <= gap.until + withinMs)

const iso = (time: number) => new Date(time).toISOString()
const because = (call: CallView, reason: string) => (call.inferred === true ? { reason } : {})

/** No name of a queue has a line break. */
const keyOf = ({ queue, leg }: Pick<Visit, 'queue' | 'leg'>) => `${queueKey(queue)}\n${leg}`

/** The nearest first, of those that are left. */
const nearTo = (mine: readonly Mine[], left: ReadonlySet<Mine>, { joinedAt }: PbxVisit, withinMs: number): Mine[] =>
  mine
    .filter(m => left.has(m) && Math.abs(m.joinedAt - joinedAt) <= withinMs)
    .sort((a, b) => Math.abs(a.joinedAt - joinedAt) - Math.abs(b.joinedAt - joinedAt))

type Limits = { withinMs: number; gaps: readonly Gap[]; channels: Channels }

function visitsThatDiffer(mine: Mine, theirs: PbxVisit, { withinMs, gaps, channels }: Limits): Found[] {
  return [
    ...outcome(mine, theirs),
    ...wait(mine, theirs, withinMs),
    ...agent(mine, theirs),
    ...unanswered(mine, theirs, { withinMs, gaps, channels }),
    ...talk(mine, theirs, withinMs),
    ...endedBy(mine, theirs, channels),
  ]
}

function outcome({ call, visit }: Mine, theirs: PbxVisit): Found[] {
  const [mine, told] = [visit.outcome ?? 'waits', theirs.outcome ?? 'waits']
  // Nothing is written of a caller who is taken out of the queue by somebody else, or when the PBX ends.
  if (mine === told || (theirs.outcome === undefined && (mine === 'left' || mine === 'lost'))) return []
  // app_queue takes a caller whom a command has led out of it for one who has hung up.
  if (mine === 'withdrawn' && told === 'abandoned') return []
  const reason = isStopped(call, visit, theirs)
    ? STOPPED
    : mine === 'abandoned'
      ? whyNotAbandoned(call, visit, theirs)
      : undefined
  const why = reason === undefined ? because(call, 'how they left the queue was concluded') : { reason }
  return [{ kind: 'queueOutcome', ours: mine, theirs: told, ...why }]
}

const STOPPED = 'the PBX was being stopped'

/** app_queue writes ABANDON of callers whom the stop hangs up, and RINGNOANSWER of the phones that ring for them. */
const isStopped = ({ endedBy }: CallView, { outcome: mine }: Visit, theirs: PbxVisit) =>
  endedBy === 'pbx' && mine === 'lost' && theirs.outcome === 'abandoned'

/** A hangup that takes longer to arrive than this is of another moment. */
const SAME_MOMENT_MS = 100

/** app_queue looks for a hangup now and then: one that comes as it connects, or as the time is over, it sees too late. */
function whyNotAbandoned(call: CallView, { leg, joinedAt, leftAt }: Visit, theirs: PbxVisit): string | undefined {
  const caller = call.legs.find(l => l.id === leg)
  const connected = theirs.outcome === 'answered' && theirs.endedBy === 'caller' && theirs.talkedMs === 0
  const talks = call.segments.filter(s => s.kind === 'talk' && s.legs.includes(leg)).map(s => s.startedAt)
  const hasTalked = [call.answeredAt, ...talks].some(at => lengthOf(joinedAt, at) >= 0)
  if (connected && !hasTalked) return 'the caller had hung up when the queue connected them'
  const isGone = caller?.reason === 'hung-up' && lengthOf(leftAt, caller.endedAt) < SAME_MOMENT_MS
  return theirs.outcome === 'timeout' && isGone ? 'the caller hung up as the time was over' : undefined
}

const lengthOf = (from = '', until = '') => Date.parse(until) - Date.parse(from)

function wait({ call, visit }: Mine, { waitedMs: told }: PbxVisit, withinMs: number): Found[] {
  const mine = visit.waitedMs
  if (mine === undefined || told === undefined || Math.abs(mine - told) <= withinMs) return []
  return [{ kind: 'waitedMs', ours: mine, theirs: told, ...because(call, 'when they left the queue was concluded') }]
}

/** Whoever picks up a call, or is forwarded one, is not the member that rang; behind a Local channel is some phone. */
function agent({ call, visit }: Mine, { agent: told, outcome: ended }: PbxVisit): Found[] {
  if (visit.outcome !== 'answered' || ended !== 'answered' || told === undefined) return []
  const names = namesOf(call, visit)
  const [mine = ''] = names
  const another = call.offers.some(o => o.result === 'picked-up' || o.result === 'forwarded')
  if (names.includes(told) || another || told.startsWith('Local/')) return []
  return [{ kind: 'agent', ours: mine, theirs: told, ...because(call, 'who answered was concluded') }]
}

/** A member without a name has that of its interface. Records of former versions have the name of the member as `agent`. */
function namesOf(call: CallView, { agent, member, answeredBy }: Visit): string[] {
  if (member !== undefined) return [member]
  const channel = call.legs.find(l => l.id === answeredBy)?.channel ?? ''
  return [channel.slice(0, Math.max(0, channel.lastIndexOf('-'))), ...(agent === undefined ? [] : [agent])]
}

const IN_VAIN: ReadonlySet<string | undefined> = new Set([
  ...['no-answer', 'busy', 'rejected', 'not-accepted', 'unavailable'],
])

/** What a queue rings once may be several phones behind a Local channel, together or one after another. */
function ringsOf({ offers }: CallView, queue: string, isMeant: (offer: Offer) => boolean): number {
  const rings = new Map<string, boolean>()
  for (const offer of offers) {
    const { leg, via = leg } = offer
    if (offer.queue === queue) rings.set(via, (rings.get(via) ?? true) && isMeant(offer))
  }
  return [...rings.values()].filter(meant => meant).length
}

/** A Local channel that the dialplan behind it has answered is no ring in vain to the queue, whatever becomes of the phones behind it. */
function ringsInVain(call: CallView, { queue, outcome, answeredBy, member }: Visit): number {
  const connected = outcome === 'answered' && answeredBy === undefined && member !== undefined
  const last = connected ? call.offers.findLast(o => o.queue === queue && o.member === member) : undefined
  const isConnected = ({ via }: Offer) => via !== undefined && via === last?.via
  return ringsOf(call, queue, offer => IN_VAIN.has(offer.result) && !isConnected(offer))
}

/** Of all visits of a call to a queue together: an offer does not say to which of them it belonged. */
function unanswered(mine: Mine, theirs: PbxVisit, limits: Limits): Found[] {
  const { call, visit } = mine
  if (call.queues.filter(v => v.queue === visit.queue).length > 1) return []
  const inVain = ringsInVain(call, visit)
  if (inVain === theirs.unanswered.length) return []
  const reason = areRingsConcluded(mine, limits) ? because(call, 'whose phones rang was concluded') : {}
  const over = inVain - theirs.unanswered.length
  const refused = over > 0 && over <= refusedTooLate(mine)
  const pending = over > 0 && over <= ringsPending(mine, theirs, limits.channels)
  const why = refused ? { reason: REFUSED_TOO_LATE } : pending ? { reason: RING_PENDING } : reason
  const cut = over < 0 && -over <= ringsCut(mine, theirs) ? { reason: STOPPED } : why
  return [{ kind: 'unanswered', ours: inVain, theirs: theirs.unanswered.length, ...cut }]
}

const ringsCut = ({ call, visit }: Mine, theirs: PbxVisit): number =>
  isStopped(call, visit, theirs) ? ringsOf(call, visit.queue, ({ result }) => result === 'lost') : 0

const REFUSED_TOO_LATE = 'a phone refused as the caller left the queue'
const RING_PENDING =
  'the caller left while the queue still rang the Local channel of a member who had not taken the call'

const REFUSED: ReadonlySet<string | undefined> = new Set(['busy', 'rejected', 'not-accepted', 'unavailable'])

/** app_queue has let go of a phone (RINGCANCELED, or nothing) before it has read that the phone refuses. */
const refusedTooLate = ({ call: { offers }, visit: { queue, leftAt, outcome } }: Mine): number =>
  outcome !== 'abandoned' && outcome !== 'answered'
    ? 0
    : offers.filter(
        o => o.queue === queue && REFUSED.has(o.result) && Math.abs(lengthOf(o.endedAt, leftAt)) < SAME_MOMENT_MS,
      ).length

/**
 * Behind the Local channel of a member every phone has refused the call, and the queue rings the channel until its time is over: it writes
 * RINGNOANSWER only then. The records of the PBX say that the caller left before: RINGCANCELED, or the channel itself, which was still there.
 */
function ringsPending({ call, visit }: Mine, theirs: PbxVisit, channels: Channels): number {
  const { queue, leftAt = '', outcome } = visit
  if (outcome !== theirs.outcome || (outcome !== 'abandoned' && outcome !== 'answered')) return 0
  const wasThere = (via: string) => (channels.get(via)?.endedAt ?? 0) > Date.parse(leftAt) - SAME_MOMENT_MS
  const isPending = ({ via, member = '', result }: Offer) =>
    via !== undefined && REFUSED.has(result) && (theirs.cancelled?.includes(member) === true || wasThere(via))
  return ringsOf(call, queue, isPending)
}

/** Where the dialplan does not say how a caller left, that alone is concluded: whose phones rang was told. */
const WAYS_OUT_CONCLUDED: ReadonlySet<QueueOutcome | undefined> = new Set(['timeout', 'exit-key', 'left'])

function areRingsConcluded({ call, joinedAt }: Mine, { gaps, withinMs }: Limits): boolean {
  const until = call.endedAt === undefined ? Infinity : Date.parse(call.endedAt)
  return isInGap(gaps, joinedAt, until, withinMs) || !call.queues.some(v => WAYS_OUT_CONCLUDED.has(v.outcome))
}

/** Until the agent's phone or the caller's is gone; where the call went on to others, the queue log does not know. */
function talk({ call, visit }: Mine, { talkedMs: told }: PbxVisit, withinMs: number): Found[] {
  if (told === undefined || !isPlain(call, visit)) return []
  const endOf = (id: string | undefined) => Date.parse(call.legs.find(l => l.id === id)?.endedAt ?? '')
  const [caller, agent, left] = [endOf(visit.leg), endOf(visit.answeredBy), Date.parse(visit.leftAt ?? '')]
  const mine = Math.min(...[caller, agent].filter(Number.isFinite)) - left
  if (!Number.isFinite(mine) || Math.abs(mine - told) <= withinMs) return []
  const goesOn = call.segments.some(s => s.legs.includes(visit.leg) && Date.parse(s.startedAt) >= agent)
  const why = goesOn && Math.abs(caller - left - told) <= withinMs ? { reason: WENT_ON } : undefined
  return [
    { kind: 'agentTalkedMs', ours: mine, theirs: told, ...(why ?? because(call, 'when they talked was concluded')) },
  ]
}

/** A mailbox, for example, that was added to the talk: to app_queue, the talk is over when the caller is gone, too. */
const WENT_ON = 'the caller went on when the agent had left, and the queue waited for the end of that'

type Channels = ReadonlyMap<string, PbxChannel>

/**
 * When the agent has hung up, app_queue looks whether the caller is still there, and the caller may be gone a moment later,
 * the more so behind a Local channel, which takes its time: now and then it writes that the caller ended it. The channel
 * event log names who did.
 */
function endedBy({ call, visit }: Mine, { endedBy: told }: PbxVisit, channels: Channels): Found[] {
  const { endedBy: mine } = call
  if (told === undefined || !isPlain(call, visit) || mine === told || (mine !== 'caller' && mine !== 'callee'))
    return []
  const [caller, agent] = [channels.get(visit.leg), channels.get(visit.answeredBy ?? '')]
  const side = whoHungUp(caller, agent)
  const why =
    side === mine
      ? { reason: `the channel event log of the PBX says ${side}, too` }
      : because(call, 'who hung up was concluded')
  return [{ kind: 'agentEndedBy', ours: mine, theirs: told, ...why }]
}

const hasHungUp = (channel: PbxChannel | undefined) =>
  channel?.hungUpBy !== undefined && channel.hungUpBy === channel.name

/** Where both have, the first. */
function whoHungUp(caller: PbxChannel | undefined, agent: PbxChannel | undefined): 'caller' | 'callee' | undefined {
  if (hasHungUp(caller) && hasHungUp(agent))
    return (agent?.endedAt ?? Infinity) < (caller?.endedAt ?? Infinity) ? 'callee' : 'caller'
  if (hasHungUp(caller)) return 'caller'
  return caller?.hungUpBy !== undefined && caller.hungUpBy === agent?.name ? 'callee' : undefined
}

/** One visit, answered by the one who was rung, and nobody else in the call or rung for it since. */
const isPlain = (call: CallView, { leg: of, answeredBy }: Visit) =>
  answeredBy !== undefined &&
  call.queues.length === 1 &&
  call.transfers.length === 0 &&
  call.mergedFrom === undefined &&
  !isRungSince(call, answeredBy) &&
  !call.segments.some(s => s.kind === 'park' || s.legs.some(leg => leg !== of && leg !== answeredBy))

function isRungSince({ offers }: CallView, answeredBy: string): boolean {
  const taken = offers.find(o => o.leg === answeredBy)?.endedAt
  return offers.some(({ startedAt }) => lengthOf(taken, startedAt) > 0)
}
