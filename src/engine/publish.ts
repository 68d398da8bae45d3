/**
 * What a call shows is what its newest event has. Where no event of its own says what has changed (a phone is dialled,
 * somebody has left and others go on), `call.changed` does, once for all facts that came together. Changes the state it is
 * given and touches nothing else.
 */
import { number } from '../calls/told.js'
import { isShownAlike, viewCall } from '../calls/view.js'
import { callEvent } from '../events/event.js'
import type { Applied } from './apply.js'
import type { PbxState } from './state.js'

/** To be called after the facts that came together, before anybody can ask for a call. */
export function publishChanges(state: PbxState, into: Applied) {
  for (const id of state.unpublished) {
    const call = state.calls.get(id)
    const last = state.published.get(id)
    if (!call || call.revision === 0 || call === last) continue
    if (last && isShownAlike(last, call)) {
      state.published.set(id, call)
      continue
    }
    const type = call.progress.state === 'ended' ? 'call.revised' : 'call.changed'
    const { next, events } = number(call, [{ type }], call.latestAt)
    state.calls.set(id, next)
    state.published.set(id, next)
    into.changed.add(id)
    into.events.push(...events.map(event => callEvent(type, event.at, viewCall(event.call))))
  }
  state.unpublished.clear()
}
