/** Recordings by command: of which leg, from when until when. Pure. */
import type { EpochMs } from '../base/ids.js'
import type { LegFact } from '../pbx/facts.js'
import { isLive, legOf, type Call, type Recording } from './state.js'

type Of<T extends LegFact['type']> = Extract<LegFact, { type: T }>

export function recordingChanged(call: Call, { at, leg, name, state, of }: Of<'recording.changed'>): Call {
  const all = call.recordings ?? []
  const was = all.find(r => r.name === name)
  if (!was) {
    const recorded = legOf(call, leg)
    if (!recorded || !isLive(recorded) || state === 'done') return call
    return { ...call, recordings: [...all, { name, leg, ...(of === undefined ? {} : { of }), state, startedAt: at }] }
  }
  if (was.state === state || was.state === 'done') return call
  return { ...call, recordings: all.map(r => (r === was ? ended({ ...r, state }, at) : r)) }
}

const ended = (recording: Recording, at: EpochMs): Recording =>
  recording.state === 'done' ? { ...recording, endedAt: at } : recording

/** With either side the recording is over. */
export function followRecordings(call: Call, at: EpochMs): Call {
  const { recordings } = call
  if (!recordings?.some(r => r.state !== 'done')) return call
  const isThere = (id: string) => call.legs.some(l => l.id === id && isLive(l))
  const live = ({ leg, of = leg }: Recording) => isThere(leg) && isThere(of)
  const next = recordings.map(r => (r.state === 'done' || live(r) ? r : ended({ ...r, state: 'done' }, at)))
  return next.every((r, i) => r === recordings[i]) ? call : { ...call, recordings: next }
}

/** The one of a leg that is not over. */
export const recordingOf = (call: Call, leg: string): Recording | undefined =>
  call.recordings?.find(r => r.leg === leg && r.state !== 'done')
