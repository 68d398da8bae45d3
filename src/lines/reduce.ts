/**
 * What a phone, or an agent, did today: each call that is over adds to it once. Pure: a line and a call make the next line.
 * A call counts for the day on which it began, at the site.
 */
import type { OfferResult } from '../events/call-parts.js'
import type { CallView } from '../events/call.js'
import type { Line } from '../events/agent.js'

/** `published`: the extension as it was last told of, as text. */
export type StoredLine = Line & { revision: number; published?: string }

export const newLine = (date: string): StoredLine => ({ date, answered: 0, dialled: 0, missed: 0, revision: 0 })

/** What one extension, or one agent wherever they sat, did in a call. */
export type Part = {
  of: 'extension' | 'agent'
  id: string
  did: 'answered' | 'dialled' | 'missed'
  number: string
  talkedMs: number
}

const MISSED: ReadonlySet<OfferResult> = new Set<OfferResult>(['no-answer', 'rejected', 'busy', 'caller-gave-up'])

/** A phone that is picked up has not missed the call, whatever became of the caller. */
const isMissed = ({ legs }: CallView, { leg, result }: CallView['offers'][number]) =>
  result !== undefined &&
  MISSED.has(result) &&
  !(result === 'caller-gave-up' && legs.find(({ id }) => id === leg)?.answeredAt !== undefined)

/** One for each extension that took part, and one for each agent. */
export const partsOf = (call: CallView): Part[] => [...partsBy(call, 'extension'), ...partsBy(call, 'agent')]

/**
 * A feature code is no call to anybody. Who has picked up and talked with nobody (the caller or the agent was gone before they
 * were connected) has neither answered nor missed it.
 */
function partsBy(call: CallView, of: Part['of']): Part[] {
  const { from, to, offers, agents } = call
  const talkedBy = (id: string) => agents.reduce((sum, share) => sum + (share[of] === id ? share.talkedMs : 0), 0)
  const called = new Set([...offers, ...agents].flatMap(part => part[of] ?? []))
  const caller =
    from.extension === undefined ? undefined : of === 'extension' ? from.extension : agentAt(agents, from.extension)
  const parts: Part[] = []
  if (caller !== undefined) {
    called.delete(caller)
    if (!/^[*#]/.test(to.number))
      parts.push({ of, id: caller, did: 'dialled', number: to.number, talkedMs: talkedBy(caller) })
  }
  for (const id of called) {
    const talkedMs = talkedBy(id)
    const missed = offers.some(offer => offer[of] === id && isMissed(call, offer))
    if (talkedMs === 0 && !missed) continue
    parts.push({ of, id, did: talkedMs > 0 ? 'answered' : 'missed', number: from.number, talkedMs })
  }
  return parts
}

/** Who was there first. */
const agentAt = (agents: CallView['agents'], extension: string) =>
  agents.find(share => share.extension === extension)?.agent

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
    revision: was.revision,
    ...(was.published !== undefined && { published: was.published }),
  }
}

/** As it is on this day. */
export function lineOn({ revision: _, published: __, ...line }: StoredLine, date: string): Line {
  return date > line.date ? { date, answered: 0, dialled: 0, missed: 0, ...(line.last && { last: line.last }) } : line
}
