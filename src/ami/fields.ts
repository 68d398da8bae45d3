/** What is read off a frame in many places: times, ids, callers, causes. Pure. */
import type { BridgeId, EpochMs, LegId } from '../base/ids.js'
import type { CallerId, LegState, PbxFact } from '../pbx/facts.js'
import type { Frame } from './parse.js'

/** A fact of an event; undefined when the event lacks what makes it mean something. */
export type ToFact = (frame: Frame, at: EpochMs) => PbxFact | undefined

/** The years 2000 to 2100: a PBX without a battery begins in 1970, and its time is of no use until it has been set. */
export const [EARLIEST_S, LATEST_S] = [946_684_800, 4_102_444_800]

/** `Timestamp: 1700000000.123456` (with `timestampevents=yes`), in microseconds. */
export function stampOf(frame: Frame): number | undefined {
  const seconds = Number(frame.get('Timestamp'))
  return seconds >= EARLIEST_S && seconds < LATEST_S ? Math.round(seconds * 1e6) : undefined
}
export const msOf = (atUs: number) => Math.floor(atUs / 1_000) as EpochMs

export function timeOf(frame: Frame, arrived: EpochMs): EpochMs {
  const atUs = stampOf(frame)
  return atUs === undefined ? arrived : msOf(atUs)
}

/** Longer than any id that Asterisk makes (150), and than any number or name that a person would read. */
const [LONGEST_ID, LONGEST_TEXT] = [150, 500]

/** Asterisk writes `<unknown>` where it has no number or name. */
export const told = (frame: Frame, header: string) => {
  const value = frame.get(header) ?? ''
  return value === '<unknown>' ? '' : value.length > LONGEST_TEXT ? value.slice(0, LONGEST_TEXT) : value
}
const idOf = (frame: Frame, header: string) => {
  const id = frame.get(header)
  return id === undefined || id === '' || id.length > LONGEST_ID ? undefined : id
}

/** Asterisk writes names as C would: `O\\'Brien`. A line break or a tab in one becomes a blank. */
const ESCAPED = /\\(.)/gs
const readName = (text: string) =>
  text.includes('\\') ? text.replace(ESCAPED, (_, one: string) => (/[abfnrtv]/.test(one) ? ' ' : one)) : text

/** `of` begins the headers that describe the channel. */
export const callerOf = (frame: Frame, of = ''): CallerId => ({
  number: told(frame, `${of}CallerIDNum`),
  name: readName(told(frame, `${of}CallerIDName`)),
})
export const legOf = (frame: Frame, header = 'Uniqueid') => idOf(frame, header) as LegId | undefined
export const bridgeOf = (frame: Frame, header = 'BridgeUniqueid') => idOf(frame, header) as BridgeId | undefined

const CAUSE_UNKNOWN = 0
export function causeOf(frame: Frame): { causeQ850?: number } {
  const cause = Number(frame.get('Cause') ?? '')
  return Number.isInteger(cause) && cause > CAUSE_UNKNOWN && cause < 128 ? { causeQ850: cause } : {}
}

/** `CID-CallingPres: 32 (Presentation Prohibited, Not Screened)`: bits 6 and 7 are 01; 10 means that there is no number. */
export const isWithheld = (frame: Frame) => (parseInt(frame.get('CID-CallingPres') ?? '', 10) & 0x60) === 0x20

/** The same as `CALLERID(num-pres)` has it: `prohib`, `prohib_not_screened`. */
export const isProhibitedName = (presentation: string) => /^prohib/i.test(presentation)

/** ChannelState 4 (Ring: it calls) or 6 (Up); a channel that is dialled is Down or Ringing. */
export const runsDialplan = (frame: Frame) => /^[46]$/.test(frame.get('ChannelState') ?? '')

/** ChannelState: 4 is "the far end rings for me", 5 "I am ringing", 6 "up". */
export function stateOf(frame: Frame): LegState {
  const state = frame.get('ChannelState')
  return state === '6' ? 'up' : state === '5' ? 'ringing' : 'down'
}

/** `s` is a place in the dialplan, not a number that anybody dialled. */
export const extenOf = (frame: Frame, of = '') => numberOf(frame, `${of}Exten`)

/** Where a `Dial()` stands in a subroutine, Asterisk names whom it calls by that place, too. */
export function numberOf(frame: Frame, header: string) {
  const exten = told(frame, header)
  return exten === 's' || exten === 'h' || exten === 'i' || exten === 't' ? '' : exten
}

/** A waiting room's technology, and who makes conferences. */
export const [HOLDING, CONFERENCE] = ['holding_bridge', 'ConfBridge']

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
