/** Who talks with whom: two or more parties in one bridge that is no waiting room make a talk segment. Pure. */
import type { BridgeId, EpochMs, LegId } from '../base/ids.js'
import type { LegFact } from '../pbx/facts.js'
import { isLive, isParty, legOf, withLeg, type Call, type Segment } from './state.js'

type Entered = Extract<LegFact, { type: 'bridge.entered' }>

const partiesIn = (call: Call, bridge: BridgeId) =>
  call.legs.filter(l => l.bridge === bridge && isParty(l) && isLive(l)).map(l => l.id)

const isOpen = (segment: Segment, bridge: BridgeId) => segment.bridge === bridge && segment.endedAt === undefined

export function bridgeEntered(call: Call, fact: Entered): Call {
  const leg = legOf(call, fact.leg)
  if (!leg || !isLive(leg) || fact.holding || leg.bridge === fact.bridge) return call
  const moved = leg.bridge === undefined ? call : bridgeLeft(call, leg.id, fact.at)
  const next = withLeg(moved, leg.id, l => ({ ...l, bridge: fact.bridge }))
  const legs = partiesIn(next, fact.bridge)
  if (legs.length < 2) return next
  return talking(next, fact.bridge, legs, fact.at)
}

function talking(call: Call, bridge: BridgeId, legs: LegId[], at: EpochMs): Call {
  const joined = call.segments.some(s => isOpen(s, bridge))
  const segments: Segment[] = joined
    ? call.segments.map(s => (isOpen(s, bridge) ? { ...s, legs: [...new Set([...s.legs, ...legs])] } : s))
    : [...call.segments, { kind: 'talk', bridge, legs, startedAt: at }]
  if (call.progress.state === 'talking' || call.progress.state === 'ended') return { ...call, segments }
  return { ...call, segments, progress: { ...call.progress, state: 'talking', answeredAt: at } }
}

export function bridgeLeft(call: Call, leaver: LegId, at: EpochMs): Call {
  const bridge = legOf(call, leaver)?.bridge
  if (bridge === undefined) return call
  const next = withLeg(call, leaver, ({ bridge: _, ...leg }) => leg)
  if (partiesIn(next, bridge).length >= 2) return next
  return { ...next, segments: next.segments.map(s => (isOpen(s, bridge) ? { ...s, endedAt: at } : s)) }
}
