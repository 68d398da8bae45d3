/** Who of the inside talked last with the one outside, in a call that is over: not a colleague who was only asked. Pure. */
import type { AgentShare } from '../events/call-parts.js'
import type { CallView } from '../events/call.js'

const TALKS: ReadonlySet<CallView['segments'][number]['kind']> = new Set(['talk', 'conference'])

/** Of several in one conference, the one who came last. `among`: whom it may be; all, if left out. */
export function lastTalker(
  { agents, legs, segments }: CallView,
  among: (share: AgentShare) => boolean = () => true,
): AgentShare | undefined {
  const talked = agents.filter(share => share.talkedMs > 0 && among(share))
  const outside = new Set(legs.filter(leg => leg.extension === undefined).map(leg => leg.id))
  const talks = segments
    .filter(({ kind, legs: of }) => TALKS.has(kind) && of.some(leg => outside.has(leg)))
    .toSorted((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt))
  for (const talk of talks) {
    const inside = talk.legs.map(leg => talked.find(share => share.legs.includes(leg)))
    const last = inside.findLast(share => share !== undefined)
    if (last) return last
  }
  return talked.at(-1)
}
