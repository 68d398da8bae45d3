/** Which device of an extension is rung, where the one that should be turns out to have left: the PBX tells of that a moment later. */
import type { LegId } from '../base/ids.js'
import { devicesBeside } from '../calls/phones.js'
import type { Site } from '../calls/site.js'
import { legOf } from '../calls/state.js'
import type { Action } from '../pbx/actions.js'
import type { Verdict } from './confirm.js'
import { callBy, type PbxState } from './state.js'

/** Sends the action, and again for each other device of the extension, until the PBX makes a channel to one of them. */
export async function eachDevice(
  site: Site,
  state: PbxState,
  action: Action,
  send: (action: Action) => Promise<Verdict>,
): Promise<Verdict> {
  let verdict = await send(action)
  if (action.do !== 'originate') return verdict
  for (const endpoint of devicesBeside(site, state.phones, action.endpoint)) {
    if (verdict.ok || verdict.error !== 'EXTENSION_UNREACHABLE' || hasCome(state, action.leg)) break
    verdict = await send({ ...action, endpoint })
  }
  return verdict
}

/** A phone that has rung, and does not any more, was there. */
function hasCome(state: PbxState, leg: LegId): boolean {
  const at = state.callOf.get(leg)
  const call = at && callBy(state, at)
  return call !== undefined && legOf(call, leg) !== undefined
}
