/**
 * How each command on a call is carried out: the actions, in their order, and the fact that proves each. What cannot be
 * undone comes last; what was begun and did not come about is undone. Touches the clock.
 */
import type { Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import type { LegId } from '../base/ids.js'
import { no, ok } from '../base/result.js'
import {
  bridgedWith,
  invitedTo,
  isBeingAsked,
  KEYS_OF,
  legAt,
  othersWith,
  parkedIn,
  partnerOf,
  pendingOf,
  readTarget,
  transferOf,
} from '../calls/commands.js'
import { devicesOf } from '../calls/phones.js'
import type { Site } from '../calls/site.js'
import { legOf, type Call, type Leg, type Transfer } from '../calls/state.js'
import type { TransferCommand } from '../events/command.js'
import type { Action } from '../pbx/actions.js'
import { deviceOfChannel } from '../pbx/channel-name.js'
import { FEATURES, NAMES } from '../pbx/names.js'
import type { Asker } from './agent-commands.js'
import { answered, REJECTED, type CallActs, type Plan } from './call-acts.js'
import type { CallAsked, Found } from './call-commands.js'
import type { Verdict } from './confirm.js'
import type { Holds } from './holds.js'
import type { Recorder } from './recorder.js'
import type { Surveys } from './surveys.js'
import type { Targets } from './targets.js'

export type CallPlans = ReturnType<typeof createCallPlans>

/** An agent is meant by their number by now. */
type Named = Exclude<CallAsked, { agent: string }>

/** Q.850. */
const NORMAL = 16
/** Between keys, so that a menu can tell them apart. */
const KEY_EVERY_MS = 120
/**
 * Whoever has taken a call back from an attended transfer is played a sound (`xferfailsound`), which takes about half a second;
 * keys that come meanwhile are lost, and an Atxfer is nothing but keys. So are those right after a talk of three was made.
 */
const DEAF_MS = 1_200

type Parts = {
  clock: Clock
  newId: () => string
  acts: CallActs
  send: (action: Action) => Promise<Verdict>
  pause: (ms: number) => Promise<void>
  endpointOf: (extension: string) => string | undefined
  targets: Targets
  holds: Holds
  recorder: Recorder
  site: Site
  surveys: Surveys
}

/** Behind a Local pair that is moved, a phone stays in its bridge, and whom it talks with changes. */
const isWith = (call: Call, leg: Leg, other: LegId | undefined) =>
  other !== undefined && othersWith(call, leg).some(({ id }) => id === other)

/** Whom a swap leaves waits in their bridge; who has hung up has left it. */
const staysInBridge = (call: Call, leg: LegId | undefined) =>
  leg !== undefined && legOf(call, leg)?.bridge !== undefined

export function createCallPlans(parts: Parts) {
  const { clock, newId, site, surveys, acts, send, pause, endpointOf, targets, holds, recorder } = parts
  const { callNow, tell, until, hangUp, ring, take, answersItself, shownFor } = acts

  /** One after the other; ends at the first that is refused. */
  async function sendAll(actions: readonly Action[], everyMs = 0): Promise<Verdict> {
    for (const [i, action] of actions.entries()) {
      if (i > 0 && everyMs > 0) await pause(everyMs)
      const sent = await send(action)
      if (!sent.ok) return sent
    }
    return ok(undefined)
  }

  /** A phone that is in the call, or rings to come into it, would be rung a second time. */
  async function findTarget(call: Call, to: string, from: string, by: Asker): ReturnType<Targets['find']> {
    const target = await targets.find(to, from, by)
    const isThere = target.ok && target.value.endpoint !== undefined && legAt(call, target.value.number) !== undefined
    return isThere ? no('EXTENSION_BUSY') : target
  }

  async function transferTo(
    { call, leg, extension }: Found,
    asked: Extract<Named, { do: 'transfer' }>,
    by: Asker,
  ): Promise<Plan> {
    const { to, kind } = asked.kind === undefined ? readTarget(asked.to) : { to: asked.to, kind: asked.kind }
    const { ringBack } = asked
    const target = await findTarget(call, to, extension, by)
    if (!target.ok) return target
    const { number, context, comesBack, admit } = target.value
    if (kind === 'attended' && number.startsWith('+')) return no('NUMBER_NOT_ALLOWED')
    if (kind === 'three-way' && call.locked && !target.value.isEmergency) return no('CALL_LOCKED')
    if (kind === 'three-way' && isBeingAsked(call, leg)) return no('TRANSFER_STATE')
    if (kind === 'three-way') return addNumber({ call, leg, extension }, target.value, 30_000, true)
    return ok(async () => {
      const over = admit()
      if (over) return no(over)
      if (kind === 'attended') await pause(restOf(call, leg))
      const id = newId()
      tell({ type: 'transfer.asked', leg: leg.id, id, kind, to: number })
      const back = ringBack && comesBack ? NAMES.transferBackContext : NAMES.transferContext
      const action: Action =
        kind === 'blind'
          ? { do: 'transfer', leg: leg.id, context: back, exten: number }
          : { do: 'consult', leg: leg.id, context, exten: number }
      const shown = await until(action, call.id, now => {
        const transfer = now && transferOf(now, id)
        if (!transfer) return 'CALL_ENDED'
        if (isOverUnasked(transfer)) return now.progress.state === 'ended' ? 'CALL_ENDED' : 'CALL_STATE'
        return transfer.asked !== 'asked' || transfer.outcome !== undefined || undefined
      })
      // Nothing has rung or answered yet, and the PBX asks all the same: a line that is slow to ring, for example.
      if (!shown.ok && shown.error === 'PBX_SILENT' && isUnderWay(call, id)) return ok({ transfer: id })
      if (!shown.ok) tell({ type: 'transfer.withdrawn', leg: leg.id, id })
      return answered(shown, { transfer: id })
    })
  }

  /** The device that `leg` is, of an extension that may have several; another of them where the leg is none. */
  function phoneOf(leg: Leg, extension: string): string | undefined {
    const device = deviceOfChannel(leg.name)
    return devicesOf(site, extension).includes(device) ? device : endpointOf(extension)
  }

  /** Somebody of the two has hung up before the PBX has sent the other on, or has begun to ask. */
  const isOverUnasked = ({ asked, outcome, via }: Transfer) =>
    asked === 'asked' && outcome !== undefined && via === undefined

  function isUnderWay(call: Call, id: string): boolean {
    const now = callNow(call.id)
    return now !== undefined && transferOf(now, id)?.via !== undefined
  }

  /** How long the PBX may still be deaf to the keys of a leg. */
  function restOf(call: Call, leg: Leg): number {
    const isDeafAfter = (t: Transfer) => t.by === leg.id && (t.asked !== undefined || t.kind === 'three-way')
    const last = call.transfers.findLast(isDeafAfter)?.endedAt ?? 0
    return Math.min(DEAF_MS, Math.max(0, last + DEAF_MS - clock.now()))
  }

  /** Rings somebody who is to come into the talk of `leg`. */
  function addNumber(
    { call, leg, extension }: Found,
    { number, endpoint, admit }: { number: string; endpoint?: string | undefined; admit: () => ErrorCode | undefined },
    ringForMs: number,
    asTransfer = false,
  ): Plan {
    return ok(async () => {
      const over = admit()
      if (over) return no(over)
      const id = newId()
      if (asTransfer) tell({ type: 'transfer.asked', leg: leg.id, id, kind: 'three-way', to: number })
      const variables = { ALADDIN_TARGET: leg.name, ALADDIN_FROM: extension }
      const rung = await ring(
        {
          ...{ call, with: leg, context: NAMES.joinContext, variables, ringForMs },
          endpoint: endpoint ?? `Local/${number}@${NAMES.dialContext}`,
          callerId: shownFor(call, extension),
        },
        made => made.state !== 'gone',
      )
      if (!rung.ok && asTransfer) tell({ type: 'transfer.withdrawn', leg: leg.id, id })
      return rung.ok && asTransfer ? ok({ ...rung.value, transfer: id }) : rung
    })
  }

  async function add(found: Found, { to, ringForMs }: { to: string; ringForMs: number }, by: Asker): Promise<Plan> {
    const target = await findTarget(found.call, to, found.extension, by)
    if (!target.ok) return found.call.locked ? no('CALL_LOCKED') : target
    if (found.call.locked && !target.value.isEmergency) return no('CALL_LOCKED')
    return addNumber(found, target.value, ringForMs)
  }

  const mute = ({ leg }: Found, on: boolean): Plan =>
    ok(async () => {
      const done = await send({ do: 'silence', leg: leg.id, on })
      if (done.ok) tell({ type: 'leg.muted', leg: leg.id, muted: on })
      return answered(done)
    })

  /** A conference room of the PBX may be dialled into, too. */
  const lock = ({ leg }: Found, on: boolean): Plan =>
    ok(async () => {
      const { id, room } = leg
      const done = room === undefined ? ok(undefined) : await send({ do: 'lock-room', leg: id, room, on })
      if (done.ok) tell({ type: 'call.locked', leg: id, locked: on })
      return answered(done)
    })

  const hold = ({ leg }: Found, to: Leg): Plan => ok(async () => answered(await holds.begin(leg, to)))
  const retrieve = ({ leg }: Found): Plan => ok(async () => answered(await holds.end(leg)))

  /** By command, both are silent: where they go on to, they are not. */
  const letGoOfHold = (leg: Leg): Promise<Verdict> =>
    leg.holds === undefined ? Promise.resolve(ok(undefined)) : holds.end(leg)

  /** Named, or that of the queue by which the call came, or the only one there is. */
  function survey({ call, leg }: Found, who: Leg, named: string | undefined): Plan {
    const only = surveys.size === 1 ? [...surveys.keys()][0] : undefined
    const name = named ?? (leg.queue === undefined ? undefined : site.surveyAfter?.get(leg.queue)?.name) ?? only
    if (name === undefined || !surveys.has(name)) return no('SURVEY_UNKNOWN')
    const beside = bridgedWith(call, who)
    if (!beside) return no('CALL_STATE')
    return ok(async () => {
      const free = await letGoOfHold(leg)
      if (!free.ok) return free
      tell({ type: 'survey.changed', leg: who.id, survey: { name, leg: who.id, of: leg.id, questions: [] } })
      const send = { do: 'transfer', leg: beside.id, context: NAMES.surveyContext, exten: 's' } as const
      const begun = await until(send, call.id, now => {
        if (!now || now.survey?.outcome !== undefined) return 'CALL_ENDED'
        return now.survey?.startedAt !== undefined || undefined
      })
      if (!begun.ok) tell({ type: 'survey.changed', leg: who.id })
      return answered(begun)
    })
  }

  const cancel = (call: Call, by: Leg, transfer: Transfer): Plan =>
    ok(async () => {
      const { id = '' } = transfer
      tell({ type: 'transfer.cancelled', leg: by.id, id })
      // By a hangup at that moment it may have been carried out, or the other side may be gone.
      const isOver = (now: Call | undefined) => {
        if (!now) return 'CALL_ENDED'
        const at = transferOf(now, id)
        if (at && (at.asked === undefined || at.outcome === 'abandoned')) return 'TRANSFER_STATE'
        return at?.outcome !== undefined || undefined
      }
      if (transfer.kind === 'three-way') {
        const rung = invitedTo(call, by).find(l => l.startedAt >= transfer.startedAt)
        const gone = rung ? await hangUp(call, rung, NORMAL) : no('CALL_STATE' as const)
        return gone.ok ? ok({ transfer: id }) : gone
      }
      return answered(await until({ do: 'cancel-consult', leg: by.id }, call.id, isOver), { transfer: id })
    })

  function ofCall(found: Found, asked: Named, by: Asker): Plan | Promise<Plan> {
    const { call, leg, extension } = found
    const partner = partnerOf(call, leg)
    switch (asked.do) {
      case 'answer':
        return answersItself(extension) ? take(call, leg, extension) : no('PHONE_CANNOT')
      case 'reject':
        return ok(() => hangUp(call, leg, REJECTED))
      case 'leave':
        return ok(() => hangUp(call, leg, NORMAL))
      case 'digits':
        return ok(async () => {
          const keys = Array.from(asked.digits).flatMap(key =>
            othersWith(call, leg).map((l): Action => ({ do: 'play-key', leg: l.id, key })),
          )
          return answered(await sendAll(keys, KEY_EVERY_MS))
        })
      case 'mute':
        return mute(found, true)
      case 'unmute':
        return mute(found, false)
      case 'hold':
        return partner.ok ? hold(found, partner.value) : partner
      case 'retrieve':
        return retrieve(found)
      case 'flash': {
        const pending = pendingOf(call, leg.id)
        if (pending) return cancel(call, leg, pending)
        return leg.holds !== undefined ? retrieve(found) : partner.ok ? hold(found, partner.value) : partner
      }
      case 'record':
        return ok(async () => answered(await recorder.begin(leg, othersWith(call, leg)[0])))
      case 'record/pause':
        return ok(async () => answered(await recorder.change(call, leg, 'pause')))
      case 'record/resume':
        return ok(async () => answered(await recorder.change(call, leg, 'resume')))
      case 'record/stop':
        return ok(async () => answered(await recorder.change(call, leg, 'stop')))
      case 'transfer':
        return transferTo(found, asked, by)
      case 'lock':
        return lock(found, true)
      case 'unlock':
        return lock(found, false)
      case 'add':
        return add(found, asked, by)
      case 'drop': {
        const other = [...othersWith(call, leg), ...invitedTo(call, leg)].find(l => l.id === asked.leg)
        return other ? ok(() => hangUp(call, other, NORMAL)) : no('LEG_NOT_FOUND')
      }
      case 'survey':
        return partner.ok ? survey(found, partner.value, asked.survey) : partner
      case 'park': {
        const back = phoneOf(leg, extension)
        if (!partner.ok || back === undefined) return no('CALL_STATE')
        const action: Action = { do: 'park', leg: partner.value.id, back, timeoutMs: asked.timeoutMs }
        return ok(async () => {
          const free = await letGoOfHold(leg)
          return free.ok ? answered(await until(action, call.id, now => now && parkedIn(now) !== undefined)) : free
        })
      }
    }
  }

  function ofTransfer(call: Call, by: Leg, transfer: Transfer, what: TransferCommand): Plan {
    const { id = '' } = transfer
    if (what === 'cancel') return cancel(call, by, transfer)
    if (what === 'conference' && call.locked && !targets.isEmergency(transfer.to.number)) return no('CALL_LOCKED')
    const [was, wasWith] = [by.bridge, isWith(call, by, transfer.from)]
    const isSo = (now: Call | undefined) => {
      const at = now && transferOf(now, id)
      if (!now || !at) return 'CALL_ENDED' as const
      if (what === 'swap') {
        const leg = legOf(now, by.id)
        const isThere = leg?.bridge !== undefined && (leg.bridge !== was || isWith(now, leg, transfer.from) !== wasWith)
        return (
          (isThere && staysInBridge(now, transfer.from)) || (at.outcome === undefined ? undefined : 'TRANSFER_STATE')
        )
      }
      if (at.asked === undefined && at.outcome === 'failed') return 'COMMAND_REFUSED'
      // Who hangs up hands over, whatever was asked at that moment.
      if (at.asked === undefined) return (at.kind === 'three-way') === (what === 'conference') || 'TRANSFER_STATE'
      return at.outcome === undefined ? undefined : 'TRANSFER_STATE'
    }
    return ok(async () => {
      const [first = '', last = ''] = FEATURES.general[KEYS_OF[what]]
      const begun = await send({ do: 'press', leg: by.id, key: first })
      if (!begun.ok) return begun
      return answered(await until({ do: 'press', leg: by.id, key: last }, call.id, isSo), { transfer: id })
    })
  }

  return { ofCall, ofTransfer }
}
