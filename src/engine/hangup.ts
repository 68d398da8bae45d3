/** Ends a call by command, all of it. */
import { sleep, type Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import type { CallId, LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { othersWith, stillThere } from '../calls/commands.js'
import { decideHangup } from '../calls/decide.js'
import { partyFor } from '../calls/paths.js'
import { isLive, isParty, legOf, type Call, type Leg } from '../calls/state.js'
import { isAsked, isHandingOver } from '../calls/transfer.js'
import type { Action } from '../pbx/actions.js'
import type { Fact } from '../pbx/facts.js'
import type { Link } from '../pbx/link.js'
import { OWN_LEG } from '../pbx/names.js'
import type { Asker } from './agent-commands.js'
import type { Judge, Verdict } from './confirm.js'
import { callBy, type PbxState } from './state.js'

type Parts = {
  state: PbxState
  clock: Clock
  link: Pick<Link, 'send' | 'status'>
  newId: () => string
  see: (facts: readonly Fact[]) => void
  command: (action: Result<Action, ErrorCode>, judgeOf: (actionId: string) => Judge) => Promise<Verdict>
  isStopping: () => boolean
  /** A call of their own, or by right. */
  forbidden: (call: Call, by: Asker) => ErrorCode | undefined
}

const NORMAL = 16
const TRIES = 3
const AGAIN_AFTER_MS = 100

export function createHangup({ state, clock, link, newId, see, command, isStopping, forbidden }: Parts) {
  const live = (id: CallId) => state.calls.get(state.mergedInto.get(id) ?? id)
  const isEnded = (call: Call | undefined) => !call || call.progress.state === 'ended'
  /** What rings for somebody of the call goes with them, as it does when they hang up themselves. */
  const goesByItself = (l: Leg) => l.side === 'callee' && l.answeredAt === undefined && !l.id.startsWith(OWN_LEG)
  const othersThan = (call: Call | undefined, leg: LegId) =>
    (call?.legs ?? []).filter(l => isParty(l) && isLive(l) && l.id !== leg && !goesByItself(l)).map(l => l.id)

  /** The end of the leg is not that of the others: they are elsewhere, or a queue or a menu is in the talk with the two. */
  function isNotAll(call: Call | undefined, id: LegId): boolean {
    const leg = call && legOf(call, id)
    if (!leg) return false
    const inBridge = call.legs.filter(l => isLive(l) && l.bridge !== undefined && l.bridge === leg.bridge)
    if (inBridge.length > 2) return true
    const company = othersWith(call, leg)
    return call.legs.some(l => isParty(l) && l.state === 'up' && l.id !== id && !company.includes(l))
  }

  /** Else a transfer may be carried out at the last moment, and its pair of channels waits in a queue with nobody behind it. */
  const askedBy = (call: Call | undefined) => (call?.transfers ?? []).flatMap(t => (isAsked(t) && t.via) || [])

  /**
   * Whom a transfer is about that nobody has answered: gone first, they are the end of it. Asterisk crashes when who asks and who is
   * asked hang up at one moment, and goes on with the transfer when who asks does.
   */
  const isTransferred = (call: Call | undefined, leg: LegId) =>
    call?.transfers.some(t => t.from === leg && isHandingOver(call, t)) === true
  const end = (id: CallId, leg: LegId): Promise<Verdict> =>
    command(ok({ do: 'hangup', leg, causeQ850: NORMAL }), () => () => {
      const call = live(id)
      return !call || !stillThere(call, leg) ? ok(undefined) : undefined
    })

  /** Halves of Local pairs in a talk that lead to a queue, a menu or a conference room: there they would wait with nobody behind them. */
  function towardsNobody(call: Call): LegId[] {
    const halves = call.legs.filter(l => l.kind === 'local' && isLive(l) && l.bridge !== undefined)
    return halves.filter(half => !partyFor(call, half)).map(l => l.id)
  }

  /** What is left of it. The PBX may have let go of some meanwhile, and then knows no such channel. */
  async function endAll(
    id: CallId,
    decided: Result<Action, ErrorCode>,
    others: readonly LegId[],
    alsoPairs: boolean,
  ): Promise<Verdict> {
    if (!decided.ok) return decided
    const halves = new Set<LegId>()
    /** Half of a pair may stay alone in a bridge that waits for who asks: one that leads to a conference room, for example. */
    const letGoOfHalves = (call: Call) => {
      if (isStopping() || call.legs.some(l => isParty(l) && isLive(l))) return
      for (const { id: leg, bridge } of call.legs.filter(l => l.kind === 'local' && isLive(l) && !halves.has(l.id)))
        if (bridge !== undefined) {
          halves.add(leg)
          void link.send({ do: 'hangup', leg, causeQ850: NORMAL }, newId())
        }
    }
    const over = (): Verdict | undefined => {
      const call = live(id)
      if (!call || isEnded(call)) return ok(undefined)
      letGoOfHalves(call)
      return undefined
    }
    for (let time = 1; ; time += 1) {
      const call = live(id)
      if (!call || isEnded(call)) return ok(undefined)
      const action = decideHangup(call)
      const last = action.ok && action.value.do === 'hangup' ? action.value.leg : undefined
      const pairs = new Set([...askedBy(call), ...(alsoPairs ? towardsNobody(call) : [])])
      if (!isStopping())
        for (const leg of [...pairs, ...others.filter(of => of !== last && stillThere(call, of))])
          void link.send({ do: 'hangup', leg, causeQ850: NORMAL }, newId())
      const verdict = await command(action, () => over)
      if (verdict.ok || isEnded(live(id))) return ok(undefined)
      if (verdict.error !== 'COMMAND_REFUSED' || time === TRIES) return verdict
      await sleep(clock, AGAIN_AFTER_MS)
    }
  }

  /** Asterisk does not say that a hangup was asked for over AMI, so the engine does: before it sends, and if it was refused. */
  return async function hangup(id: CallId, by: Asker = {}): Promise<Verdict> {
    const call = callBy(state, id)
    const decided = decideHangup(call)
    const missing = call && decided.ok ? forbidden(call, by) : undefined
    const action = missing ? no(missing) : decided
    if (by.dryRun) return !action.ok ? action : link.status().state === 'ready' ? ok(undefined) : no('PBX_DOWN')
    const leg = action.ok && action.value.do === 'hangup' ? action.value.leg : undefined
    // Of three or more, the others would go on; so do those who are elsewhere, such as in a queue or who asks somebody while the customer
    // waits. Which of them the PBX ends first is its own affair.
    const there = leg ? othersThan(live(id), leg) : []
    const goOn = leg && (there.length > 1 || live(id)?.transfers.some(isAsked) || isNotAll(live(id), leg))
    const others = goOn ? there : []
    const asked = leg && !isStopping() ? [leg, ...others] : []
    if (asked.length > 0) see(asked.map(of => ({ type: 'hangup.asked', at: clock.now(), leg: of, by: 'command' })))
    for (const first of asked.filter(of => isTransferred(live(id), of))) await end(id, first)
    const verdict = await endAll(id, action, others, goOn === true)
    if (asked.length > 0 && !verdict.ok) see(asked.map(of => ({ type: 'hangup.withdrawn', at: clock.now(), leg: of })))
    return verdict
  }
}
