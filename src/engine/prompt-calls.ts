/** A phone that is rung to hear a prompt, or to speak one. */
import type { ErrorCode } from '../base/errors.js'
import { callId, type LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import type { Site } from '../calls/site.js'
import type { Action } from '../pbx/actions.js'
import { NAMES, OWN_LEG } from '../pbx/names.js'
import type { Asker } from './agent-commands.js'
import type { Judge, Verdict } from './confirm.js'
import { callBy, type PbxState } from './state.js'

/** `sound`: what the PBX calls it, without an ending. */
export type PromptCall = { extension: string; sound: string; record: boolean }

type Parts = {
  state: PbxState
  site: Site
  newId: () => string
  endpointOf: (extension: string) => string | undefined
  may: (by: Asker, right: 'prompts') => ErrorCode | undefined
  command: (action: Result<Action, ErrorCode>, judgeOf: (actionId: string) => Judge) => Promise<Verdict>
}

const RING_MS = 30_000

export function createPromptCalls({ state, site, newId, endpointOf, may, command }: Parts) {
  /** Answers the id of the call when the phone is being rung. */
  return async ({ extension, sound, record }: PromptCall, by: Asker): Promise<Result<{ call: string }, ErrorCode>> => {
    const forbidden = record ? may(by, 'prompts') : undefined
    if (forbidden) return no(forbidden)
    const endpoint = endpointOf(extension)
    if (endpoint === undefined) return no('EXTENSION_UNKNOWN')
    const leg = `${OWN_LEG}${newId()}` as LegId
    const id = callId(site.pbx, leg)
    const rung = await command(
      ok({
        do: 'originate',
        leg,
        endpoint,
        context: record ? NAMES.promptRecordContext : NAMES.promptContext,
        exten: 's',
        callerId: extension,
        ringForMs: RING_MS,
        variables: { ALADDIN_PROMPT: sound },
      }),
      actionId => fact => {
        if ((callBy(state, id)?.revision ?? 0) > 0) return ok(undefined)
        const failed = fact.type === 'originate.ended' && fact.actionId === actionId && !fact.ok
        return failed ? no('EXTENSION_UNREACHABLE') : undefined
      },
    )
    return rung.ok ? ok({ call: id }) : rung
  }
}
