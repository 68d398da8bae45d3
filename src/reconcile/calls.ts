/**
 * What the PBX says happened: the rows of its channel event log as calls. Pure. A channel belongs to the call of the
 * Linkedid it began with; what Asterisk made for itself (snoops, announcers) belongs to none.
 */
import type { EpochMs, LegId } from '../base/ids.js'
import { kindOfChannel, type ChannelKind } from '../pbx/channel-name.js'
import type { CelRow } from './cel.js'
import { talksOf, type Talk } from './talks.js'

export type PbxChannel = {
  leg: LegId
  name: string
  kind: ChannelKind
  startedAt: EpochMs
  answeredAt?: EpochMs
  endedAt?: EpochMs
  causeQ850?: number
  /** The name of the channel that hung it up, or of a place such as `dialplan/builtin`. */
  hungUpBy?: string
}

export type PbxCall = {
  linked: LegId
  /** Those of all its channels: a transfer brings together what began apart. */
  linkeds: LegId[]
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

/** Oldest first. `together`: of Linkedids that are to be one call, which one names it. */
export function callsOf(rows: readonly CelRow[], together: ReadonlyMap<LegId, LegId> = new Map()): PbxCall[] {
  const linkedOf = new Map<LegId, LegId>()
  const calls = new Map<LegId, { linkeds: Set<LegId>; rows: CelRow[] }>()
  for (const row of [...rows].sort((a, b) => a.at - b.at)) {
    if (row.cut !== undefined || kindOfChannel(row.channel) === 'tool') continue
    const linked = linkedOf.get(row.leg) ?? row.linked
    linkedOf.set(row.leg, linked)
    const name = together.get(linked) ?? linked
    const of = calls.get(name)
    if (!of) calls.set(name, { linkeds: new Set([linked]), rows: [row] })
    else {
      of.rows.push(row)
      of.linkeds.add(linked)
    }
  }
  return [...calls].map(([linked, of]) => callOf(linked, [...of.linkeds], of.rows))
}

function callOf(linked: LegId, linkeds: LegId[], rows: readonly CelRow[]): PbxCall {
  const channels = channelsOf(rows)
  const hangups = rows.filter(row => row.type === 'HANGUP')
  const hungUpBy = hangups.map(row => row.source).find(source => channels.some(c => c.name === source))
  const dialStatus = hangups.find(row => row.leg === channels[0]?.leg)?.dialStatus
  const ends = channels.map(c => c.endedAt)
  return {
    linked,
    linkeds,
    startedAt: Math.min(...channels.map(c => c.startedAt)) as EpochMs,
    ...(ends.includes(undefined) ? {} : { endedAt: Math.max(...ends.map(Number)) as EpochMs }),
    channels,
    talks: talksOf(rows, channels),
    ...(hungUpBy === undefined ? {} : { hungUpBy }),
    ...(dialStatus === undefined ? {} : { dialStatus }),
  }
}

function channelsOf(rows: readonly CelRow[]): PbxChannel[] {
  const channels = new Map<LegId, PbxChannel>()
  for (const { leg, channel: name, at, type, causeQ850, source } of rows) {
    const was = channels.get(leg) ?? { leg, name, kind: kindOfChannel(name), startedAt: at }
    channels.set(leg, {
      ...was,
      ...(type === 'ANSWER' && was.answeredAt === undefined ? { answeredAt: at } : {}),
      ...(type === 'CHAN_END' ? { endedAt: at } : {}),
      ...(causeQ850 === undefined ? {} : { causeQ850 }),
      ...(source === undefined ? {} : { hungUpBy: source }),
    })
  }
  return [...channels.values()]
}
