/**
 * When a queue is worth an alarm. It is raised as soon as a value is on the wrong side of its threshold, and cleared when it
 * has been on the right side for ten seconds without a break: a value that flutters raises one alarm. While it is up, its
 * value follows the queue. Pure.
 */
import type { EpochMs } from '../base/ids.js'
import type { AlarmKind } from '../events/alarm.js'
import type { Workgroup } from '../events/directory.js'

export const CLEAR_AFTER_MS = 10_000
/** Between two values of an alarm. */
export const FOLLOW_EVERY_MS = 1_000
/** A wait grows all the time. */
export const GROW_EVERY_MS = 10_000

export type Thresholds = NonNullable<Workgroup['alarms']>
/** What is looked at; no service level where nobody was offered of late. */
export type Values = { waiting: number; longestWaitMs: number; serviceLevel?: number; readyAgents: number }
/** Of a queue that the PBX does not have. */
export const NO_VALUES: Partial<Values> = {}

/** An alarm that is up. `goodSince`: since when it need not be; `valueAt`: when its value last changed. */
export type Alarm = {
  kind: AlarmKind
  threshold: number
  value: number
  raisedAt: EpochMs
  valueAt?: EpochMs
  goodSince?: EpochMs
}

/** `changed`: up as before, with another value. */
export type AlarmStep = {
  up: readonly Alarm[]
  raised: readonly Alarm[]
  changed: readonly Alarm[]
  cleared: readonly Alarm[]
}

const KINDS = ['waiting', 'longestWaitMs', 'serviceLevel', 'readyAgents'] as const

export function reduceAlarms(
  was: readonly Alarm[],
  thresholds: Thresholds,
  values: Partial<Values>,
  at: EpochMs,
): AlarmStep {
  const raised: Alarm[] = []
  const cleared: Alarm[] = []
  const up = KINDS.flatMap(kind => {
    const [threshold, value, before] = [thresholds[kind], values[kind], was.find(a => a.kind === kind)]
    const bad = threshold !== undefined && value !== undefined && isBad(kind, value, threshold)
    if (!before) {
      if (!bad) return []
      const alarm: Alarm = { kind, threshold, value, raisedAt: at }
      raised.push(alarm)
      return [alarm]
    }
    const now = followed(before, value, at)
    const { goodSince, ...alarm } = now
    if (bad) return [goodSince === undefined ? now : alarm]
    const since = goodSince ?? at
    // Without a threshold nobody wants to be alarmed any more.
    if (threshold !== undefined && at - since < CLEAR_AFTER_MS)
      return [goodSince === undefined ? { ...alarm, goodSince: since } : now]
    cleared.push({ ...alarm, value: value ?? alarm.value })
    return []
  })
  const changed = up.filter(({ kind, value }) => was.some(before => before.kind === kind && before.value !== value))
  const same = raised.length === 0 && cleared.length === 0 && up.every((alarm, i) => alarm === was[i])
  return { up: same ? was : up, raised, changed, cleared }
}

const followed = (alarm: Alarm, value: number | undefined, at: EpochMs): Alarm =>
  value === undefined || value === alarm.value || at < dueAt(alarm, value) ? alarm : { ...alarm, value, valueAt: at }

/** When this alarm may have this value. */
function dueAt({ kind, value: was, raisedAt, valueAt = raisedAt }: Alarm, value: number) {
  return valueAt + (kind === 'longestWaitMs' && value >= was ? GROW_EVERY_MS : FOLLOW_EVERY_MS)
}

/** Whether all was well meanwhile is not known: it has to be well anew. */
export const unwatched = (up: readonly Alarm[]): readonly Alarm[] =>
  up.some(({ goodSince }) => goodSince !== undefined) ? up.map(({ goodSince: _, ...alarm }) => alarm) : up

/** Too many wait, for too long; too few are in time, or ready. */
const isBad = (kind: AlarmKind, value: number, threshold: number) =>
  kind === 'waiting' || kind === 'longestWaitMs' ? value >= threshold : value < threshold

/**
 * When time alone may change something: somebody has waited for long enough, or all has been well for long enough, or the value
 * of an alarm is due.
 */
export function nextLook(
  up: readonly Alarm[],
  { longestWaitMs, serviceLevel }: Thresholds,
  values: Partial<Values>,
  waitingSince: EpochMs | undefined,
  at: EpochMs,
): EpochMs | undefined {
  const grows = (alarm: Alarm) => alarm.kind === 'longestWaitMs' && waitingSince !== undefined
  const due = up.flatMap(alarm => {
    const value = values[alarm.kind]
    return value !== undefined && (value !== alarm.value || grows(alarm)) ? [dueAt(alarm, value)] : []
  })
  const times = [
    ...due,
    ...up.flatMap(({ goodSince }) => (goodSince === undefined ? [] : [goodSince + CLEAR_AFTER_MS])),
    ...(longestWaitMs !== undefined && waitingSince !== undefined ? [waitingSince + longestWaitMs] : []),
    ...(serviceLevel === undefined ? [] : [at + 60_000]),
  ].filter(time => time > at)
  return times.length === 0 ? undefined : (Math.min(...times) as EpochMs)
}
