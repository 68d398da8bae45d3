/**
 * Whose number must not be shown, of callers whose beginning nobody heard: a list of channels has the number and not its presentation,
 * so each is asked. Pure but for the connection that it is given.
 */
import { after, type Clock } from '../base/clock.js'
import type { LegId } from '../base/ids.js'
import type { ChannelSeen } from '../pbx/facts.js'
import type { Connection } from './connection.js'
import { isProhibitedName } from './fields.js'
import { presentationOf } from './encode.js'

/** The newest: of older ones the daemon has mostly heard. So many answers come well within a second. */
export const MOST_ASKED = 2_000
/** No more at a time than may wait for an answer. */
const AT_ONCE = 500

type Asking = { clock: Clock; newId: () => string; withinMs: number }

/** Who calls has a number, and is dialled by nobody; a half of a Local pair is no caller. */
const mayBeAsked = ({ caller, outgoing, name, state }: ChannelSeen) =>
  caller.number !== '' && outgoing === undefined && state !== 'ringing' && !name.startsWith('Local/')

export const callersIn = (channels: readonly ChannelSeen[]): LegId[] =>
  channels
    .filter(mayBeAsked)
    .sort((a, b) => b.since - a.since)
    .slice(0, MOST_ASKED)
    .map(({ leg }) => leg)

/** Whoever is gone, and what the PBX does not answer in time or may not answer, is not among them. */
export async function readWithheld(
  connection: Connection,
  legs: readonly LegId[],
  { clock, newId, withinMs }: Asking,
): Promise<Set<LegId>> {
  const withheld = new Set<LegId>()
  const until = after(clock, withinMs)
  for (let from = 0; from < legs.length; from += AT_ONCE) {
    const leftMs = until - clock.now()
    if (leftMs <= 0) break
    await Promise.all(
      legs.slice(from, from + AT_ONCE).map(async leg => {
        const reply = await connection.ask('Getvar', presentationOf(leg), newId(), leftMs)
        if (reply.ok && isProhibitedName(reply.value.response.get('Value') ?? '')) withheld.add(leg)
      }),
    )
  }
  return withheld
}
