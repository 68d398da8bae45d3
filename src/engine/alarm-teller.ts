/** Looks at queues whose workgroups want alarms: when they change, and when time alone may change something. Touches the clock. */
import type { Clock } from '../base/clock.js'
import type { EpochMs } from '../base/ids.js'
import type { AlarmView } from '../events/alarm.js'
import { alarmEvent, iso, type PublicEvent } from '../events/event.js'
import { nextLook, NO_VALUES, reduceAlarms, unwatched, type Alarm, type Values } from '../queues/alarms.js'
import type { Queue } from '../queues/state.js'
import { talliesAt } from '../queues/tally.js'
import { numbersOf, phonesIn } from '../queues/view.js'
import { extensionOfMember } from '../calls/phones.js'
import type { Site } from '../calls/site.js'
import { createNamedTimers } from './named-timers.js'
import { isAlarms, type PbxState, type StoredAlarms, type StoredThing } from './state.js'

/** Under which name they are stored. */
export const alarmsKey = (queue: string) => `alarms/${queue}`

export function storedAlarms(state: PbxState, queue: string): StoredAlarms | undefined {
  const [up, revisions] = [state.alarms.get(queue), state.alarmRevisions.get(queue)]
  return up || revisions
    ? { id: alarmsKey(queue), alarms: [...(up ?? [])], ...(revisions && { revisions }) }
    : undefined
}

export function restoreAlarms(state: PbxState, stored: Iterable<StoredThing>) {
  for (const { id, alarms, revisions } of [...stored].filter(isAlarms)) {
    const name = state.queues.nameOf(id.slice('alarms/'.length))
    if (alarmsKey(name) !== id) state.stale.push(id)
    state.alarms.set(name, alarms)
    if (revisions) state.alarmRevisions.set(name, revisions)
  }
}

type Parts = { site: Site; state: PbxState; clock: Clock; tell: (queue: string) => void }

export function createAlarmTeller({ site, state, clock, tell }: Parts) {
  const timers = createNamedTimers(clock, tell)

  const viewed = (queue: string, alarm: Alarm): AlarmView => ({
    id: `${site.pbx}:${queue}:${alarm.kind}`,
    pbx: site.pbx,
    revision: state.alarmRevisions.get(queue)?.[alarm.kind] ?? 0,
    queue,
    kind: alarm.kind,
    threshold: alarm.threshold,
    value: alarm.value,
    raisedAt: iso(alarm.raisedAt),
  })

  /** As it is published now, for the first time or once more. */
  function published(queue: string, alarm: Alarm): AlarmView {
    const revisions = state.alarmRevisions.get(queue)
    state.alarmRevisions.set(queue, { ...revisions, [alarm.kind]: (revisions?.[alarm.kind] ?? 0) + 1 })
    return viewed(queue, alarm)
  }

  function look(name: string): { events: PublicEvent[]; changed: boolean } {
    const none = { events: [], changed: false }
    const queue = state.queues.get(name)
    // Of a queue that the PBX does not have there is nothing to be alarmed about.
    const known = queue?.strategy === undefined ? undefined : queue
    const thresholds = (known && state.directory.workgroups.get(name)?.alarms) ?? {}
    const was = state.alarms.get(name) ?? []
    // Of a PBX that is away nothing is known.
    if (state.downSince !== undefined) return none
    if (was.length === 0 && Object.keys(thresholds).length === 0) return none
    const at = clock.now()
    const since = known?.waiting.reduce<EpochMs | undefined>(
      (a, w) => (a === undefined || w.joinedAt < a ? w.joinedAt : a),
      undefined,
    )
    const values = known ? valuesOf(known, since, at) : NO_VALUES
    const { up, raised, changed, cleared } = reduceAlarms(was, thresholds, values, at)
    timers.set(name, nextLook(up, thresholds, values, since, at))
    if (up === was) return none
    state.alarms.set(name, up)
    return {
      events: [
        ...raised.map(alarm => alarmEvent('alarm.raised', at, published(name, alarm))),
        ...changed.map(alarm => alarmEvent('alarm.changed', at, published(name, alarm))),
        ...cleared.map(alarm => alarmEvent('alarm.cleared', at, { ...published(name, alarm), clearedAt: iso(at) })),
      ],
      changed: true,
    }
  }

  function valuesOf(queue: Queue, since: EpochMs | undefined, at: EpochMs): Values {
    const { serviceLevel } = numbersOf(talliesAt(queue, at, site.counting.timeZone).recent)
    return {
      waiting: queue.waiting.length,
      longestWaitMs: since === undefined ? 0 : at - since,
      ...(serviceLevel === undefined ? {} : { serviceLevel }),
      readyAgents: phonesIn(queue, member => extensionOfMember(site, member)).filter(state => state === 'ready').length,
    }
  }

  /** The PBX was away, or the daemon was; the queues that have to be looked at, for no timer did. */
  function resumed(): ReadonlySet<string> {
    for (const [name, up] of state.alarms) state.alarms.set(name, unwatched(up))
    const wanted = [...state.directory.workgroups.values()].filter(({ alarms }) => alarms !== undefined)
    return new Set([...state.alarms.keys(), ...wanted.map(({ id }) => id)])
  }

  return {
    look,
    resumed,
    views: (): AlarmView[] => [...state.alarms].flatMap(([name, up]) => up.map(alarm => viewed(name, alarm))),
    stop: timers.cancel,
  }
}
