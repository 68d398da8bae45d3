/**
 * Which number a trunk was sent, without the dial prefix. Whether that was put before it can be seen where what was dialled and what
 * was sent are known; only elsewhere is it concluded from the number. Pure.
 */
import { readNumber, type NumberRead } from '../numbers/read.js'
import type { Party } from '../events/call-parts.js'
import type { Site } from './site.js'
import { isParty, type Call } from './state.js'

/** `place`: the extension in which the dialplan dials; `sent`: the number in the dial string; `called`: without what a trunk needs. */
export type Sent = { place: string; sent: string; called: string }

export function readSent(site: Site, call: Call, { place, sent, called }: Sent): NumberRead | undefined {
  const dialled = [place, ...dialledIn(call)].filter(one => one !== '')
  const known = prefixSeen(site, dialled, sent)
  if (known !== undefined) return readNumber(site, known, 'sent')
  const keys = new Set(partiesIn(call).flatMap(party => certainKey(site, party)))
  const readings = (['sent', 'dialled', 'listed'] as const).flatMap(way =>
    [sent, called].map(number => readNumber(site, number, way)),
  )
  return readings.find(read => read !== undefined && keys.has(read.key)) ?? readNumber(site, called, 'out')
}

/** The number, where the dialplan has removed the prefix from what was dialled, or has put it before that. */
export function prefixSeen({ trunkPrefix = '' }: Site, dialled: readonly string[], sent: string): string | undefined {
  if (trunkPrefix === '') return undefined
  return dialled.includes(`${trunkPrefix}${sent}`) ? sent : dialled.find(one => `${trunkPrefix}${one}` === sent)
}

/** By phones, and by halves of Local pairs. */
const dialledIn = (call: Call) => [...call.legs.flatMap(l => l.dialled ?? []), ...partiesIn(call).map(p => p.number)]
const partiesIn = ({ to, transfers }: Call): Party[] => [to, ...transfers.map(t => t.to)]

/** Only of what is certainly a number. */
function certainKey(site: Site, { number, e164 }: Party): string[] {
  const read = e164 === undefined ? undefined : readNumber(site, e164)
  if (read) return [read.key]
  return site.isSpecial?.(number) ? [number] : []
}

/** What the caller has dialled, or is known to call where a command dials. */
export const dialledFirst = ({ to, legs }: Call) =>
  legs.find(l => l.side === 'caller' && isParty(l))?.dialled ?? to.number
