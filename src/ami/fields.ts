/** What is read off a frame in many places: times, ids, callers, causes. Pure. */
import type { BridgeId, EpochMs, LegId } from '../base/ids.js'
import type { CallerId, LegState, PbxFact } from '../pbx/facts.js'
import type { Frame } from './parse.js'

/** A fact of an event; undefined when the event lacks what makes it mean something. */
export type ToFact = (frame: Frame, at: EpochMs) => PbxFact | undefined

/** `Timestamp: 1700000000.123456` (with `timestampevents=yes`). */
export function timeOf(frame: Frame, arrived: EpochMs): EpochMs {
  const seconds = Number(frame.get('Timestamp'))
  return (seconds > 0 && seconds < 1e11 ? Math.floor(seconds * 1000) : arrived) as EpochMs
}

/** Asterisk writes `<unknown>` where it has no number or name. */
export function told(frame: Frame, header: string) {
  const value = frame.get(header) ?? ''
  return value === '<unknown>' ? '' : value
}

export const callerOf = (frame: Frame): CallerId => ({
  number: told(frame, 'CallerIDNum'),
  name: told(frame, 'CallerIDName'),
})
export const legOf = (frame: Frame, header = 'Uniqueid') => (frame.get(header) || undefined) as LegId | undefined
export const bridgeOf = (frame: Frame, header = 'BridgeUniqueid') =>
  (frame.get(header) || undefined) as BridgeId | undefined

const CAUSE_UNKNOWN = 0
export function causeOf(frame: Frame): { causeQ850?: number } {
  const cause = Number(frame.get('Cause') ?? '')
  return Number.isInteger(cause) && cause > CAUSE_UNKNOWN && cause < 128 ? { causeQ850: cause } : {}
}

/** ChannelState: 4 is "the far end rings for me", 5 "I am ringing", 6 "up". */
export function stateOf(frame: Frame): LegState {
  const state = frame.get('ChannelState')
  return state === '6' ? 'up' : state === '5' ? 'ringing' : 'down'
}

/** `Position: 1` -> `{ position: 1 }`. */
export function positionOf(frame: Frame): { position?: number } {
  const position = Number(frame.get('Position') ?? '')
  return Number.isInteger(position) && position > 0 && position < 1e6 ? { position } : {}
}

/** The fact of an event about one leg, which a header names; no fact without it. */
export const ofLeg =
  (make: (leg: LegId, frame: Frame, at: EpochMs) => PbxFact | undefined, header = 'Uniqueid'): ToFact =>
  (frame, at) => {
    const leg = legOf(frame, header)
    return leg && make(leg, frame, at)
  }

/** The fact of an event about two legs; no fact without both. */
export const ofTwo = (
  make: (leg: LegId, other: LegId, frame: Frame, at: EpochMs) => PbxFact | undefined,
  header: string,
  otherHeader: string,
): ToFact =>
  ofLeg((leg, frame, at) => {
    const other = legOf(frame, otherHeader)
    return other && make(leg, other, frame, at)
  }, header)
