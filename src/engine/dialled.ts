/**
 * Who dials whom, in the PBX's lists after a (re)connect: they do not say it, but a channel shows the dial string that it is busy with.
 * Pure.
 */
import type { EpochMs, LegId } from '../base/ids.js'
import type { Call, Leg } from '../calls/state.js'
import { deviceOfChannel } from '../pbx/channel-name.js'
import { dialStringFor } from '../pbx/dial-string.js'
import type { ChannelSeen, LegFact, QueueSeen } from '../pbx/facts.js'

/** A leg as we knew it, in its call. */
export type Known = { leg: Leg; call: Call }
export type Around = {
  at: EpochMs
  known: ReadonlyMap<LegId, Known>
  there: ReadonlyMap<LegId, ChannelSeen>
  queues: readonly QueueSeen[]
  bootedAt?: EpochMs
  /** Since when nothing was heard of the PBX. */
  downSince?: EpochMs
  /** When a channel came to whom it is with: in the gap, where that is known, or else now. */
  metAt: (channel: ChannelSeen) => EpochMs
  /** The PBX has been restarted since it was last heard of. */
  isRestarted: boolean
}

/** Two of the same second, by the number that Asterisk gives each channel. */
export function isOlder(one: ChannelSeen, other: ChannelSeen): boolean {
  if (one.since !== other.since) return one.since < other.since
  const [a, b] = [one, other].map(({ leg }) => Number(/\.(\d+)$/.exec(leg)?.[1] ?? 0))
  return (a ?? 0) < (b ?? 0)
}

type Dialer = { channel: ChannelSeen; dialString: string }

/** Of those of the same call that dial this device, the youngest that was there before it. */
export function dialerOf(channel: ChannelSeen, { there }: Around): Dialer | undefined {
  if (channel.linked === channel.leg) return undefined
  const device = deviceOfChannel(channel.name)
  let found: Dialer | undefined
  for (const other of there.values()) {
    if (other.dials === undefined || other.linked !== channel.linked || !isOlder(other, channel)) continue
    const dialString = dialStringFor(other.dials, device)
    if (dialString === undefined || (found && isOlder(other, found.channel))) continue
    found = { channel: other, dialString }
  }
  return found
}

/**
 * Somebody has picked up, and the `Dial()` that rang the phone has joined them with nobody yet: a key is to be pressed, or an announcement
 * comes first.
 */
export function isAsked(channel: ChannelSeen, around: Around): boolean {
  if (channel.bridge !== undefined || channel.parked) return false
  const dialer = dialerOf(channel, around)
  return dialer !== undefined && dialer.channel.bridge === undefined
}

/** A phone that the PBX dials, or has dialled, for the leg that dials it or that it is linked to; for a queue, as which member. */
export function dialled(channel: ChannelSeen, around: Around): LegFact[] {
  const { leg, linked, name, outgoing, caller, since: at } = channel
  const dialer = dialerOf(channel, around)
  if ((!outgoing && !dialer) || linked === leg || !around.there.has(linked)) return []
  const by = dialer?.channel.leg ?? linked
  const dialString = dialer && { dialString: dialer.dialString }
  const begun: LegFact = {
    type: 'dial.begun',
    at,
    leg,
    by,
    dialled: caller.number,
    ...dialString,
    shown: '',
    inferred: true,
  }
  const queue = dialer ? undefined : queueOf(linked, around)
  const device = deviceOfChannel(name)
  const members = around.queues.find(q => q.name === queue)?.members ?? []
  const [member, other] = members.filter(m => dialStringFor(m.interface, device) !== undefined)
  if (queue === undefined || !member || other) return [begun]
  const { interface: called, name: memberName } = member
  return [
    begun,
    {
      type: 'agent.called',
      at,
      leg: linked,
      queue,
      phone: leg,
      member: { interface: called, name: memberName },
      inferred: true,
    },
  ]
}

/** Where a caller waits, or was waiting when it was last heard of. */
function queueOf(leg: LegId, { known, there }: Around): string | undefined {
  const place = known.get(leg)?.leg.place
  return there.get(leg)?.queue?.name ?? (place?.kind === 'queue' ? place.name : undefined)
}
