/** The menus of a call: how far its caller is, and that they have gone meanwhile. Pure. */
import type { EpochMs } from '../base/ids.js'
import { iso } from '../events/event.js'
import type { IvrView } from '../events/ivr.js'
import type { LegFact } from '../pbx/facts.js'
import { nowhere } from './bridges.js'
import { isLive, legOf, withLeg, type Call } from './state.js'

/** While somebody is in a menu they are in an `ivr` segment of its name. */
export function ivrChanged(call: Call, { leg, walk }: Extract<LegFact, { type: 'ivr.changed' }>): Call {
  const who = legOf(call, leg)
  if (!who || !isLive(who) || walk.leg !== leg) return call
  const next = { ...call, walk }
  const name = walk.at[0]?.ivr
  if (walk.endedAt !== undefined || name === undefined) return next
  if (who.place?.kind === 'ivr' && who.place.name === name) return next
  return withLeg(next, leg, l => ({ ...nowhere(l), place: { kind: 'ivr', name } }))
}

export function followWalk(call: Call, at: EpochMs): Call {
  const { walk } = call
  if (!walk || walk.endedAt !== undefined) return call
  const who = legOf(call, walk.leg)
  if (who && isLive(who)) return call
  return { ...call, walk: { ...walk, endedAt: at, ended: 'hung-up' } }
}

export const viewWalk = ({ steps, variables, language, endedAt, ended }: NonNullable<Call['walk']>): IvrView => ({
  steps: steps.map(({ at, ...step }) => ({ ...step, at: iso(at) })),
  variables: { ...variables },
  ...(language !== undefined && { language }),
  ...(endedAt !== undefined && { endedAt: iso(endedAt) }),
  ...(ended !== undefined && { ended }),
})
