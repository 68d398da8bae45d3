/**
 * Recordings that the dialplan makes (MixMonitor). AMI tells on which channel one begins, ends and pauses; the file's name is
 * asked for, because no event has it. Without an id in the events, an end is that of the newest on its channel.
 */
import type { EpochMs, LegId } from '../base/ids.js'
import { isLive, legOf, type Recording } from '../calls/state.js'
import type { Fact } from '../pbx/facts.js'
import type { Link } from '../pbx/link.js'
import type { PbxState } from './state.js'

type Parts = {
  state: PbxState
  link: Pick<Link, 'mixFile'>
  see: (facts: readonly Fact[]) => void
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
  newId: () => string
  sealFile: SealFile
}
/** With the number of a caller who withholds it in a form that tells nothing. */
export type SealFile = (file: string, recording: string, numbers: readonly string[]) => Promise<string>

type MixFact = Extract<Fact, { type: 'mix.changed' }>
type RecordingFact = Extract<Fact, { type: 'recording.changed' }>

const MAX_FILE = 1_000
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g

export function createDialplanRecordings({ state, link, see, keepRunning, newId, sealFile }: Parts) {
  /** What is being asked of each channel, the oldest first. */
  const asked = new Map<LegId, Promise<string>[]>()

  function callOf({ leg }: MixFact) {
    const id = state.callOf.get(leg)
    return id === undefined ? undefined : state.calls.get(id)
  }

  const running = (fact: MixFact): Recording[] =>
    (callOf(fact)?.recordings ?? []).filter(r => r.leg === fact.leg && r.by === 'dialplan' && r.state !== 'done')

  function begun(fact: MixFact): RecordingFact[] {
    const call = callOf(fact)
    const leg = call && legOf(call, fact.leg)
    if (!leg || !isLive(leg)) return []
    const { at } = fact
    const changed: RecordingFact = {
      type: 'recording.changed',
      at,
      leg: leg.id,
      name: `mix-${newId()}`,
      by: 'dialplan',
      state: 'on',
    }
    void keepRunning(named(changed))
    return [changed]
  }

  /**
   * A channel that is gone, or a link that is down, has no name to give: then the recording is on the call without a file. A channel
   * names only its newest: of several that begin in one moment an older has a file only where all answers differ, since then each is its own.
   */
  async function named(changed: RecordingFact) {
    const { leg } = changed
    const reading = fileOf(leg)
    const readings = asked.get(leg) ?? []
    readings.push(reading)
    asked.set(leg, readings)
    const file = await reading
    if (readings.at(-1) === reading && asked.get(leg) === readings) asked.delete(leg)
    const files = await Promise.all(readings.slice(readings.indexOf(reading)))
    if (file !== '' && new Set(files).size === files.length) await tell(changed, file)
  }

  /** Where it cannot be sealed, the recording is on the call without a file. */
  async function tell(changed: RecordingFact, file: string) {
    const numbers = withheldIn(changed.leg)
    const told = numbers.length === 0 ? file : await sealFile(file, changed.name, numbers).catch(() => undefined)
    if (told !== undefined) see([{ ...changed, file: told }])
  }

  /** Also of a call that is over. */
  function withheldIn(leg: LegId): readonly string[] {
    const [live, past] = [state.callOf.get(leg), state.past.get(leg)]
    const call = live === undefined ? undefined : state.calls.get(state.mergedInto.get(live) ?? live)
    return (call ?? (past === undefined ? undefined : state.recorded.get(past)))?.withheld ?? []
  }

  /** The link was lost before the PBX had answered: asked again, where a channel has one recording and so the name is its. */
  function askAgain(at: EpochMs) {
    for (const { recordings = [] } of state.calls.values()) {
      const live = recordings.filter(r => r.by === 'dialplan' && r.state !== 'done')
      const alone = live.filter(({ leg }) => live.filter(other => other.leg === leg).length === 1)
      for (const { leg, name, file } of alone)
        if (file === undefined && !asked.has(leg))
          void keepRunning(named({ type: 'recording.changed', at, leg, name, by: 'dialplan', state: 'on' }))
    }
  }

  async function fileOf(leg: LegId): Promise<string> {
    const read = await link.mixFile?.(leg)
    return read?.ok ? Array.from(read.value.replace(CONTROLS, '')).slice(0, MAX_FILE).join('') : ''
  }

  /** What a fact says of recordings; to be applied right after it. */
  return function recordingFacts(fact: Fact): RecordingFact[] {
    if (fact.type === 'pbx.seen') askAgain(fact.at)
    if (fact.type !== 'mix.changed') return []
    if (fact.state === 'on') return begun(fact)
    const all = running(fact)
    const meant = fact.state === 'done' ? all.slice(-1) : all
    const state = fact.state === 'resumed' ? 'on' : fact.state
    const { at, leg } = fact
    return meant.map(({ name }) => ({ type: 'recording.changed', at, leg, name, state }))
  }
}
