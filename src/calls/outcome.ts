/** What came of a ring and of a call, from the PBX's dial statuses and Q.850 causes. Pure. */
import type { OfferResult, QueueOutcome } from '../events/call-parts.js'
import type { EndedBy, Outcome } from '../events/call.js'
import type { DialStatus, HangupAsked } from '../pbx/facts.js'
import { isTurnedAway, outcomeOfRefusal } from './routing.js'
import { isParty, legOf, type Call, type Leg, type Offer, type Segment } from './state.js'

const BUSY = 17
const NO_ANSWER = new Set([18, 19, 102])
const REJECTED = 21
const ELSEWHERE = 26
/** Unallocated, no route, user not registered, subscriber absent, destination out of order, number format. */
const UNREACHABLE = new Set([1, 2, 3, 20, 22, 27, 28, 29])
/** From here on the network, the service or the protocol is at fault, such as for SIP's 500 (38), 503 (34) and 488 (58). */
const FAULTS_FROM = 34
/** Says nothing: a phone that is cancelled answers with it, too (487). */
const INTERWORKING = 127

/** A cause says more than a status: a queue reports a rejection as NOANSWER, a Dial reports a decline as CHANUNAVAIL. */
export function resultOfCause(causeQ850: number | undefined): OfferResult | undefined {
  if (causeQ850 === BUSY) return 'busy'
  if (causeQ850 === REJECTED) return 'rejected'
  if (causeQ850 === ELSEWHERE) return 'answered-elsewhere'
  if (causeQ850 !== undefined && NO_ANSWER.has(causeQ850)) return 'no-answer'
  const isFault = causeQ850 !== undefined && causeQ850 >= FAULTS_FROM && causeQ850 !== INTERWORKING
  if (isFault || (causeQ850 !== undefined && UNREACHABLE.has(causeQ850))) return 'unavailable'
  return undefined
}

const NOT_ACCEPTED: ReadonlySet<DialStatus> = new Set(['CONTINUE', 'GOTO', 'ABORT'])

/** `answered`: whether somebody has answered the call already, which makes a cancelled ring a lost race. */
export function resultOfDial(status: DialStatus, leg: Leg | undefined, answered: boolean): OfferResult {
  if (status === 'ANSWER') return 'answered'
  if (status === 'CANCEL') return answered ? 'answered-elsewhere' : 'caller-gave-up'
  if (status === 'DONTCALL' || status === 'TORTURE') return 'rejected'
  // Somebody picked up and did not take the call: a key was to be pressed, or a screening was refused.
  if (leg?.answeredAt !== undefined || NOT_ACCEPTED.has(status)) return 'not-accepted'
  const told = leg?.hangupAsked === undefined ? undefined : resultOfCause(leg.causeQ850)
  if (told !== undefined) return told
  if (status === 'BUSY') return 'busy'
  if (status === 'NOANSWER') return 'no-answer'
  return 'unavailable'
}

const OUTCOME_OF: Record<OfferResult, Outcome> = {
  answered: 'failed',
  'no-answer': 'no-answer',
  busy: 'busy',
  rejected: 'rejected',
  'not-accepted': 'no-answer',
  unavailable: 'unreachable',
  'answered-elsewhere': 'cancelled',
  'caller-gave-up': 'cancelled',
  'picked-up': 'failed',
  forwarded: 'failed',
  lost: 'lost',
}

/** What became of a call that is over. `lost`: its last leg was gone without a word. */
export function outcomeOf(call: Call, lost: boolean): Outcome {
  if ('answeredAt' in call.progress) return 'answered'
  if (lost) return 'lost'
  if (isTurnedAway(call)) return outcomeOfRefusal(call)
  if (call.segments.some(s => s.kind === 'voicemail')) return 'voicemail'
  const tried = call.offers.at(-1)
  const visit = call.queues.at(-1)
  const isLast = visit && !(tried && tried.queue === undefined && tried.startedAt >= visit.joinedAt)
  if (isLast) return outcomeOfVisit(call, visit.outcome)
  if (callerGaveUp(call) && !wasRefused(tried)) return 'cancelled'
  if (tried?.result !== undefined) return OUTCOME_OF[tried.result]
  const own = resultOfCause(call.legs.findLast(isParty)?.causeQ850)
  return own === undefined ? 'failed' : OUTCOME_OF[own]
}

