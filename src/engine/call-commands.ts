/**
 * What an agent can do with a live call, from their own phone or over the API: decided, sent, and answered when the PBX has
 * shown it. One command at a time on each call. Touches the clock.
 */
import type { ErrorCode } from '../base/errors.js'
import type { CallId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import {
  legAt,
  listenerOf,
  onlyExtension,
  othersWith,
  pendingOf,
  refusalOf,
  transferOf,
  transferRefusal,
} from '../calls/commands.js'
import { isLive, isParty, type Call, type Leg } from '../calls/state.js'
import { CALL_COMMANDS, TRANSFER_COMMANDS, type CallCommand, type TransferCommand } from '../events/command.js'
import type { ListenMode } from '../pbx/facts.js'
import type { Asker } from './agent-commands.js'
import type { Done, Plan } from './call-acts.js'
import type { CallPlans } from './call-plans.js'
import type { createOutsidePlans } from './outside-plans.js'
import type { PbxState } from './state.js'

type Plain = Exclude<CallCommand, 'digits' | 'transfer' | 'add' | 'drop' | 'park' | 'survey' | 'mute' | 'unmute'>
export type TransferKindAsked = 'blind' | 'attended' | 'three-way'
export type CallAsked =
  | { do: Plain }
  | { do: 'digits'; digits: string }
  /** Without `kind`, `to` is as the operator types it. */
  | { do: 'transfer'; to: string; kind?: TransferKindAsked; ringBack: boolean }
  /** To the phone of a staff id. */
  | { do: 'transfer'; agent: string; kind: TransferKindAsked; ringBack: boolean }
  /** `leg`: of somebody else of the talk. */
  | { do: 'mute' | 'unmute'; leg?: string }
  /** A number, or a staff id. */
  | { do: 'add'; to: string; ringForMs: number }
  | { do: 'add'; agent: string; ringForMs: number }
  | { do: 'drop'; leg: string }
  | { do: 'park'; timeoutMs: number }
  /** Without a name, the one that is made after calls of the queue, or the only one there is. */
  | { do: 'survey'; survey?: string }
export type TransferAsked = { do: TransferCommand; transfer: string }
/** From a phone that has no part in the call. */
export type OutsideAsked =
  | { do: 'pickup'; leg?: string }
  | { do: 'unpark' }
  | { do: 'listen'; mode: ListenMode; extension?: string }
  | { do: 'take-over' }

/** Who asks; `extension`: whose part in the call is meant, unless it is that of whoever asks. */
export type Who = { extension?: string; by: Asker; dryRun?: boolean }

type Parts = {
  state: PbxState
  plans: CallPlans & ReturnType<typeof createOutsidePlans>
  may: (by: Asker, right: 'supervise', staff?: string) => ErrorCode | undefined
  /** Runs one on a call: never two at once. */
  alone: <T>(call: CallId, run: () => Promise<Result<T, ErrorCode>>) => Promise<Result<T, ErrorCode>>
  phoneOf: (staff: string) => string | undefined
  /** What there is not, nobody may do. */
  surveys: boolean
  isReady: (link: 'ami' | 'ari') => boolean
}

const unlocked = ({ locked: _, ...call }: Call): Call => call

const KNOWN = Object.keys(CALL_COMMANDS) as CallCommand[]
/** What these would do depends on what else is asked for, such as the number. */
const ASKED_WITH_MORE = new Set<CallCommand>(['digits', 'transfer', 'add', 'drop', 'survey', 'mute', 'unmute', 'park'])
const isPlain = (command: CallCommand): command is Plain => !ASKED_WITH_MORE.has(command)
const TRANSFERS = Object.keys(TRANSFER_COMMANDS) as TransferCommand[]
/** Tools that play or listen, and Stasis, are ARI's. */
const BY_ARI = new Set<CallCommand>(['hold', 'record', 'record/pause', 'record/resume', 'record/stop', 'survey'])

export type Found = { call: Call; leg: Leg; extension: string }

export function createCallCommands({ state, plans, may, alone, phoneOf, surveys, isReady }: Parts) {
  const known = KNOWN.filter(command => command !== 'survey' || surveys)
  const now = (id: CallId) => state.mergedInto.get(id) ?? id

  function live(id: CallId): Result<Call, ErrorCode> {
    const call = state.calls.get(now(id))
    if (call && call.progress.state !== 'ended') return ok(call)
    return no((call ?? state.recorded.get(now(id))) ? 'CALL_ENDED' : 'CALL_NOT_FOUND')
  }

  /** Undefined: it can be done now. */
  function refusal(call: Call, leg: Leg, command: CallCommand): ErrorCode | undefined {
    const holds = command === 'flash' && pendingOf(call, leg.id) === undefined && leg.holds === undefined
    return refusalOf(call, leg, command) ?? ((BY_ARI.has(command) || holds) && !isReady('ari') ? 'PBX_DOWN' : undefined)
  }

  /** Whose phone is meant; that of somebody else takes a right. */
  function extensionOf({ extension, by }: Who, call?: Call): Result<string, ErrorCode> {
    const own = by.staff === undefined ? undefined : phoneOf(by.staff)
    const meant = extension ?? own ?? (by.staff === undefined && call ? onlyExtension(call) : undefined)
    if (meant === undefined) return no(by.staff === undefined ? 'WHO_UNCLEAR' : 'NOT_SIGNED_IN')
    const forbidden = meant === own ? undefined : may(by, 'supervise', state.agentAt.get(meant))
    return forbidden ? no(forbidden) : ok(meant)
  }

  /** Whoever listens has no part in the call, and leaves it all the same. */
  function find(id: CallId, who: Who, command?: CallCommand): Result<Found, ErrorCode> {
    const call = live(id)
    if (!call.ok) return call
    const extension = extensionOf(who, call.value)
    if (!extension.ok) return extension
    const listens = command === 'leave' ? listenerOf(call.value, extension.value) : undefined
    const leg = legAt(call.value, extension.value) ?? listens
    return leg ? ok({ call: call.value, leg, extension: extension.value }) : no('NOT_IN_CALL')
  }

  /** Plans it; and does so, unless that is all that is asked. */
  async function carryOut(
    id: CallId,
    { dryRun }: Who,
    plan: () => Promise<Plan> | Plan,
  ): Promise<Result<Done, ErrorCode>> {
    if (dryRun) {
      const planned = await plan()
      if (!planned.ok) return planned
      return isReady('ami') ? ok({}) : no('PBX_DOWN')
    }
    return alone(now(id), async () => {
      const planned = await plan()
      return planned.ok ? planned.value() : planned
    })
  }

  /** All that can be said without knowing what else would be asked for, such as the number. */
  function isPossible(found: Found, command: CallCommand, by: Asker): boolean {
    if (refusal(found.call, found.leg, command) !== undefined) return false
    if (!isPlain(command)) return true
    const plan = plans.ofCall(found, { do: command }, by)
    return plan instanceof Promise || plan.ok
  }

  function fromInside(found: Found, by: Asker): string[] {
    const { call, leg } = found
    const pending = pendingOf(call, leg.id)
    const could = known.filter(command => isPossible(found, command, by))
    const ofTransfer = TRANSFERS.filter(
      command => pending && !transferRefusal(pending, command) && plans.ofTransfer(call, leg, pending, command).ok,
    )
    return [
      ...could.map(command => (command === 'transfer' ? 'transfers' : command)),
      ...ofTransfer.map(command => `transfers/${pending?.id ?? ''}/${command}`),
    ]
  }

  /** Their own call, or that of somebody else, which takes a right. Whoever only listens has no part in it. */
  function forbiddenToEnd(call: Call, { staff, ...by }: Asker): ErrorCode | undefined {
    const own = staff === undefined ? undefined : phoneOf(staff)
    const isOwn =
      (own !== undefined && legAt(call, own) !== undefined) ||
      call.legs.some(l => isParty(l) && isLive(l) && l.agent !== undefined && l.agent === staff)
    return isOwn || staff === undefined ? undefined : may({ ...by, staff }, 'supervise')
  }

  return {
    onCall: (id: CallId, asked: CallAsked, who: Who) =>
      carryOut(id, who, () => {
        const found = find(id, who, asked.do)
        if (!found.ok) return found
        const { call, leg } = found.value
        const about = 'leg' in asked && asked.do !== 'drop' ? othersWith(call, leg).find(l => l.id === asked.leg) : leg
        if (!about) return no('LEG_NOT_FOUND')
        // Whom a lock keeps out is decided when it is known who that is: nothing keeps an emergency number out.
        const refused = refusal(asked.do === 'add' ? unlocked(call) : call, about, asked.do)
        if (refused) return no(refused)
        if (!('agent' in asked)) return plans.ofCall({ ...found.value, leg: about }, asked, who.by)
        const to = phoneOf(asked.agent)
        return to === undefined ? no('NOT_SIGNED_IN') : plans.ofCall(found.value, { ...asked, to }, who.by)
      }),
    onTransfer: (id: CallId, asked: TransferAsked, who: Who) =>
      carryOut(id, who, () => {
        const call = live(id)
        if (!call.ok) return call
        const transfer = transferOf(call.value, asked.transfer)
        const by = call.value.legs.find(l => l.id === transfer?.by)
        const refused = transferRefusal(transfer, asked.do)
        if (refused || !transfer || !by) return no(refused ?? 'TRANSFER_NOT_FOUND')
        const forbidden = by.extension === undefined ? undefined : extensionOf({ ...who, extension: by.extension })
        return forbidden?.ok === false ? forbidden : plans.ofTransfer(call.value, by, transfer, asked.do)
      }),
    fromOutside: (id: CallId, asked: OutsideAsked, who: Who) =>
      carryOut(id, who, () => {
        const call = live(id)
        if (!call.ok) return call
        const extension = extensionOf(who)
        return extension.ok ? plans.fromOutside(call.value, extension.value, asked, who.by) : extension
      }),
    /** What whoever asks could do with the call now, by the ends of the addresses. */
    allowed(id: CallId, who: Who): string[] {
      const call = live(id)
      if (!call.ok || !isReady('ami')) return []
      const ends = forbiddenToEnd(call.value, who.by) === undefined ? ['hangup'] : []
      const found = find(id, who)
      if (found.ok) return [...ends, ...fromInside(found.value, who.by)]
      const extension = extensionOf(who)
      if (!extension.ok) return ends
      const leaves = listenerOf(call.value, extension.value) ? ['leave'] : []
      return [...ends, ...leaves, ...plans.allowedOutside(call.value, extension.value, who.by)]
    },
    forbiddenToEnd,
  }
}
