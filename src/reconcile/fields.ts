/** One call, as we and as the PBX have it: what differs, and whether what was inferred may differ so. Pure. */
import type { EpochMs } from '../base/ids.js'
import type { CallView, Outcome } from '../events/call.js'
import type { PbxCall, PbxChannel } from './calls.js'
import type { Talk } from './talks.js'
import type { Compared, Difference } from './compare.js'

export type Aspect =
  | ('id' | 'startedAt' | 'endedAt' | 'answered' | 'answeredAt' | 'talkedMs')
  | ('legs' | 'cause' | 'outcome' | 'endedBy' | 'cdr')

type Limits = Pick<Compared, 'gaps' | 'toleranceMs' | 'healedWithinMs'>
type Found = Omit<Difference, 'call'>

const ms = (text: string | undefined) => (text === undefined ? undefined : (Date.parse(text) as EpochMs))
const iso = (time: number) => new Date(time).toISOString()
const maybe = (reason: string | false) => (reason === false ? {} : { reason })

export function fieldsThatDiffer(
  limits: Limits & Pick<Compared, 'pbx'>,
  ours: CallView,
  theirs: PbxCall,
): Difference[] {
  const found = [
    ...idOf(limits.pbx, ours, theirs),
    ...start(limits, ours, theirs),
    ...end(limits, ours, theirs),
    ...answer(limits, ours, theirs),
    ...talk(limits, ours, theirs),
    ...legs(ours, theirs),
    ...causes(ours, theirs),
    ...outcome(ours, theirs),
    ...endedBy(ours, theirs),
  ]
  return found.map(({ kind, ...rest }) => ({ kind, call: ours.id, ...rest }))
}

function idOf(pbx: string, ours: CallView, theirs: PbxCall): Found[] {
  const ids = theirs.linkeds.map(linked => `${pbx}:${linked}`)
  return ids.includes(ours.id) ? [] : [{ kind: 'id', ours: ours.id, theirs: ids.join(' ') }]
}

function start({ toleranceMs }: Limits, ours: CallView, theirs: PbxCall): Found[] {
  const mine = Date.parse(ours.startedAt)
  if (Math.abs(mine - theirs.startedAt) <= toleranceMs) return []
  const reason = ours.inferred === true && whyStartedThen(mine, ours, theirs, toleranceMs)
  return [{ kind: 'startedAt', ours: ours.startedAt, theirs: iso(theirs.startedAt), ...maybe(reason) }]
}

/** A channel whose beginning was not told is dated by its id, which has seconds only; the PBX writes its row a moment later. */
const SECOND_MS = 1_000

function whyStartedThen(mine: number, ours: CallView, theirs: PbxCall, toleranceMs: number): string | false {
  const coarse = (exact: number) => mine > exact - SECOND_MS - toleranceMs && mine <= exact
  if (coarse(theirs.startedAt)) return 'its beginning was not told, and is known to the second'
  const first = theirs.channels.find(c => c.leg === ours.legs[0]?.id)
  const exact = first && (coarse(first.startedAt) || Math.abs(mine - first.startedAt) < SECOND_MS)
  return exact === true && 'its first channel was never told of'
}

function end(limits: Limits, ours: CallView, theirs: PbxCall): Found[] {
  const mine = ms(ours.endedAt)
  if (mine === undefined) return []
  if (theirs.endedAt === undefined)
    return [{ kind: 'endedAt', ours: iso(mine), ...maybe(ours.inferred === true && 'the PBX never wrote its end') }]
  if (Math.abs(mine - theirs.endedAt) <= limits.toleranceMs) return []
  const noticed = ours.inferred === true && mine > theirs.endedAt && mine <= noticedBy(limits, theirs.endedAt)
  return [
    { kind: 'endedAt', ours: iso(mine), theirs: iso(theirs.endedAt), ...maybe(noticed && 'its end was noticed later') },
  ]
}

