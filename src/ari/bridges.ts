/**
 * When each bridge was made, as ARI says since Asterisk 16.5; AMI has no such list. Asked over a connection of its own, since the
 * link may not be up yet. Whatever is not told, in time or at all, is not there.
 */
import { inTime, type Clock } from '../base/clock.js'
import type { BridgeId, EpochMs } from '../base/ids.js'
import { downloadFrom, type AriAddress } from './connection.js'
import { BRIDGES } from './encode.js'

export type BridgesMade = ReadonlyMap<BridgeId, EpochMs>

export async function bridgesMade(address: AriAddress, clock: Clock, withinMs: number): Promise<BridgesMade> {
  let made: BridgesMade = new Map()
  const reading = downloadFrom(address, BRIDGES).then(read => {
    if (read.ok) made = madeIn(read.value.toString())
  })
  await inTime(clock, withinMs, reading)
  return made
}

export function madeIn(text: string): BridgesMade {
  const made = new Map<BridgeId, EpochMs>()
  for (const bridge of listIn(text)) {
    if (typeof bridge !== 'object' || bridge === null || !('id' in bridge) || !('creationtime' in bridge)) continue
    const { id, creationtime } = bridge
    const at = typeof creationtime === 'string' ? Date.parse(creationtime) : NaN
    if (typeof id === 'string' && Number.isFinite(at)) made.set(id as BridgeId, at as EpochMs)
  }
  return made
}

function listIn(text: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list : []
  } catch {
    return []
  }
}
