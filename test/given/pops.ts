/** What always holds of `call.offered`, of whatever was told of calls in its order. Answers with what is broken. */
import { isDeepStrictEqual } from 'node:util'
import { customerOf, popAt } from '../../src/calls/pop.js'
import type { Call } from '../../src/calls/state.js'
import type { CallView } from '../../src/events/call.js'
import type { Pop } from '../../src/events/pop.js'
import { OWN_LEG } from '../../src/pbx/names.js'

export type Popped = { type: string; call: CallView; leg?: string; pop?: Pop }
type LegView = CallView['legs'][number]

const isOver = ({ state }: CallView) => state === 'ended' || state === 'merged'
const ringing = (call: CallView) =>
  isOver(call) || customerOf(call as unknown as Call) === undefined
    ? []
    : call.legs.filter(l => l.state === 'ringing' && l.side === 'callee' && l.role === undefined && l.extension)

const at = (time: string | undefined) => Date.parse(time ?? '')

/** What of the pop is not as the call has it when the phone begins to ring. */
function wrongIn(call: CallView, leg: LegView, pop: Pop): string[] {
  const visit = call.queues.find(v => v.outcome === undefined)
  const waitedMs = at(leg.ringingAt) - at(visit?.joinedAt ?? call.startedAt)
  const wanted = { extension: leg.extension, agent: leg.agent, queue: visit?.queue, waitedMs }
  const said = { extension: pop.extension, agent: pop.agent, queue: pop.queue, waitedMs: pop.waitedMs }
  return isDeepStrictEqual(said, wanted) ? [] : [`${JSON.stringify(said)}, not ${JSON.stringify(wanted)}`]
}

export function brokenPops(events: readonly Popped[]): string[] {
  const broken: string[] = []
  const told = new Map<string, Pop>()
  const rang = new Set<string>()
  for (const { type, call, leg: id = '', pop } of events) {
    for (const leg of ringing(call)) if (!leg.id.startsWith(OWN_LEG)) rang.add(leg.id)
    if (type === 'call.offered') {
      const leg = call.legs.find(l => l.id === id)
      if (told.has(id)) broken.push(`${id} is offered twice`)
      if (leg?.state !== 'ringing') broken.push(`${id} is offered when it is ${leg?.state ?? 'nowhere'}`)
      if (!pop || !leg) broken.push(`${id} has no pop`)
      else broken.push(...wrongIn(call, leg, pop).map(wrong => `${id} is offered with ${wrong}`))
      if (pop) told.set(id, pop)
    }
    if (isOver(call) && call.pop) broken.push(`${call.id} is over, and has a pop`)
    if (isOver(call)) continue
    for (const leg of call.legs.filter(l => l.state !== 'gone' && told.has(l.id))) {
      const [has, was] = [popAt(call.pop, leg.id as never), told.get(leg.id)]
      if (has?.extension !== was?.extension || has?.waitedMs !== was?.waitedMs || has?.queue !== was?.queue)
        broken.push(`${leg.id} is on the call as ${JSON.stringify(has)}`)
      if (type === 'call.offered' && leg.id === id && !isDeepStrictEqual(has, was))
        broken.push(`${leg.id} is on the call otherwise than told`)
    }
  }
  for (const id of rang) if (!told.has(id)) broken.push(`${id} rings and is not offered`)
  return broken
}
