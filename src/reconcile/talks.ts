/**
 * When people of one call could talk: the rows of its channel event log -> intervals. Pure. Who is in one bridge can; so can
 * those in two bridges that a Local pair joins. In a waiting room nobody talks.
 */
import type { BridgeId, EpochMs, LegId } from '../base/ids.js'
import type { PbxChannel } from './calls.js'
import type { CelRow } from './cel.js'

/** Two parties or more, the same or others, without a pause. */
export type Talk = { legs: LegId[]; startedAt: EpochMs; endedAt?: EpochMs }

export function talksOf(rows: readonly CelRow[], channels: readonly PbxChannel[]): Talk[] {
  const inside = new Map<LegId, BridgeId>()
  const talks: Talk[] = []
  const joined = pairsOf(channels)
  const parties = new Set(channels.filter(c => c.kind === 'party').map(c => c.leg))
  for (const { type, at, leg, bridge, holding } of rows) {
    if (bridge === undefined || holding) continue
    if (type === 'BRIDGE_ENTER') inside.set(leg, bridge)
    else if (type === 'BRIDGE_EXIT' && inside.get(leg) === bridge) inside.delete(leg)
    else continue
    const talking = talkingIn(inside, joined, parties)
    const last = talks.at(-1)
    const open = last?.endedAt === undefined ? last : undefined
    if (open && talking.length === 0) open.endedAt = at
    else if (open) open.legs = [...new Set([...open.legs, ...talking])]
    else if (talking.length > 0) talks.push({ legs: talking, startedAt: at })
  }
  return talks
}

/** `Local/1001@agents-00000001;1` and `;2`. */
function pairsOf(channels: readonly PbxChannel[]): [LegId, LegId][] {
  const byName = new Map(channels.filter(c => c.kind === 'local').map(c => [c.name, c.leg]))
  return [...byName].flatMap(([name, leg]): [LegId, LegId][] => {
    const other = name.endsWith(';1') ? byName.get(`${name.slice(0, -1)}2`) : undefined
    return other === undefined ? [] : [[leg, other]]
  })
}

/** The parties who are not alone where they are. */
function talkingIn(
  inside: ReadonlyMap<LegId, BridgeId>,
  joined: [LegId, LegId][],
  parties: ReadonlySet<LegId>,
): LegId[] {
  const roomOf = new Map<BridgeId, BridgeId>()
  const room = (bridge: BridgeId): BridgeId => {
    const next = roomOf.get(bridge)
    return next === undefined ? bridge : room(next)
  }
  for (const [one, other] of joined) {
    const [a, b] = [inside.get(one), inside.get(other)]
    if (a !== undefined && b !== undefined && room(a) !== room(b)) roomOf.set(room(a), room(b))
  }
  const there = [...inside].filter(([leg]) => parties.has(leg)).map(([leg, bridge]) => [leg, room(bridge)] as const)
  return there.filter(([leg, at]) => there.some(([other, place]) => other !== leg && place === at)).map(([leg]) => leg)
}