/** Until then, at the latest, we had to find out what happened at this time. */
function noticedBy({ gaps, toleranceMs, healedWithinMs }: Limits, at: EpochMs): number {
  const gap = gaps.find(g => at >= g.from - toleranceMs && at <= g.until)
  return (gap?.until ?? at) + healedWithinMs
}

function answer(limits: Limits, ours: CallView, theirs: PbxCall): Found[] {
  const [mine, told] = [ms(ours.answeredAt), theirs.talks[0]?.startedAt]
  if (mine === undefined && told === undefined) return []
  if (mine === undefined || told === undefined) {
    const reason = mine === undefined && whyNotAnswered(ours, theirs)
    const say = (at: EpochMs | undefined) => (at === undefined ? 'not answered' : iso(at))
    return [{ kind: 'answered', ours: say(mine), theirs: say(told), ...maybe(reason) }]
  }
  if (Math.abs(mine - told) <= limits.toleranceMs) return []
  const reason =
    ours.inferred === true && mine > told && mine <= noticedBy(limits, told) && 'its answer was noticed later'
  return [{ kind: 'answeredAt', ours: iso(mine), theirs: iso(told), ...maybe(reason) }]
}

/** To the PBX, who has hung up while a phone was picked up, or asked whether it takes the call, may still be with the other for a moment. */
function whyNotAnswered(ours: CallView, { talks, endedAt }: PbxCall): string | false {
  if (ours.inferred === true) return 'that it was answered was not told'
  const passing = endedAt !== undefined && unionOf(talks, endedAt) < PASSING_MS
  if (!passing) return false
  if (ours.offers.some(o => o.result === 'not-accepted')) return 'the phone had hung up before'
  return (
    ours.endedBy === 'caller' && ours.offers.some(o => o.result === 'caller-gave-up') && 'the caller had hung up before'
  )
}
const PASSING_MS = 100

/** Talk that was noticed late is short of its beginning, and long by what its end was noticed late. */
function talk({ toleranceMs }: Limits, ours: CallView, theirs: PbxCall): Found[] {
  const [end, theirEnd] = [ms(ours.endedAt), theirs.endedAt]
  if (end === undefined || theirEnd === undefined) return []
  const told = unionOf(theirs.talks, theirEnd)
  const mine = ours.talkedMs ?? 0
  // To the PBX, whoever is on hold is still with the others, unless they have left them to ask somebody.
  if (told >= mine - toleranceMs && told <= mine + (ours.times?.holdMs ?? 0) + toleranceMs) return []
  const longest = told + Math.max(0, end - theirEnd) + toleranceMs
  const reason = ours.inferred === true && mine <= longest && 'when they talked was not told in full'
  return [{ kind: 'talkedMs', ours: mine, theirs: told, ...maybe(reason) }]
}

/** How long there was any of them; the earliest comes first. */
function unionOf(talks: readonly Talk[], end: EpochMs): number {
  let [sum, counted] = [0, 0]
  for (const { startedAt, endedAt = end } of talks) {
    sum += Math.max(0, endedAt - Math.max(startedAt, counted))
    counted = Math.max(counted, endedAt)
  }
  return sum
}

function legs(ours: CallView, theirs: PbxCall): Found[] {
  const mine = ours.legs.map(l => l.id).sort()
  const told = parties(theirs).map(c => c.leg as string).sort() // prettier-ignore
  if (mine.join(' ') === told.join(' ')) return []
  const reason = ours.inferred === true && mine.every(id => told.includes(id)) && 'a channel was never told of'
  return [{ kind: 'legs', ours: mine.join(' '), theirs: told.join(' '), ...maybe(reason) }]
}

const parties = (call: PbxCall): PbxChannel[] => call.channels.filter(c => c.kind === 'party')

function causes(ours: CallView, theirs: PbxCall): Found[] {
  return ours.legs.flatMap(({ id, causeQ850: mine }) => {
    const told = theirs.channels.find(c => c.leg === id)?.causeQ850
    if (told === undefined || mine === told) return []
    const reason = mine === undefined && whyNoCause(ours, id)
    return [{ kind: 'cause' as const, ours: `${id}: ${mine ?? 'none'}`, theirs: `${id}: ${told}`, ...maybe(reason) }]
  })
}

