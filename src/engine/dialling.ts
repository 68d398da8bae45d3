/** Dialling from an extension: by the rules of the site, and the rights of whoever asks. Changes the state it is given. */
import type { ErrorCode } from '../base/errors.js'
import { callId, type CallId, type LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { decideDial } from '../calls/decide.js'
import { decideNotes } from '../calls/notes.js'
import type { Site } from '../calls/site.js'
import { mayStaff } from '../directory/state.js'
import type { Right } from '../events/directory.js'
import type { NotesChange } from '../events/notes.js'
import { NUMBER_REASONS, type NumberClass, type NumberView } from '../events/number.js'
import type { Action } from '../pbx/actions.js'
import { OWN_LEG } from '../pbx/names.js'
import { judgeNumber, type DialRules, type Judged } from '../routing/numbers.js'
import type { Asker } from './agent-commands.js'
import type { Judge, Verdict } from './confirm.js'
import { promise, type PbxState } from './state.js'

export type Dial = {
  from: string
  to: string
  ringForMs: number
  by: Asker
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
  rules: DialRules
  endpointOf: (extension: string) => string | undefined
  newId: () => string
  may: (by: Asker, right: Right, staff?: string) => ErrorCode | undefined
  command: (action: Result<Action, ErrorCode>, judgeOf: (actionId: string) => Judge) => Promise<Verdict>
  settled: () => Promise<void>
}

export function createDialling({ state, site, rules, endpointOf, newId, may, command, settled }: Parts) {
  /** By the rights of whoever asks; of nobody in particular, by those of the agent who has signed in there. */
  function judged(to: string, from: string | undefined, by: Asker): Judged {
    const staff = by.staff ?? (from === undefined ? undefined : state.agentAt.get(from))
    const has = (right: Right) => staff !== undefined && mayStaff(state.directory, staff, right)
    return judgeNumber(rules, to, new Set(BY_RIGHT.filter(([, right]) => has(right)).map(([name]) => name)))
  }

  async function explain(to: string, from: string | undefined, by: Asker): Promise<NumberView> {
    const { reasons, ...verdict } = judged(to, from, by)
    await settled()
    return {
      number: to,
      allowed: 'dials' in verdict,
      ...verdict,
      reasons: reasons.map(rule => ({ rule, text: NUMBER_REASONS[rule] })),
    }
  }

  async function dial({ from, to, by, ringForMs, notes: asked }: Dial): Promise<Result<Dialled, ErrorCode>> {
    // A phone at which somebody else has signed in is theirs.
    const forbidden = may(by, 'supervise', state.agentAt.get(from) ?? by.staff)
    if (forbidden) return no(forbidden)
    const number = judged(to, from, by)
    if ('code' in number) return no(number.code)
    const notes = decideNotes({}, asked ?? {})
    if (!notes.ok) return notes
    const causedBy = newId()
    const leg = `${OWN_LEG}${causedBy}` as LegId
    const id = callId(site.pbx, leg)
    promise(state, id, notes.value)
    const verdict = await command(
      decideDial({ from, to: number.dials, leg, ringForMs }, endpointOf(from)),
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

  return { dial, explain }
}