function outcomeOfVisit(call: Call, outcome: QueueOutcome | undefined): Outcome {
  if (outcome === 'answered') return outcomeBehind(call)
  return outcome === undefined ? 'failed' : OUTCOME_OF_VISIT[outcome]
}

/** The queue has connected the caller to a Local channel that the dialplan behind it has answered, and no phone there was picked up. */
function outcomeBehind(call: Call): Outcome {
  if (callerGaveUp(call)) return 'cancelled'
  const tried = call.offers.findLast(({ result }) => result !== 'answered-elsewhere')?.result
  return tried === undefined ? 'failed' : OUTCOME_OF[tried]
}

const OUTCOME_OF_VISIT: Record<Exclude<QueueOutcome, 'answered'>, Outcome> = {
  abandoned: 'abandoned',
  timeout: 'no-answer',
  'exit-key': 'no-answer',
  full: 'busy',
  'join-empty': 'unreachable',
  'leave-empty': 'unreachable',
  withdrawn: 'no-answer',
  transferred: 'no-answer',
  left: 'no-answer',
  lost: 'lost',
}

/** The end of the dialplan hangs up the caller's leg, too, but nobody has given up then. */
const callerGaveUp = (call: Call) => {
  const first = firstHangup(call)
  return first !== undefined && first.asked !== 'pbx' && legOf(call, first.leg)?.side === 'caller'
}

const wasRefused = (offer: Offer | undefined) => offer?.result === 'busy' || offer?.result === 'rejected'

const WITH_THE_PBX: ReadonlySet<Segment['kind']> = new Set(['ivr', 'voicemail', 'survey', 'fax'])

/**
 * Who hung up first of those who were together last; what the PBX did with one of them afterwards is no part of that. In
 * a call without any of it, whoever was first: a called phone that refuses to ring ends its offer, not the call.
 */
function firstHangup(call: Call): Call['hangups'][number] | undefined {
  const last = call.segments.findLast(s => !WITH_THE_PBX.has(s.kind))
  const together = last && call.hangups.find(h => last.legs.includes(h.leg))
  return together ?? call.hangups.find(h => !isRefusal(legOf(call, h.leg), h.asked))
}

const isRefusal = (leg: Leg | undefined, asked: HangupAsked) =>
  leg?.side === 'callee' && leg.answeredAt === undefined && asked === 'far-side'

/** Who ended it: the first who hung up; in a call that nobody answered, whoever decided that. */
export function endedByOf(call: Call, outcome: Outcome): EndedBy {
  if (call.legs.some(l => l.stopping) && outcome === 'lost') return 'pbx'
  if (outcome === 'lost') return 'unknown'
  const first = firstHangup(call)
  if (first?.asked === 'command') return 'command'
  if (outcome === 'busy' || outcome === 'rejected') return wasRefused(call.offers.at(-1)) ? 'callee' : 'pbx'
  if (outcome === 'no-answer' || outcome === 'unreachable' || outcome === 'failed') return 'pbx'
  const by = first && legOf(call, first.leg)
  if (!by || !isParty(by)) return outcome === 'cancelled' || outcome === 'abandoned' ? 'caller' : 'unknown'
  return first.asked === 'far-side' ? by.side : 'pbx'
}

/** The called party's cause tells why nobody answered; after that, the cause of whoever hung up. */
export function causeOf(call: Call, last: Leg | undefined): number | undefined {
  const first = firstHangup(call)
  const leg = 'answeredAt' in call.progress ? first?.leg : (first?.leg ?? call.offers.at(-1)?.leg)
  return (leg && legOf(call, leg)?.causeQ850) ?? last?.causeQ850
}
