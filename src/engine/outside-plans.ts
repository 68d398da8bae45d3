/**
 * How each command from a phone that has no part in the call is carried out: that phone is rung, and comes into the call, or
 * hears it.
 */
import type { ErrorCode } from '../base/errors.js'
import type { LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { heardLegs, isBeingAsked, listenerOf, parkedIn, ringingLegs, pendingOf, stillThere } from '../calls/commands.js'
import { isWithSomebody } from '../calls/paths.js'
import { isLive, legOf, type Call } from '../calls/state.js'
import type { Action } from '../pbx/actions.js'
import type { ListenMode } from '../pbx/facts.js'
import { NAMES } from '../pbx/names.js'
import { askerOf, type Asker } from './agent-commands.js'
import { answered, type CallActs, type Done, type Plan } from './call-acts.js'
import type { OutsideAsked } from './call-commands.js'
import type { Verdict } from './confirm.js'

const LISTEN_KEYS: Record<ListenMode, string> = { listen: '4', whisper: '5', barge: '6' }

type Parts = {
  acts: CallActs
  send: (action: Action) => Promise<Verdict>
  mayListen: (by: Asker, extension: string) => ErrorCode | undefined
  mayPickUp: (by: Asker, extension: string | undefined) => ErrorCode | undefined
}

/** Whoever was parked is gone, or their time is over and the phone that has parked them is rung. */
const hasLeftSpace = (call: Call, parked: LegId) =>
  !stillThere(call, parked) || call.legs.some(l => l.by === parked && isLive(l) && l.state !== 'up')

export function createOutsidePlans({ acts, send, mayListen, mayPickUp }: Parts) {
  const { callNow, tell, hangUp, ringOwn, take, answersItself } = acts

  function fromOutside(call: Call, extension: string, asked: OutsideAsked, by: Asker): Plan {
    switch (asked.do) {
      case 'pickup': {
        const all = ringingLegs(call)
        const rung = asked.leg === undefined ? all[0] : all.find(l => l.id === asked.leg)
        if (!rung) return no(asked.leg === undefined ? 'CALL_STATE' : 'LEG_NOT_FOUND')
        const forbidden = mayPickUp(by, rung.extension)
        return forbidden ? no(forbidden) : take(call, rung, extension)
      }
      case 'unpark': {
        const parked = parkedIn(call)
        if (!parked) return no('CALL_STATE')
        return ringOwn(
          call,
          extension,
          parked.leg,
          { context: NAMES.unparkContext, target: parked.space },
          (leg, now) => {
            if (isWithSomebody(now, leg)) return true
            return hasLeftSpace(now, parked.leg.id) ? 'CALL_STATE' : undefined
          },
        )
      }
      case 'listen':
        return listen(call, extension, asked, by)
      case 'take-over':
        return takeOver(call, extension, by)
    }
  }

  function listen(call: Call, extension: string, asked: Extract<OutsideAsked, { do: 'listen' }>, by: Asker): Plan {
    const heard = heardLegs(call).filter(l => l.extension !== extension)
    const target = asked.extension === undefined ? heard[0] : heard.find(l => l.extension === asked.extension)
    if (!target?.extension) return no(asked.extension === undefined ? 'CALL_STATE' : 'NOT_IN_CALL')
    const forbidden = mayListen(by, target.extension)
    if (forbidden) return no(forbidden)
    const there = listenerOf(call, extension)
    if (there) return there.state === 'up' ? ok(() => listenAs(there.id, asked.mode)) : no('CALL_STATE')
    const begun = ringOwn(
      call,
      extension,
      target,
      { context: NAMES.listenContext, target: target.name, monitor: { by: askerOf(by) } },
      leg => leg.hears === target.id,
    )
    if (!begun.ok) return begun
    return ok(async () => {
      const rung = await begun.value()
      if (!rung.ok || rung.value.leg === undefined || asked.mode === 'listen' || !answersItself(extension)) return rung
      return listenAs(rung.value.leg, asked.mode)
    })
  }

  async function listenAs(leg: LegId, mode: ListenMode): Promise<Result<Done, ErrorCode>> {
    const pressed = await send({ do: 'press', leg, key: LISTEN_KEYS[mode] })
    if (pressed.ok) tell({ type: 'leg.listens', leg, mode })
    return answered(pressed, { leg })
  }

  /** Comes into the talk, and puts the agent out of it who was heard. */
  function takeOver(call: Call, extension: string, by: Asker): Plan {
    const target = heardLegs(call).find(l => l.extension !== extension)
    if (!target?.extension) return no('CALL_STATE')
    const forbidden = mayListen(by, target.extension)
    if (forbidden) return no(forbidden)
    // Until somebody has picked it up, the agent must stay.
    if (!answersItself(extension)) return no('PHONE_CANNOT')
    if (call.locked) return no('CALL_LOCKED')
    if (isBeingAsked(call, target) || pendingOf(call, target.id)?.kind === 'attended') return no('TRANSFER_STATE')
    const there = listenerOf(call, extension)
    const joined = ringOwn(
      call,
      extension,
      target,
      { context: NAMES.joinContext, target: target.name },
      (leg, now) => leg.bridge !== undefined && leg.bridge === legOf(now, target.id)?.bridge,
    )
    if (!joined.ok) return joined
    return ok(async () => {
      if (there) await send({ do: 'hangup', leg: there.id, causeQ850: 16 })
      const done = await joined.value()
      const now = callNow(call.id)
      const agent = now && legOf(now, target.id)
      if (!done.ok || !now || !agent) return done
      const left = await hangUp(now, agent, 16)
      return left.ok ? done : left
    })
  }

  /** What could be done from the phone of an extension. */
  function allowedOutside(call: Call, extension: string, by: Asker): string[] {
    const asked: OutsideAsked[] = [
      { do: 'pickup' },
      { do: 'unpark' },
      { do: 'listen', mode: 'listen' },
      { do: 'take-over' },
    ]
    return asked.filter(one => fromOutside(call, extension, one, by).ok).map(one => one.do)
  }

  return { fromOutside, allowedOutside }
}
