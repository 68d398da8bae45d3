/**
 * Where the site wants it so, whoever is listened to hears a tone when that begins: a tool speaks it into their leg, and the
 * others do not hear it. Touches the clock.
 */
import type { LegId } from '../base/ids.js'
import { ok } from '../base/result.js'
import { isLive, type Call } from '../calls/state.js'
import type { Action } from '../pbx/actions.js'
import { OWN_LEG } from '../pbx/names.js'
import type { Judge, Verdict } from './confirm.js'

/** The tone is over by then. */
const TONE_MS = 1_000

type Parts = {
  attach: (action: Action, judge: Judge) => Promise<Verdict>
  sendTool: (action: Action) => Promise<Verdict>
  pause: (ms: number) => Promise<void>
  /** Waited for, when the daemon stops. */
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
}

export function createListenTones({ attach, sendTool, pause, keepRunning }: Parts) {
  const told = new Set<LegId>()

  async function sound(listener: LegId, leg: LegId) {
    const tool = `${OWN_LEG}tone-${listener}` as LegId
    const attached = await attach({ do: 'attach', leg, tool, spy: false, whisper: true }, fact =>
      fact.type === 'tool.ready' && fact.tool === tool ? ok(undefined) : undefined,
    )
    if (!attached.ok) return
    const played = await sendTool({ do: 'play-tone', tool })
    if (played.ok) await pause(TONE_MS)
    await sendTool({ do: 'detach', tool })
  }

  return {
    /** At a call that is not as it was. */
    look({ legs }: Call) {
      for (const leg of legs) {
        if (!isLive(leg)) told.delete(leg.id)
        else if (leg.mode !== undefined && leg.hears !== undefined && !told.has(leg.id)) {
          told.add(leg.id)
          void keepRunning(sound(leg.id, leg.hears))
        }
      }
    },
  }
}
