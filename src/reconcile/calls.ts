/**
 * What the PBX says happened: the rows of its channel event log as calls. Pure. A channel belongs to the call of the
 * Linkedid it began with; what Asterisk made for itself (snoops, announcers) belongs to none.
 */
import type { BridgeId, EpochMs, LegId } from '../base/ids.js'
import { kindOfChannel, type ChannelKind } from '../pbx/channel-name.js'
import type { CelRow } from './cel.js'

export type PbxChannel = {
  leg: LegId
  name: string
  kind: ChannelKind
  startedAt: EpochMs
  answeredAt?: EpochMs
  endedAt?: EpochMs
  causeQ850?: number
}

/** Two parties or more in one bridge that is no waiting room. */
export type Talk = { bridge: BridgeId; legs: LegId[]; startedAt: EpochMs; endedAt?: EpochMs }

export type PbxCall = {
  linked: LegId
  startedAt: EpochMs
  /** Missing while it goes on, and for ever if the PBX ended without writing it down. */
  endedAt?: EpochMs
  channels: PbxChannel[]
  talks: Talk[]
  /** The name of the channel that hung up first, where one did. */
  hungUpBy?: string
  /** What the first channel's Dial ended with. */
  dialStatus?: string
}

/** Oldest first. */
export function callsOf(rows: readonly CelRow[]): PbxCall[] {
  const linkedOf = new Map<LegId, LegId>()
  const calls = new Map<LegId, CelRow[]>()
  for (const row of [...rows].sort((a, b) => a.at - b.at)) {
    if (kindOfChannel(row.channel) === 'tool') continue
    const linked = linkedOf.get(row.leg) ?? row.linked
    linkedOf.set(row.leg, linked)
    const of = calls.get(linked)
    if (of) of.push(row)
    else calls.set(linked, [row])
  }
  return [...calls].map(([linked, of]) => callOf(linked, of))
}

function callOf(linked: LegId, rows: readonly CelRow[]): PbxCall {
  const channels = channelsOf(rows)
  const hangups = rows.filter(row => row.type === 'HANGUP')
  const hungUpBy = hangups.map(row => row.source).find(source => channels.some(c => c.name === source))
  const dialStatus = hangups.find(row => row.leg === channels[0]?.leg)?.dialStatus
  const ends = channels.map(c => c.endedAt)
  return {
    linked,
    startedAt: Math.min(...channels.map(c => c.startedAt)) as EpochMs,
    ...(ends.includes(undefined) ? {} : { endedAt: Math.max(...ends.map(Number)) as EpochMs }),
    channels,
    talks: talksOf(rows, new Set(channels.filter(c => c.kind === 'party').map(c => c.leg))),
    ...(hungUpBy === undefined ? {} : { hungUpBy }),
    ...(dialStatus === undefined ? {} : { dialStatus }),
  }
}

function channelsOf(rows: readonly CelRow[]): PbxChannel[] {
  const channels = new Map<LegId, PbxChannel>()
  for (const { leg, channel: name, at, type, causeQ850 } of rows) {
    const was = channels.get(leg) ?? { leg, name, kind: kindOfChannel(name), startedAt: at }
    channels.set(leg, {
      ...was,
      ...(type === 'ANSWER' && was.answeredAt === undefined ? { answeredAt: at } : {}),
      ...(type === 'CHAN_END' ? { endedAt: at } : {}),
      ...(causeQ850 === undefined ? {} : { causeQ850 }),
    })
  }
  return [...channels.values()]
}

function talksOf(rows: readonly CelRow[], parties: ReadonlySet<LegId>): Talk[] {
  const inside = new Map<BridgeId, Set<LegId>>()
  const talks: Talk[] = []
  const openIn = (bridge: BridgeId) => talks.find(talk => talk.bridge === bridge && talk.endedAt === undefined)
  for (const { type, at, leg, bridge, holding } of rows) {
    if (bridge === undefined || holding || !parties.has(leg)) continue
    const there = inside.get(bridge) ?? new Set()
    inside.set(bridge, there)
    const open = openIn(bridge)
    if (type === 'BRIDGE_ENTER') {
      there.add(leg)
      if (open) open.legs = [...new Set([...open.legs, leg])]
      else if (there.size === 2) talks.push({ bridge, legs: [...there], startedAt: at })
    } else if (type === 'BRIDGE_EXIT') {
      there.delete(leg)
      if (open && there.size < 2) open.endedAt = at
    }
  }
  return talks
}
