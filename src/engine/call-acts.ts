/**
 * What the plans of commands are made of: an action that is proved by what the call becomes, a leg hung up, a phone rung
 * that is to come into the call. Touches the clock.
 */
import type { Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import type { CallId, LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { hasHandedOver, stillThere } from '../calls/commands.js'
import { autoAnswer, type AutoAnswer } from '../calls/decide.js'
import { isLeftAlone, isWithSomebody } from '../calls/paths.js'
import { isLive, legOf, type Call, type Leg } from '../calls/state.js'
import type { Action, VariableName } from '../pbx/actions.js'
import type { Fact, LegFact } from '../pbx/facts.js'
import { NAMES, OWN_LEG } from '../pbx/names.js'
import type { Judge, Verdict } from './confirm.js'
import { liveLeg, type PbxState } from './state.js'

/** What came of it beside the call: the transfer, or the leg that was made. */
export type Done = { transfer?: string; leg?: LegId }
export type Plan = Result<() => Promise<Result<Done, ErrorCode>>, ErrorCode>
export type CallActs = ReturnType<typeof createCallActs>

export const REJECTED = 21
const LET_GO_TIMES = 10
const LET_GO_EVERY_MS = 100

export type ActParts = {
  state: PbxState
  clock: Clock
  newId: () => string
  see: (facts: readonly Fact[]) => void
  /** Sends, and waits for what proves it. */
  command: (action: Result<Action, ErrorCode>, judgeOf: (actionId: string) => Judge) => Promise<Verdict>
  send: (action: Action) => Promise<Verdict>
  pause: (ms: number) => Promise<void>
  /** Waited for, when the daemon stops. */
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
  endpointOf: (extension: string) => string | undefined
  autoAnswerOf: (extension: string) => AutoAnswer
}

export const answered = (verdict: Verdict, done: Done = {}): Result<Done, ErrorCode> =>
  verdict.ok ? ok(done) : verdict

type Told = { [T in LegFact['type']]: Omit<Extract<LegFact, { type: T }>, 'at'> }[LegFact['type']]

export function createCallActs(parts: ActParts) {
  const { state, clock, newId, see, command, send, pause, keepRunning, endpointOf, autoAnswerOf } = parts
  const callNow = (id: CallId): Call | undefined => state.calls.get(state.mergedInto.get(id) ?? id)
  const leaving = new Set<LegId>()
  const tell = (fact: Told) => see([{ ...fact, at: clock.now() }])

  /** Done when it is so, or when it can no longer come about. */
  const until = (action: Action, id: CallId, isSo: (call: Call | undefined) => boolean | ErrorCode | undefined) =>
    command(ok(action), () => () => {
      const so = isSo(callNow(id))
      return so === true ? ok(undefined) : typeof so === 'string' ? no(so) : undefined
    })

  /** AMI's Hangup raises no request, so it is told beforehand who asked, and taken back should the PBX refuse. */
  async function hangUp(call: Call, leg: Leg, causeQ850: number): Promise<Result<Done, ErrorCode>> {
    // Of a phone that rings, it tells what became of the ringing.
    tell({ type: 'hangup.asked', leg: leg.id, by: 'command', ...(causeQ850 === REJECTED && { causeQ850 }) })
    // Who asks somebody for a transfer hands over by it: the phone has left, and the PBX keeps its channel until somebody answers.
    const hasLeft = (now: Call | undefined) => !now || !stillThere(now, leg.id) || hasHandedOver(legOf(now, leg.id))
    const gone = await until({ do: 'hangup', leg: leg.id, causeQ850 }, call.id, hasLeft)
    if (!gone.ok) tell({ type: 'hangup.withdrawn', leg: leg.id })
    return answered(gone)
  }

  type Ringing = {
    call: Call
    /** A leg of the call, which the new one joins. */
    with: Leg
    endpoint: string
    context: string
    variables: Partial<Record<VariableName, string>>
    callerId: string
    ringForMs: number
    /** It will listen; who has asked for that. */
    monitor?: { by: string }
  }

  /** Rings a phone that is to come into the call; `isSo` says when that is as far as was asked. */
  async function ring(
    { call, with: there, endpoint, context, variables, callerId, ringForMs, monitor }: Ringing,
    isSo: (leg: Leg, call: Call) => boolean | ErrorCode | undefined,
  ): Promise<Result<Done, ErrorCode>> {
    const leg = `${OWN_LEG}${newId()}` as LegId
    tell({ type: 'leg.awaited', leg: there.id, awaited: leg, ...(monitor && { monitor }) })
    const action: Action = { do: 'originate', leg, endpoint, context, exten: 's', callerId, ringForMs, variables }
    const rung = await command(ok(action), actionId => fact => {
      const now = callNow(call.id)
      const made = now && legOf(now, leg)
      if (!now || now.progress.state === 'ended' || (made && isLeftAlone(now, made))) return no('CALL_ENDED')
      const so = made ? isSo(made, now) : undefined
      if (so === true) return ok(undefined)
      if (typeof so === 'string') return no(so)
      // Whoever was there and found nothing to take up, came too late.
      if (made?.state === 'gone') return no(made.answeredAt === undefined ? 'EXTENSION_UNREACHABLE' : 'CALL_STATE')
      const failed = fact.type === 'originate.ended' && fact.actionId === actionId && !fact.ok
      return failed ? no('EXTENSION_UNREACHABLE') : undefined
    })
    // Nobody is to answer to a call that is over, or for whom there is nothing to take up any more.
    const isTooLate = !rung.ok && rung.error === 'CALL_STATE' && liveLeg(state, leg) !== undefined
    if (isTooLate || (!rung.ok && rung.error === 'CALL_ENDED')) void keepRunning(letGo(leg))
    if (!rung.ok && rung.error !== 'PBX_SILENT') forget(leg)
    return answered(rung, { leg })
  }

  /** Phones that ring for a call whose people have all left: whoever answered would hear nothing. */
  function lookAt(id: CallId) {
    const call = callNow(id)
    if (!call || call.progress.state === 'ended') return
    for (const leg of call.legs.filter(l => isLive(l) && isLeftAlone(call, l) && !leaving.has(l.id))) {
      leaving.add(leg.id)
      void keepRunning(letGo(leg.id).finally(() => leaving.delete(leg.id)))
    }
  }

  /** It is not awaited any more, unless it has come. */
  function forget(leg: LegId) {
    const at = state.callOf.get(leg)
    const there = at && callNow(at)
    if (at !== undefined && !(there && legOf(there, leg))) state.callOf.delete(leg)
  }

  /** A phone that is being rung; its channel may come a moment later. */
  async function letGo(leg: LegId) {
    for (let time = 0; time < LET_GO_TIMES; time += 1) {
      if ((await send({ do: 'hangup', leg, causeQ850: 16 })).ok) return
      await pause(LET_GO_EVERY_MS)
    }
  }

  const shownFor = (call: Call, extension: string) =>
    /^\+?[0-9*#]{1,32}$/.test(call.from.number) && call.from.extension !== extension ? call.from.number : extension

  /** The phone of an extension, to do something with the call: it answers by itself where it can. */
  const ringOwn = (
    call: Call,
    extension: string,
    at: Leg,
    { context, target, monitor }: { context: string; target: string; monitor?: { by: string } },
    isSo: Parameters<typeof ring>[1],
  ): Plan => {
    const endpoint = endpointOf(extension)
    if (endpoint === undefined) return no('EXTENSION_UNKNOWN')
    if (state.phones.get(endpoint) === 'unavailable') return no('EXTENSION_UNREACHABLE')
    const how = autoAnswerOf(extension)
    // Somebody has to pick it up, who may take their time.
    const asFar: typeof isSo = how === 'none' ? leg => leg.ringingAt !== undefined : isSo
    const variables = { ALADDIN_TARGET: target, ...autoAnswer(how) }
    const own = { call, with: at, endpoint, context, variables, callerId: shownFor(call, extension), ringForMs: 30_000 }
    return ok(() => ring({ ...own, ...(monitor && { monitor }) }, asFar))
  }

  /** Whether the phone of an extension answers by itself. */
  const answersItself = (extension: string) => autoAnswerOf(extension) !== 'none'

  /** Takes the call for which `rung` rings: with the phone of `extension`, which may be the one that rings. */
  const take = (call: Call, rung: Leg, extension: string): Plan =>
    ringOwn(call, extension, rung, { context: NAMES.takeContext, target: rung.name }, (leg, now) =>
      isWithSomebody(now, leg),
    )

  return {
    ...{ callNow, tell, until, hangUp, ring, ringOwn, take, answersItself, shownFor },
    /** At calls that are not as they were. */
    look(ids: Iterable<CallId>) {
      for (const id of ids) lookAt(id)
    },
  }
}
