/**
 * What a phone, or an agent, did today: each call that is over adds to it once. Pure: a line and a call make the next line.
 * A call counts for the day on which it began, at the site.
 */
import type { OfferResult } from '../events/call-parts.js'
import type { CallView } from '../events/call.js'
import type { Line } from '../events/agent.js'

export type StoredLine = Line & { revision: number }

export const newLine = (date: string): StoredLine => ({ date, answered: 0, dialled: 0, missed: 0, revision: 0 })

/** What one extension did in a call. `agent`: by the name that a queue has, where one offered the call. */
export type Part = {
  extension: string
  agent?: string
  did: 'answered' | 'dialled' | 'missed'
  number: string
  talkedMs: number
}

const MISSED: ReadonlySet<OfferResult> = new Set<OfferResult>(['no-answer', 'rejected', 'busy', 'caller-gave-up'])

/** Of each extension that took part, one; a feature code is no call to anybody. */
export function partsOf(call: CallView): Part[] {
  const { from, to, offers, agents } = call
  const talkedBy = (extension: string) => agents.find(share => share.extension === extension)?.talkedMs ?? 0
  const called = new Set([...offers, ...agents].flatMap(({ extension }) => extension ?? []))
  const parts: Part[] = []
  if (from.extension !== undefined) {
    called.delete(from.extension)
    const talkedMs = talkedBy(from.extension)
    if (!/^[*#]/.test(to.number)) parts.push({ extension: from.extension, did: 'dialled', number: to.number, talkedMs })
  }
  for (const extension of called) {
    const own = offers.filter(offer => offer.extension === extension)
    const talkedMs = talkedBy(extension)
    const answered = talkedMs > 0 || own.some(offer => offer.result === 'answered')
    const missed = own.some(({ result }) => result !== undefined && MISSED.has(result))
    if (!answered && !missed) continue
    const agent = own.find(offer => offer.agent !== undefined)?.agent
    const did = answered ? 'answered' : 'missed'
    parts.push({ extension, ...(agent === undefined ? {} : { agent }), did, number: from.number, talkedMs })
  }
  return parts
}

/** `date`: of the call's beginning. */
export function withPart(was: StoredLine, part: Part, call: CallView, date: string): StoredLine {
  const { did, number, talkedMs } = part
  const day = date > was.date ? { ...newLine(date), ...(was.last && { last: was.last }) } : was
  const last: NonNullable<Line['last']> = {
    number,
    direction: did === 'dialled' ? 'out' : 'in',
    at: call.startedAt,
    talkedMs,
    call: call.id,
  }
  return {
    ...day,
    ...(date === day.date && { [did]: day[did] + 1 }),
    ...(was.last === undefined || was.last.at <= last.at ? { last } : {}),
    revision: was.revision + 1,
  }
}

/** As it is on this day. */
export function lineOn({ revision: _, ...line }: StoredLine, date: string): Line {
  return date > line.date ? { date, answered: 0, dialled: 0, missed: 0, ...(line.last && { last: line.last }) } : line
}
