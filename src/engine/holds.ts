/**
 * Hold by command: whoever is held hears music, and neither hears the other; both stay in their bridge, so a queue counts
 * on as before. Undone by command, and whenever the two are no longer together: nobody is left with music. Touches the clock.
 */
import type { Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import type { LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { othersWith } from '../calls/commands.js'
import type { Leg } from '../calls/state.js'
import type { Action } from '../pbx/actions.js'
import type { Fact } from '../pbx/facts.js'
import { OWN_LEG } from '../pbx/names.js'
import type { Judge, Verdict } from './confirm.js'
import { callBy, liveLeg, type PbxState } from './state.js'

type Parts = {
  state: PbxState
  clock: Clock
  see: (facts: readonly Fact[]) => void
  send: (action: Action) => Promise<Verdict>
  /** Over ARI; the first waits for what proves it. */
  attach: (action: Action, judge: Judge) => Promise<Verdict>
  sendTool: (action: Action) => Promise<Verdict>
  /** Waited for, when the daemon stops. */
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
}

export type Holds = ReturnType<typeof createHolds>

/** The channel that plays to a leg: found again after a restart. */
const toolOf = (leg: LegId) => `${OWN_LEG}music-${leg}` as LegId

export function createHolds({ state, clock, see, send, attach, sendTool, keepRunning }: Parts) {
  /** Who holds whom; `begun`: the call says so, too. */
  const held = new Map<LegId, { to: LegId; begun: boolean }>()
  for (const call of state.calls.values())
    for (const { id, holds } of call.legs) if (holds) held.set(id, { to: holds, begun: true })

  const legNow = (id: LegId) => liveLeg(state, id)
  /** In one bridge, or in two that a Local pair joins. */
  const areTogether = (by: Leg, to: LegId) => {
    const id = state.callOf.get(by.id)
    const call = id && callBy(state, id)
    return call !== undefined && othersWith(call, by).some(l => l.id === to)
  }

  /** As it was before; one that is gone needs nothing. */
  async function undo(by: LegId, to: LegId): Promise<Verdict> {
    const [holder, other] = [legNow(by), legNow(to)]
    // A tool goes by itself with the channel that it plays to.
    const done = [
      ...(other && !other.muted ? [send({ do: 'silence', leg: to, on: false })] : []),
      ...(holder && !holder.muted ? [send({ do: 'silence', leg: by, on: false })] : []),
    ]
    if (other) await sendTool({ do: 'detach', tool: toolOf(to) })
    const told = await Promise.all(done)
    return told.find(({ ok }) => !ok) ?? ok(undefined)
  }

  async function begin(by: Leg, to: Leg): Promise<Result<void, ErrorCode>> {
    const tool = toolOf(to.id)
    held.set(by.id, { to: to.id, begun: false })
    const steps: (() => Promise<Verdict>)[] = [
      () => send({ do: 'silence', leg: by.id, on: true }),
      () => send({ do: 'silence', leg: to.id, on: true }),
      () =>
        attach({ do: 'attach', leg: to.id, tool, spy: false, whisper: true }, fact =>
          fact.type === 'tool.ready' && fact.tool === tool ? ok(undefined) : undefined,
        ),
      () => sendTool({ do: 'play-music', tool }),
    ]
    for (const step of steps) {
      const done = await step()
      if (done.ok) continue
      held.delete(by.id)
      await undo(by.id, to.id)
      return done
    }
    see([{ type: 'hold.begun', at: clock.now(), leg: by.id, to: to.id }])
    if (legNow(by.id)?.holds === to.id) {
      held.set(by.id, { to: to.id, begun: true })
      return ok(undefined)
    }
    // They have parted meanwhile.
    held.delete(by.id)
    await undo(by.id, to.id)
    return no('CALL_STATE')
  }

  async function end(by: Leg): Promise<Result<void, ErrorCode>> {
    if (by.holds === undefined) return no('CALL_STATE')
    held.delete(by.id)
    const undone = await undo(by.id, by.holds)
    if (undone.ok) see([{ type: 'hold.ended', at: clock.now(), leg: by.id }])
    else held.set(by.id, { to: by.holds, begun: true })
    return undone
  }

  return {
    begin,
    end,
    /** Looks whether those who are held are still with whoever holds them. */
    look() {
      for (const [by, { to, begun }] of held) {
        const holder = legNow(by)
        // The phone may have held and taken back by itself, too.
        if (holder && areTogether(holder, to) && (!begun || holder.holds === to)) continue
        held.delete(by)
        void keepRunning(undo(by, to))
      }
    },
  }
}
