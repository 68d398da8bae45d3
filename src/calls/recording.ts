/** Recordings, by command and by the dialplan (MixMonitor): of which leg, from when until when. Pure. */
import type { EpochMs, LegId } from '../base/ids.js'
import type { LegFact } from '../pbx/facts.js'
import { partyFor } from './paths.js'
import { isLive, legOf, type Call, type Recording } from './state.js'

type Of<T extends LegFact['type']> = Extract<LegFact, { type: T }>

export function recordingChanged(call: Call, fact: Of<'recording.changed'>): Call {
  const { at, leg, name, state, of, by } = fact
  const all = call.recordings ?? []
  const was = all.find(r => r.name === name)
  if (!was) {
    const recorded = legOf(call, leg)
    if (!recorded || !isLive(recorded) || state === 'done') return call
    const begun: Recording = { name, leg, ...(of && { of }), ...(by && { by }), state, startedAt: at }
    return { ...call, recordings: [...all, begun] }
  }
  const named = recordingNamed(call, fact)
  if (named !== call || was.state === state || was.state === 'done') return named
  return { ...call, recordings: all.map(r => (r === was ? ended({ ...r, state }, at) : r)) }
}

/** Its file is known a moment after it began, which may be after its end. */
export function recordingNamed(call: Call, { name, file }: Of<'recording.changed'>): Call {
  if (file === undefined || !call.recordings?.some(r => r.name === name && r.file === undefined)) return call
  const all = call.recordings.map(r => (r.name === name ? { ...r, file } : r))
  return { ...call, recordings: all.map((r, i) => (isOfNewer(r, all.slice(i + 1)) ? withoutFile(r) : r)) }
}

/** As late as the PBX's answer may be. */
const LATE_MS = 1_000

/**
 * A channel names only its newest file: an older recording was given it when the newer began before the PBX had answered. Then the
 * answer for one that began a moment before it may have been late, too.
 */
function isOfNewer({ leg, file, startedAt, endedAt }: Recording, later: readonly Recording[]): boolean {
  const [next, ...newer] = later.filter(r => r.leg === leg && (endedAt === undefined || r.startedAt < endedAt))
  if (file === undefined || !next) return false
  const isMoment = next.startedAt - startedAt < LATE_MS
  return [next, ...newer].some(r => r.file === file) || (isMoment && isOfNewer(next, newer))
}

function withoutFile({ file: _, ...recording }: Recording): Recording {
  return recording
}

const ended = (recording: Recording, at: EpochMs): Recording =>
  recording.state === 'done' ? { ...recording, endedAt: at } : recording

/** With either side the recording is over; behind half of a Local pair, a party is recorded. */
export function followRecordings(call: Call, at: EpochMs): Call {
  const { recordings } = call
  if (!recordings?.some(r => r.state !== 'done')) return call
  const isThere = (id: string) => call.legs.some(l => l.id === id && isLive(l))
  const live = ({ leg, of = leg }: Recording) => isThere(leg) && isThere(of)
  const next = recordings.map(r =>
    r.state === 'done' ? r : live(r) ? ofParty(call, r) : ended({ ...r, state: 'done' }, at),
  )
  return next.every((r, i) => r === recordings[i]) ? call : { ...call, recordings: next }
}

function ofParty(call: Call, recording: Recording): Recording {
  const leg = legOf(call, recording.leg)
  const party = leg?.kind === 'local' ? partyFor(call, leg)?.id : undefined
  return party === undefined || party === recording.party ? recording : { ...recording, party }
}

/** Whose it is, where that is a leg that is shown: behind half of a Local pair nobody may have come. */
export function shownLegOf(call: Call, { leg, party }: Recording): LegId | undefined {
  if (party !== undefined) return party
  return legOf(call, leg)?.kind === 'party' ? leg : undefined
}

/** The one of a leg, by command, that is not over. */
export const recordingOf = (call: Call, leg: string): Recording | undefined =>
  call.recordings?.find(r => r.leg === leg && r.by === undefined && r.state !== 'done')