function whyNoCause({ legs, inferred }: CallView, id: string): string | false {
  if (legs.find(l => l.id === id)?.role === 'monitor')
    return 'who listens is let go with the last party, before the PBX says why'
  return inferred === true && 'the cause was not told'
}

/** What a call that nobody answered may have come to, by what Dial ended with: a decline is reported as one of several. */
const OUTCOMES: Readonly<Record<string, readonly Outcome[]>> = {
  CANCEL: ['cancelled'],
  BUSY: ['busy'],
  NOANSWER: ['no-answer', 'rejected'],
  CHANUNAVAIL: ['unreachable', 'rejected', 'failed'],
  CONGESTION: ['failed', 'unreachable', 'rejected'],
}

/** One phone was dialled, and nothing else was done: only then does Dial say what came of the call. */
const isSimple = ({ legs, queues, transfers, segments }: CallView) =>
  legs.length <= 2 &&
  queues.length === 0 &&
  transfers.length === 0 &&
  !segments.some(s => s.kind === 'park' || s.kind === 'voicemail')

/** Cleared, busy, no answer, rejected, answered elsewhere, no reason. */
const ORDINARY = new Set([0, 16, 17, 18, 19, 21, 26, 31, 102, 127])
/** Dial says NOANSWER of most causes, such as a number that nobody has (1): then the cause of who was called says more. */
const hasOtherCause = ({ dialStatus, channels: [, called] }: PbxCall) =>
  dialStatus === 'NOANSWER' && called?.causeQ850 !== undefined && !ORDINARY.has(called.causeQ850)

function outcome(ours: CallView, theirs: PbxCall): Found[] {
  const { outcome: mine } = ours
  const fitting = OUTCOMES[theirs.dialStatus ?? '']
  if (!isSimple(ours) || theirs.talks.length > 0 || mine === undefined || mine === 'answered' || !fitting) return []
  // A phone was picked up: the subroutine of the Dial has chosen what it ends with.
  if (ours.offers.some(o => o.result === 'not-accepted')) return []
  if (fitting.includes(mine) || (mine === 'unreachable' && hasOtherCause(theirs))) return []
  const theirSay = fitting.join(' or ')
  return [
    {
      kind: 'outcome',
      ours: mine,
      theirs: theirSay,
      ...maybe(ours.inferred === true && 'what came of it was not told'),
    },
  ]
}

/**
 * Each phone has said so before it was told of the other. The PBX notes the first of them, and tells of it a moment later: of two threads that
 * do so, the other may be heard first.
 */
const haveBothHungUp = ({ legs }: CallView) => {
  const [one, other] = legs.map(({ reason, endedAt = '' }) => (reason === 'hung-up' ? Date.parse(endedAt) : NaN))
  return one !== undefined && other !== undefined && Math.abs(one - other) < SAME_MOMENT_MS
}
const SAME_MOMENT_MS = 100

/** Who hung up a call of two that had been answered, since of three whoever goes first does not end it; who says `unknown` claims nothing, but must have a reason to. */
function endedBy(ours: CallView, theirs: PbxCall): Found[] {
  const { endedBy: mine } = ours
  const leg = theirs.channels.find(c => c.name === theirs.hungUpBy)?.leg
  const side = ours.legs.find(l => l.id === leg)?.side
  if (
    !isSimple(ours) ||
    ours.answeredAt === undefined ||
    theirs.talks.length === 0 ||
    mine === undefined ||
    mine === 'command' ||
    side === undefined ||
    mine === side
  )
    return []
  const reason =
    (haveBothHungUp(ours) && 'both have hung up in the same moment') ||
    (ours.inferred === true && (mine === 'unknown' || mine === 'pbx') && 'who hung up was not told')
  return [{ kind: 'endedBy', ours: mine, theirs: side, ...maybe(reason) }]
}
