/** Which PBX a request means. */
import { Type } from 'typebox'
import { Refusal } from '../base/errors.js'
import { pbxOfCall, type CallId } from '../base/ids.js'
import type { CallView } from '../events/call.js'
import type { Pbx, Pbxs } from './ports.js'

export const pbxName = Type.Optional(
  Type.String({ maxLength: 32, description: 'Where there are several; the first if left out' }),
)

/** Where calls are: by their id, the PBX that has or had one, and the call itself. */
export function callsOf(pbxs: Pbxs) {
  const holding = (id: string): Pbx => {
    const pbx = pbxs.get(pbxOfCall(id) ?? '')
    if (!pbx) throw new Refusal('CALL_NOT_FOUND')
    return pbx
  }
  return {
    holding,
    /** Live, just ended, or in the history: the address of a call answers for ever. */
    async find(id: string): Promise<CallView> {
      const pbx = holding(id)
      const call = (await pbx.engine.call(id as CallId)) ?? (await pbx.history.record(id))
      if (!call) throw new Refusal('CALL_NOT_FOUND')
      return call
    },
  }
}

export function pbxNamed(pbxs: Pbxs, name: string | undefined): Pbx {
  const pbx = name === undefined ? [...pbxs.values()][0] : pbxs.get(name)
  if (!pbx) throw new Refusal('PBX_NOT_FOUND')
  return pbx
}
