/** What came of a ring and of a call, from the PBX's dial statuses and Q.850 causes. Pure. */
import type { OfferResult } from '../events/call-parts.js'
import type { EndedBy, Outcome } from '../events/call.js'
import type { DialStatus } from '../pbx/facts.js'
import { isParty, legOf, type Call, type Leg, type Offer } from './state.js'

const BUSY = 17
const NO_ANSWER = new Set([18, 19, 102])
const REJECTED = 21
const ELSEWHERE = 26
/** Unallocated, no route, user not registered, subscriber absent, destination out of order, number format. */
const UNREACHABLE = new Set([1, 2, 3, 20, 27, 28])

/** A cause says more than a status: a queue reports a rejection as NOANSWER, a Dial reports a decline as CHANUNAVAIL. */
export function resultOfCause(causeQ850: number | undefined): OfferResult | undefined {
  if (causeQ850 === BUSY) return 'busy'
  if (causeQ850 === REJECTED) return 'rejected'
  if (causeQ850 === ELSEWHERE) return 'answered-elsewhere'
  if (causeQ850 !== undefined && NO_ANSWER.has(causeQ850)) return 'no-answer'
  if (causeQ850 !== undefined && UNREACHABLE.has(causeQ850)) return 'unavailable'
  return undefined
}

/** `answered`: whether somebody has answered the call already, which makes a cancelled ring a lost race. */
export function resultOfDial(status: DialStatus, leg: Leg | undefined, answered: boolean): OfferResult {
  if (status === 'ANSWER') return 'answered'
  if (status === 'CANCEL') return answered ? 'answered-elsewhere' : 'caller-gave-up'
  const told = leg?.hangupAsked === undefined ? undefined : resultOfCause(leg.causeQ850)
  if (told !== undefined) return told
  if (status === 'BUSY') return 'busy'
  if (status === 'NOANSWER') return 'no-answer'
  if (status === 'DONTCALL' || status === 'TORTURE') return 'rejected'
  return 'unavailable'
}

const OUTCOME_OF: Record<OfferResult, Outcome> = {
  answered: 'failed',
  'no-answer': 'no-answer',
  busy: 'busy',
  rejected: 'rejected',
  unavailable: 'unreachable',
  'answered-elsewhere': 'cancelled',
  'caller-gave-up': 'cancelled',
  'picked-up': 'failed',
  forwarded: 'failed',
}

/** What became of a call whose last party has just gone. */
export function outcomeOf(call: Call, last: Leg, lost: boolean): Outcome {
  if ('answeredAt' in call.progress) return 'answered'
  if (lost) return 'lost'
  const tried = call.offers.at(-1)
  if (callerGaveUp(call) && !wasRefused(tried)) return 'cancelled'
  if (tried?.result !== undefined) return OUTCOME_OF[tried.result]
  const own = resultOfCause(last.causeQ850)
  return own === undefined ? 'failed' : OUTCOME_OF[own]
}

/** The end of the dialplan hangs up the caller's leg, too, but nobody has given up then. */
const callerGaveUp = ({ hangup, legs }: Call) =>
  hangup !== undefined && hangup.asked !== 'pbx' && legs.some(l => l.id === hangup.leg && l.side === 'caller')

const wasRefused = (offer: Offer | undefined) => offer?.result === 'busy' || offer?.result === 'rejected'

/** Who ended it: the first who hung up; in a call that nobody answered, whoever decided that. */
export function endedByOf(call: Call, outcome: Outcome): EndedBy {
  if (outcome === 'lost') return 'unknown'
  if (call.hangup?.asked === 'command') return 'command'
  if (outcome === 'busy' || outcome === 'rejected') return 'callee'
  if (outcome === 'no-answer' || outcome === 'unreachable' || outcome === 'failed') return 'pbx'
  const by = call.hangup && legOf(call, call.hangup.leg)
  if (!by || !isParty(by)) return outcome === 'cancelled' ? 'caller' : 'unknown'
  return call.hangup?.asked === 'far-side' ? by.side : 'pbx'
}
