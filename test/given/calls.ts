/** Facts of a call, named as sentences. Times are seconds since the beginning of the story. */
import type { BridgeId, EpochMs, LegId, PbxId } from '../../src/base/ids.js'
import { callId } from '../../src/base/ids.js'
import { reduceCall } from '../../src/calls/reduce.js'
import type { Site } from '../../src/calls/site.js'
import type { Call } from '../../src/calls/state.js'
import type { CallChange } from '../../src/calls/told.js'
import type { ChannelSeen, DialStatus, HangupAsked, LegFact, TimerFact } from '../../src/pbx/facts.js'

export const site: Site = {
  pbx: 'hq' as PbxId,
  trunks: new Set(['trunk']),
  extension: /^1\d{3}$/,
  extensionOf: new Map(),
  country: 'DE',
  agents: { missesUntilNotReady: 3, phoneGoneMs: 5_000, wrapUpMs: 0, outboundWrapUpMs: 0, readyAtSignIn: true },
  counting: { serviceLevelMs: 20_000, timeZone: 'Europe/Berlin' },
}

export const at = (seconds: number) => (1_700_000_000_000 + seconds * 1000) as EpochMs
export const leg = (id: string) => id as LegId
export const ana = leg('1.1')
export const ben = leg('1.2')
export const id = callId(site.pbx, ana)
const bridge = 'b1' as BridgeId

type Who = { of: LegId; endpoint?: string; linked?: LegId; number?: string; name?: string; dials?: string }
export const appears = (
  s: number,
  { of, endpoint = '1001', linked = of, number = endpoint, name = '', dials = '' }: Who,
): LegFact => ({
  type: 'channel.created',
  at: at(s),
  leg: of,
  linked,
  name: `PJSIP/${endpoint}-0000000${of.at(-1) ?? ''}`,
  state: 'down',
  caller: { number, name },
  exten: dials,
})

/** A channel of Ana's call as the PBX lists it. */
export const channel = (id: LegId, endpoint: string, more: Partial<ChannelSeen> = {}): ChannelSeen => ({
  leg: id,
  linked: ana,
  name: `PJSIP/${endpoint}-0000000${id.at(-1) ?? ''}`,
  state: 'up',
  caller: { number: endpoint, name: '' },
  exten: '',
  since: at(1),
  ...more,
})

/** Ana (1001) picks up her phone and dials. */
export const anaDials = (s: number, dials = '1002') => appears(s, { of: ana, dials })
/** A phone (Ben's, 1002) is dialled for her. */
export const benIsDialled = (s: number, endpoint = '1002', of = ben): LegFact[] => [
  appears(s, { of, endpoint, linked: ana }),
  { type: 'dial.begun', at: at(s), leg: of, by: ana, dialled: endpoint, shown: '1001' },
]
export const rings = (s: number, of = ben): LegFact => ({
  type: 'channel.changed',
  at: at(s),
  leg: of,
  state: 'ringing',
})
export const picksUp = (s: number, of = ben): LegFact => ({ type: 'channel.changed', at: at(s), leg: of, state: 'up' })
export const dialEnds = (s: number, status: DialStatus, of = ben): LegFact => ({
  type: 'dial.ended',
  at: at(s),
  leg: of,
  by: ana,
  status,
})
export const enters = (s: number, of: LegId, holding = false): LegFact => ({
  type: 'bridge.entered',
  at: at(s),
  leg: of,
  bridge,
  holding,
})
export const leaves = (s: number, of: LegId): LegFact => ({ type: 'bridge.left', at: at(s), leg: of, bridge })
export const hangsUp = (s: number, of: LegId, by: HangupAsked = 'far-side', causeQ850?: number): LegFact => ({
  type: 'hangup.asked',
  at: at(s),
  leg: of,
  by,
  ...(causeQ850 === undefined ? {} : { causeQ850 }),
})
export const isGone = (s: number, of: LegId, causeQ850 = 16): LegFact => ({
  type: 'channel.gone',
  at: at(s),
  leg: of,
  causeQ850,
})
export const isLost = (s: number, of: LegId): LegFact => ({
  type: 'channel.gone',
  at: at(s),
  leg: of,
  lost: true,
  inferred: true,
})
export const settles = (s: number): TimerFact => ({ type: 'timer.fired', at: at(s), call: id, timer: 'settled' })

/** Ana calls Ben, who answers after 5 s; they talk. */
export const theyTalk = (): LegFact[] => [
  anaDials(0),
  ...benIsDialled(1),
  rings(2),
  picksUp(5),
  dialEnds(5, 'ANSWER'),
  picksUp(5, ana),
  enters(5, ben),
  enters(5, ana),
]

export const end = (s: number, by: LegId, causeQ850 = 16): LegFact[] => [
  hangsUp(s, by, 'far-side', causeQ850),
  leaves(s, ana),
  leaves(s, ben),
  isGone(s, ben, causeQ850),
  isGone(s, ana, causeQ850),
]

export type Told = { call: Call | undefined; events: CallChange[] }

/** Tells a story to the reducer; as in the engine, a call that is recorded hears no more. */
export function tell(facts: readonly (LegFact | TimerFact)[], from?: Call): Told {
  let call = from
  const events: CallChange[] = []
  for (const fact of facts) {
    if (!call && events.some(e => e.type === 'call.recorded')) break
    const step = reduceCall(site, call, fact)
    call = step.next
    events.push(...step.events)
  }
  return { call, events }
}
