/**
 * Recording by command, from the phone of an agent: a tool hears what the other side says and hears, and the PBX writes it. So
 * whoever is muted, or has the other side on hold, is not in it. It ends with the agent's part in the call at the latest.
 */
import type { ErrorCode } from '../base/errors.js'
import type { LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { recordingOf } from '../calls/recording.js'
import type { Call, Leg } from '../calls/state.js'
import type { Action } from '../pbx/actions.js'
import { OWN_LEG } from '../pbx/names.js'
import type { CallActs } from './call-acts.js'
import type { Judge, Verdict } from './confirm.js'
import { liveLeg, type PbxState } from './state.js'

type Parts = {
  state: PbxState
  acts: Pick<CallActs, 'tell'>
  /** Waited for, when the daemon stops. */
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
  newId: () => string
  attach: (action: Action, judge: Judge) => Promise<Verdict>
  sendTool: (action: Action) => Promise<Verdict>
}
export type Recorder = ReturnType<typeof createRecorder>

const CHANGES = { pause: 'paused', resume: 'on', stop: 'done' } as const

export function createRecorder({ state, acts: { tell }, newId, attach, sendTool, keepRunning }: Parts) {
  /** By whom each is. */
  const running = new Map<string, LegId>()
  for (const call of state.calls.values())
    for (const { name, leg, by, state: now } of call.recordings ?? [])
      if (now !== 'done' && by === undefined) running.set(name, leg)

  /** The tool bears the name of the recording, so it is found again after a restart. */
  const toolOf = (name: string) => `${OWN_LEG}${name}` as LegId

  return {
    /** What `other` says and hears. */
    async begin(leg: Leg, other: Leg | undefined): Promise<Result<void, ErrorCode>> {
      if (!other) return no('CALL_STATE')
      const name = `rec-${newId()}`
      const tool = toolOf(name)
      const attached = await attach({ do: 'attach', leg: other.id, tool, spy: true, whisper: false }, fact =>
        fact.type === 'tool.ready' && fact.tool === tool ? ok(undefined) : undefined,
      )
      const begun = attached.ok ? await sendTool({ do: 'record', tool, name }) : attached
      if (begun.ok) {
        running.set(name, leg.id)
        tell({ type: 'recording.changed', leg: leg.id, name, state: 'on', of: other.id })
      }
      if (!begun.ok) await sendTool({ do: 'detach', tool })
      return begun
    },
    async change(call: Call, leg: Leg, to: keyof typeof CHANGES): Promise<Result<void, ErrorCode>> {
      const name = recordingOf(call, leg.id)?.name ?? ''
      const change = to === 'resume' ? 'unpause' : to
      const done = await sendTool({ do: 'recording', name, change })
      if (done.ok) tell({ type: 'recording.changed', leg: leg.id, name, state: CHANGES[to] })
      if (done.ok && to === 'stop') {
        running.delete(name)
        await sendTool({ do: 'detach', tool: toolOf(name) })
      }
      return done
    },
    /** Ends those whose agents are gone. */
    look() {
      for (const [name, by] of running) {
        if (liveLeg(state, by)) continue
        running.delete(name)
        void keepRunning(
          sendTool({ do: 'recording', name, change: 'stop' }).then(() =>
            sendTool({ do: 'detach', tool: toolOf(name) }),
          ),
        )
      }
    },
  }
}
