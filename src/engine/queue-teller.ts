/**
 * When queues are told of: as they change, each a few times a second at most, and when time alone changes their numbers (a
 * minute is no longer of late, a day begins). A queue that looks as it did when it was last told of is no news, also after the
 * daemon was started again; until the PBX is heard of then, it is what it was. Touches the clock.
 */
import { after, type Clock } from '../base/clock.js'
import type { EpochMs } from '../base/ids.js'
import { extensionOfMember } from '../calls/phones.js'
import type { Site } from '../calls/site.js'
import { queueEvent, type PublicEvent } from '../events/event.js'
import type { QueueView } from '../events/queue.js'
import type { Queue } from '../queues/state.js'
import { viewQueue, type Place } from '../queues/view.js'
import type { PbxState } from './state.js'

/** A queue of many members takes some tenths of a millisecond: what is heard meanwhile waits for so many. */
const MOST_AT_ONCE = 4

/** Between two events of one queue. */
export const TELL_EVERY_MS = 400
const MINUTE_MS = 60_000

type Parts = {
  site: Site
  state: PbxState
  clock: Clock
  /** Time has come to tell of these. */
  tell: (queues: ReadonlySet<string>) => void
}

export function createQueueTeller({ site, state, clock, tell }: Parts) {
  const place: Place = {
    timeZone: site.counting.timeZone,
    extensionOf: member => extensionOfMember(site, member),
    agentAt: extension => state.agentAt.get(extension),
    workgroup: name => state.directory.workgroups.get(name),
  }
  const told = new Map<string, { at: EpochMs; view: QueueView }>()
  /** Whose members are not known yet. */
  const unheard = new Map<string, QueueView>()
  for (const { name, published } of state.queues.values())
    if (published !== undefined) unheard.set(name, JSON.parse(published) as QueueView)
  const due = new Set<string>()
  let cancelDue: (() => void) | undefined
  let cancelMinute: (() => void) | undefined

  const look = (name: string): QueueView | undefined => {
    const queue = state.queues.get(name)
    return queue && viewQueue(queue, clock.now(), place)
  }

  function later(name: string) {
    due.add(name)
    cancelDue ??= clock.wake(after(clock, TELL_EVERY_MS), tellDue)
  }

  function tellDue() {
    const names = new Set([...due].slice(0, MOST_AT_ONCE))
    for (const name of names) due.delete(name)
    cancelDue = due.size > 0 ? clock.wake(clock.now(), tellDue) : undefined
    tell(names)
  }

  /** From the first queue on that is told of. */
  function eachMinute() {
    const now = clock.now()
    cancelMinute ??= clock.wake((now - (now % MINUTE_MS) + MINUTE_MS) as EpochMs, () => {
      cancelMinute = undefined
      eachMinute()
      tell(new Set(told.keys()))
    })
  }

  /** The event of this queue, if there is news, and if it may be told already (or is to be); its revision is then one more. */
  function news(name: string, atOnce: boolean): PublicEvent | undefined {
    if (unheard.has(name)) return undefined
    const last = told.get(name)
    const now = clock.now()
    if (!atOnce && last && now < last.at + TELL_EVERY_MS && now >= last.at) {
      later(name)
      return undefined
    }
    const queue = state.queues.get(name)
    const seen = look(name)
    if (!queue || !seen) return undefined
    if (queue.unknown) return lastOf(queue, seen)
    eachMinute()
    const text = JSON.stringify(seen)
    if (text === queue.published) {
      if (!last) told.set(name, { at: now, view: seen })
      return undefined
    }
    const view = { ...seen, revision: queue.revision + 1 }
    const published = text.replace(`"revision":${queue.revision}`, `"revision":${view.revision}`)
    state.queues.set(name, { ...queue, revision: view.revision, published })
    told.set(name, { at: now, view })
    return queueEvent(now, view, published)
  }

  /** A queue that the PBX no longer has is published once more; one that it never had is not. */
  function lastOf({ published, ...queue }: Queue, seen: QueueView): PublicEvent | undefined {
    told.delete(queue.name)
    if (published === undefined) return undefined
    const view = { ...seen, revision: queue.revision + 1 }
    state.queues.set(queue.name, { ...queue, revision: view.revision })
    return queueEvent(clock.now(), view)
  }

  const viewNow = (name: string) => unheard.get(name) ?? told.get(name)?.view ?? look(name)

  const names = () => [...state.queues].flatMap(([name, { unknown }]) => (unknown ? [] : [name]))

  return {
    /** Those of these that are to be told now, each with its event. `atOnce`: somebody asks for them. */
    news: (names: Iterable<string>, atOnce = false): [name: string, event: PublicEvent][] =>
      [...names].flatMap(name => {
        const event = news(name, atOnce)
        return event ? [[name, event] as [string, PublicEvent]] : []
      }),
    /** As they were last told of; those that nobody has been told of, as they are. */
    views: (): QueueView[] => names().flatMap(name => viewNow(name) ?? []),
    /** The PBX has said what it has: whatever is another now, is news. */
    heard: () => unheard.clear(),
    /** The names of those that the PBX has. */
    names,
    stop() {
      cancelDue?.()
      cancelMinute?.()
    },
  }
}
