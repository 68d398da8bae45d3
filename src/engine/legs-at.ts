/** What an agent's phone does: the legs of live calls that are at an extension. Pure. */
import type { LegAt } from '../agents/state.js'
import type { Site } from '../calls/site.js'
import { isLive, isParty, isTalk, type Call, type Leg } from '../calls/state.js'
import { requiresWrapUpCode, type Directory } from '../directory/state.js'
import { OWN_LEG } from '../pbx/names.js'

export function legsAt(site: Site, directory: Directory, call: Call, extension: string): LegAt[] {
  if (call.progress.state === 'ended') return []
  return call.legs.flatMap(leg => {
    if (leg.extension !== extension || !isParty(leg) || !isLive(leg)) return []
    const doing = doingOf(call, leg)
    const wrapUpMs = wrapUpOf(site, directory, call, leg)
    const of = leg.queue ?? leg.workgroup
    const queue = of === undefined ? {} : { queue: of }
    const codeRequired = of !== undefined && requiresWrapUpCode(directory, of)
    const after = { wrapUpMs, ...(codeRequired && { codeRequired }) }
    return doing ? [{ leg: leg.id, call: call.id, doing, ...queue, answered: isAnswered(call, leg), ...after }] : []
  })
}

/**
 * A phone that dials is busy as soon as there is somebody to talk with; not while it only hears what came of a feature code. A phone
 * that is picked up is offered the call until it is connected: a prompt, an announcement or a delay of the queue comes first.
 */
function doingOf(call: Call, leg: Leg): LegAt['doing'] | undefined {
  if (leg.state === 'up' && isOffered(call, leg)) return isAlone(call) ? undefined : 'ringing'
  if (leg.state === 'up') return isAlone(call) ? undefined : leg.holding ? 'held' : 'talking'
  if (leg.side === 'callee' || leg.id.startsWith(OWN_LEG)) return leg.state === 'ringing' ? 'ringing' : undefined
  return isAlone(call) ? undefined : 'talking'
}

const isAlone = ({ legs, offers, queues, segments }: Call) =>
  legs.filter(isParty).length < 2 && offers.length === 0 && queues.length === 0 && !segments.some(isTalk)

const hasTalked = ({ segments }: Call, { id }: Leg) => segments.some(s => isTalk(s) && s.legs.includes(id))

const isOffered = (call: Call, leg: Leg) =>
  leg.side === 'callee' && leg.place === undefined && leg.room === undefined && !hasTalked(call, leg)

const isAnswered = (call: Call, leg: Leg) =>
  leg.side === 'callee' ? hasTalked(call, leg) : call.progress.state === 'talking'

function wrapUpOf({ agents }: Site, { workgroups }: Directory, call: Call, leg: Leg): number {
  const { side, queue = leg.workgroup } = leg
  if (queue !== undefined) return workgroups.get(queue)?.wrapUpMs ?? agents.wrapUpMs
  return side === 'caller' && call.direction === 'outbound' ? agents.outboundWrapUpMs : 0
}
