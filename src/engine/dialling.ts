/** Dialling from an extension: by the rules of the site, and the rights of whoever asks. Changes the state it is given. */
import type { Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import { callId, type CallId, type LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { decideDial, type AutoAnswer } from '../calls/decide.js'
import { decideNotes } from '../calls/notes.js'
import type { Site } from '../calls/site.js'
import { mayStaff } from '../directory/state.js'
import type { Right } from '../events/directory.js'
import type { NotesChange } from '../events/notes.js'
import { NUMBER_REASONS, type NumberClass, type NumberView } from '../events/number.js'
import type { Action } from '../pbx/actions.js'
import { OWN_LEG } from '../pbx/names.js'
import { isOutside, lastHour, withDial, type HourLimits } from '../routing/limits.js'
import { judgeNumber, type DialRules, type Judged } from '../routing/numbers.js'
import type { Asker } from './agent-commands.js'
import type { Judge, Verdict } from './confirm.js'
import { nothingApplied, type Applied } from './apply.js'
import { isDials, promise, type PbxState, type StoredDials, type StoredThing } from './state.js'

export type Dial = {
  from: string
  to: string
  ringForMs: number
  by: Asker
  /** For which workgroup; the first with a caller id of those in which the agent is, if left out. */
  workgroup?: string
  /** Only says whether it could be. */
  dryRun?: true
  /** What the call has from its first event on. */
  notes?: NotesChange
}
export type Dialled = { id: CallId; causedBy: string }

/** Which right opens which class of numbers that the site has not opened to everybody. */
const BY_RIGHT: [NumberClass, Right][] = [
  ['international', 'dial-international'],
  ['premium', 'dial-premium'],
]

type Parts = {
  state: PbxState
  site: Site
  clock: Clock
  rules: DialRules
  perHour: HourLimits
  take: (applied: Applied) => void
  endpointOf: (extension: string) => string | undefined
  autoAnswerOf: (extension: string) => AutoAnswer
  newId: () => string
  may: (by: Asker, right: Right, staff?: string) => ErrorCode | undefined
  command: (action: Result<Action, ErrorCode>, judgeOf: (actionId: string) => Judge) => Promise<Verdict>
  settled: () => Promise<void>
  /** The PBX can be asked. */
  isReady: () => boolean
}

/** Under which name they are stored: of an agent, or of an extension at which nobody has signed in. */
const dialsKey = (staff: string | undefined, extension: string) => `dials/${staff ?? `@${extension}`}`

export function storedDials(state: PbxState, key: string): StoredDials | undefined {
  const dials = state.dials.get(key)
  return dials && { id: key, dials }
}

export function restoreDials(state: PbxState, stored: Iterable<StoredThing>) {
  for (const thing of stored) if (isDials(thing)) state.dials.set(thing.id, thing.dials)
}

export function createDialling(parts: Parts) {
  const { state, site, clock, rules, perHour, endpointOf, newId, may, take, command, settled } = parts

  /** Whoever has not dialled for an hour is forgotten, with the next dial of somebody else. */
  function count(key: string, kind: NumberClass): ErrorCode | undefined {
    const at = clock.now()
    const applied = nothingApplied()
    for (const [other, dials] of state.dials) {
      if (other === key || lastHour(dials, at).length > 0) continue
      state.dials.delete(other)
      applied.dials.add(other)
    }
    const was = state.dials.get(key) ?? []
    const now = withDial(was, kind, perHour, at)
    if (now && now !== was) {
      state.dials.set(key, now)
      applied.dials.add(key)
    }
    take(applied)
    return now ? undefined : 'DIAL_LIMIT_REACHED'
  }

  /** Whether `count` would refuse it. */
  const isOver = (key: string, kind: NumberClass): ErrorCode | undefined =>
    withDial(state.dials.get(key) ?? [], kind, perHour, clock.now()) ? undefined : 'DIAL_LIMIT_REACHED'

  /** As the PBX would refuse to ring it. In an emergency only the PBX does. */
  function unreachable(from: string, isEmergency: boolean): ErrorCode | undefined {
    const endpoint = endpointOf(from)
    if (endpoint === undefined) return 'EXTENSION_UNKNOWN'
    if (!parts.isReady()) return 'PBX_DOWN'
    const phone = state.phones.get(endpoint)
    return (phone === 'unavailable' || phone === 'invalid') && !isEmergency ? 'EXTENSION_UNREACHABLE' : undefined
  }

  /** By the rights of whoever asks; of nobody in particular, by those of the agent who has signed in there. */
  function judged(to: string, from: string | undefined, by: Asker): Judged {
    const staff = by.staff ?? (from === undefined ? undefined : state.agentAt.get(from))
    const has = (right: Right) => staff !== undefined && mayStaff(state.directory, staff, right)
    return judgeNumber(rules, to, new Set(BY_RIGHT.filter(([, right]) => has(right)).map(([name]) => name)))
  }

  /** A phone at which somebody else has signed in is theirs, but in an emergency. */
  const forbiddenFrom = (from: string, number: Judged, by: Asker) =>
    number.class === 'emergency' ? undefined : may(by, 'supervise', state.agentAt.get(from) ?? by.staff)

  function withPhone(from: string | undefined, number: Judged, by: Asker): Judged {
    const code = from === undefined || 'code' in number ? undefined : forbiddenFrom(from, number, by)
    if (code === undefined || 'code' in number) return number
    const { dials: _, ...known } = number
    return { ...known, code, reasons: [...number.reasons, 'phone-of-another'] }
  }

  /** What dialling would do, and be refused with. */
  async function explain(to: string, from: string | undefined, by: Asker): Promise<Result<NumberView, ErrorCode>> {
    await settled()
    if (from !== undefined && endpointOf(from) === undefined) return no('EXTENSION_UNKNOWN')
    const { reasons, ...verdict } = withPhone(from, judged(to, from, by), by)
    return ok({
      number: to,
      allowed: 'dials' in verdict,
      ...verdict,
      reasons: reasons.map(rule => ({ rule, text: NUMBER_REASONS[rule] })),
    })
  }

  /** Numbers inside see the extension. */
  function callerIdOf(staff: string | undefined, workgroup: string | undefined): Result<string | undefined, ErrorCode> {
    const { workgroups, staff: all } = state.directory
    if (workgroup !== undefined) {
      const named = workgroups.get(workgroup)
      return named ? ok(named.callerId) : no('WORKGROUP_UNKNOWN')
    }
    const own = all.get(staff ?? '')?.workgroups ?? []
    return ok(own.map(skill => workgroups.get(skill.workgroup)?.callerId).find(id => id !== undefined))
  }

  async function dial({
    from,
    to,
    by,
    ringForMs,
    workgroup,
    notes: asked,
    dryRun,
  }: Dial): Promise<Result<Dialled, ErrorCode>> {
    const number = judged(to, from, by)
    const isEmergency = number.class === 'emergency'
    const forbidden = forbiddenFrom(from, number, by)
    if (forbidden) return no(forbidden)
    if ('code' in number) return no(number.code)
    const wanted = decideNotes({}, asked ?? {})
    if (!wanted.ok && !isEmergency) return wanted
    const notes = wanted.ok ? wanted.value : {}
    const staff = by.staff ?? state.agentAt.get(from)
    const callerId = isEmergency ? ok(undefined) : callerIdOf(staff, workgroup)
    if (!callerId.ok) return callerId
    const shown = isOutside(number.class) ? callerId.value : undefined
    if (dryRun) {
      const refused = unreachable(from, isEmergency) ?? isOver(dialsKey(staff, from), number.class)
      return refused ? no(refused) : ok({ id: '' as CallId, causedBy: '' })
    }
    // What is over the limit is not sent; what is not sent for another reason counts, too.
    const over = count(dialsKey(staff, from), number.class)
    if (over) return no(over)
    const causedBy = newId()
    const leg = `${OWN_LEG}${causedBy}` as LegId
    const id = callId(site.pbx, leg)
    promise(state, id, notes)
    const verdict = await command(
      decideDial(
        {
          from,
          to: number.dials,
          leg,
          ringForMs,
          autoAnswer: parts.autoAnswerOf(from),
          ...(shown === undefined ? {} : { callerId: shown }),
        },
        endpointOf(from),
      ),
      actionId => fact => {
        if ((state.calls.get(id)?.revision ?? 0) > 0) return ok(undefined)
        return fact.type === 'originate.ended' && fact.actionId === actionId && !fact.ok
          ? no('EXTENSION_UNREACHABLE')
          : undefined
      },
    )
    // One that the PBX did not confirm in time may still come.
    if (!verdict.ok && verdict.error !== 'PBX_SILENT') state.promised.delete(id)
    return verdict.ok ? ok({ id, causedBy }) : verdict
  }

  return {
    dial,
    explain,
    judged,
    count: (from: string, by: Asker, kind: NumberClass) =>
      count(dialsKey(by.staff ?? state.agentAt.get(from), from), kind),
    isOver: (from: string, by: Asker, kind: NumberClass) =>
      isOver(dialsKey(by.staff ?? state.agentAt.get(from), from), kind),
  }
}
