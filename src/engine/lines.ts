/** The status lines of one PBX: of each extension, and of each agent. Changes the state it is given and touches nothing else. */
import { phoneOf } from '../agents/state.js'
import type { EpochMs } from '../base/ids.js'
import type { Site } from '../calls/site.js'
import type { ExtensionView, Line } from '../events/agent.js'
import type { CallView } from '../events/call.js'
import { lineOn, newLine, partsOf, withPart } from '../lines/reduce.js'
import type { PhoneState } from '../pbx/facts.js'
import { dateOf } from '../queues/tally.js'
import type { Applied } from './apply.js'
import { isLine, type PbxState, type StoredLineThing, type StoredThing } from './state.js'

/** Under which name they are stored. */
export const extensionLine = (extension: string) => `line/${extension}`
export const extensionOfLine = (key: string) => (key.startsWith('line/') ? key.slice('line/'.length) : undefined)
export const agentLine = (staff: string) => `agent-line/${staff}`

export const storedLine = (state: PbxState, key: string): StoredLineThing | undefined => {
  const line = state.lines.get(key)
  return line && { id: key, line }
}

export function restoreLines(state: PbxState, stored: Iterable<StoredThing>) {
  for (const thing of stored) if (isLine(thing)) state.lines.set(thing.id, thing.line)
}

/** The day that has begun: by the clock of the daemon, whatever a fact says. */
export const dayAt = (site: Site, state: PbxState, at: EpochMs) => state.day ?? dateOf(at, site.counting.timeZone)

export function lineAt(site: Site, state: PbxState, key: string, at: EpochMs): Line {
  const date = dayAt(site, state, at)
  return lineOn(state.lines.get(key) ?? newLine(date), date)
}

export function viewExtension(
  site: Site,
  state: PbxState,
  extension: string,
  phone: PhoneState | undefined,
  at: EpochMs,
): ExtensionView {
  const staff = state.agentAt.get(extension)
  const agent = staff === undefined ? undefined : state.agents.get(staff)
  const queue = agent?.legs.find(leg => leg.queue !== undefined)?.queue
  return {
    id: `${site.pbx}:${extension}`,
    pbx: site.pbx,
    extension,
    revision: state.lines.get(extensionLine(extension))?.revision ?? 0,
    ...(agent && phoneOf(agent) && { agent: agent.staff }),
    ...(phone && { phone }),
    ...(queue === undefined ? {} : { queue }),
    today: lineAt(site, state, extensionLine(extension), at),
  }
}

/** A day begins: what was counted the day before is none of it. */
export function beginDay(site: Site, state: PbxState, at: EpochMs, into: Applied) {
  const today = dateOf(at, site.counting.timeZone)
  state.day = today
  for (const [key, line] of state.lines) {
    const extension = extensionOfLine(key)
    if (extension !== undefined) into.extensions.add(extension)
    if (line.date >= today || line.answered + line.dialled + line.missed === 0) continue
    state.lines.set(key, { ...line, ...lineOn(line, today) })
    into.lines.add(key)
  }
  for (const staff of state.agents.keys()) into.agents.add(staff)
}

/** A call is over, and final. */
export function countCall(site: Site, state: PbxState, call: CallView, into: Applied) {
  const date = dateOf(Date.parse(call.startedAt) as EpochMs, site.counting.timeZone)
  for (const part of partsOf(call)) {
    const key = part.of === 'extension' ? extensionLine(part.id) : agentLine(part.id)
    // A call that is older than this version may have the name of a queue's member there.
    if (part.of === 'agent' && !state.directory.staff.has(part.id) && !state.agents.has(part.id)) continue
    state.lines.set(key, withPart(state.lines.get(key) ?? newLine(date), part, call, date))
    into.lines.add(key)
    if (part.of === 'extension') into.extensions.add(part.id)
    if (part.of === 'agent' && state.agents.has(part.id)) into.agents.add(part.id)
  }
}
