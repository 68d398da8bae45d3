/**
 * What each agent did when: every stretch of time in one state, as the events of the log tell it, kept in Redis by agent and
 * by each day (UTC) that it touches, as long as the history is. Written twice, it is the same.
 */
import type { EpochMs } from '../base/ids.js'
import type { Activity } from '../events/agent.js'
import type { ActivityPage, ActivitySearch } from '../events/activity.js'
import { iso } from '../events/event.js'
import type { Keys } from '../store/keys.js'
import { asking, type RedisClient } from '../store/redis.js'
import { cursorOf, placeOf, type Place } from './cursor.js'
import type { Seal } from './seal.js'

const DAY_MS = 86_400_000
/** Of one stretch and of one question: nobody is in a state for longer. */
const MOST_DAYS = 400
/** How many questions go to Redis at once. */
const AT_ONCE = 500

type Parts = { redis: RedisClient; keys: Keys; seal: Seal; keepMs: number; now: () => EpochMs }
export type ActivityLog = ReturnType<typeof createActivity>

const dayOf = (at: number) => iso((at - (((at % DAY_MS) + DAY_MS) % DAY_MS)) as EpochMs).slice(0, 10)

function daysOf(from: number, to: number): string[] {
  const last = Math.max(from, to - 1)
  const count = Math.min(MOST_DAYS, Math.floor(last / DAY_MS) - Math.floor(from / DAY_MS) + 1)
  return Array.from({ length: count }, (_, i) => dayOf(from + i * DAY_MS))
}

export function createActivity({ redis, keys, seal, keepMs, now }: Parts) {
  const agentsOn = (day: string) => `${keys.history}a:${day}`
  const stretchesOf = (day: string, agent: string) => `${agentsOn(day)}:${agent}`

  async function write(stretches: readonly Activity[]) {
    if (stretches.length === 0) return
    const pipeline = redis.pipeline()
    for (const stretch of stretches) {
      const [from, to] = [Date.parse(stretch.from), Date.parse(stretch.to)]
      for (const day of daysOf(from, to)) {
        const until = Math.floor((Date.parse(day) + DAY_MS + keepMs) / 1_000)
        const [agents, own] = [agentsOn(day), stretchesOf(day, stretch.agent)]
        pipeline.zadd(agents, 0, stretch.agent).zadd(own, from, JSON.stringify(stretch))
        pipeline.expireat(agents, until).expireat(own, until)
      }
    }
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error
  }

  /** Several questions, in as few ways to Redis as is good for it. */
  async function all<T>(asks: readonly ((pipeline: ReturnType<RedisClient['pipeline']>) => unknown)[]): Promise<T[]> {
    const answers: T[] = []
    for (let i = 0; i < asks.length; i += AT_ONCE) {
      const pipeline = redis.pipeline()
      for (const ask of asks.slice(i, i + AT_ONCE)) ask(pipeline)
      for (const [error, answer] of (await asking(pipeline.exec())) ?? []) {
        if (error) throw error
        answers.push(answer as T)
      }
    }
    return answers
  }

  /** All that overlap with the time, each once, by their beginning. */
  async function within(from: EpochMs, to: EpochMs, agent?: string): Promise<Activity[]> {
    const days = daysOf(from, to)
    const agents =
      agent === undefined ? await all<string[]>(days.map(day => p => p.zrange(agentsOn(day), '0', '-1'))) : []
    const lists = days.flatMap((day, i) =>
      (agent === undefined ? (agents[i] ?? []) : [agent]).map(a => stretchesOf(day, a)),
    )
    const texts = await all<string[]>(lists.map(key => p => p.zrangebyscore(key, '-inf', `(${to}`)))
    const found = new Map<string, Activity>()
    for (const text of texts.flat()) found.set(text, JSON.parse(text) as Activity)
    return [...found.values()].filter(stretch => Date.parse(stretch.to) > from).sort(byBeginning)
  }

  async function find(query: ActivitySearch): Promise<ActivityPage> {
    const { agent, state, from, until = now(), order = 'newest', limit, after } = query
    const secret = await asking(seal())
    const place = after === undefined ? undefined : placeOf(secret, after, query)
    const sign = order === 'newest' ? -1 : 1
    const page: Activity[] = []
    // Day after day, so that a page does not cost more than the days that it is on.
    for (const day of ordered(daysOf(from, until), sign)) {
      const begin = Math.max(from, Date.parse(day)) as EpochMs
      const end = Math.min(until, Date.parse(day) + DAY_MS) as EpochMs
      if (place && (sign > 0 ? end <= place.start : dayOf(begin) > dayOf(Math.max(place.start, from)))) continue
      const found = (await within(begin, end, agent)).filter(
        // One of several days is on the first of them that was asked for.
        a => (Date.parse(a.from) >= begin || begin === from) && (state === undefined || a.state === state),
      )
      page.push(...ordered(found, sign).filter(a => !place || isBeyond(placeAt(a), place, sign)))
      if (page.length > limit) break
    }
    const items = page.slice(0, limit)
    const last = items.at(-1)
    return { items, ...(last && page.length > limit && { next: cursorOf(secret, placeAt(last), query) }) }
  }

  return { write, find, within }
}

const placeAt = ({ from, agent }: Activity): Place => ({ start: Date.parse(from), serial: agent })
const byBeginning = (a: Activity, b: Activity) =>
  Date.parse(a.from) - Date.parse(b.from) ||
  (a.agent < b.agent ? -1 : a.agent > b.agent ? 1 : Date.parse(a.to) - Date.parse(b.to))
const ordered = <T>(items: readonly T[], sign: number) => (sign > 0 ? [...items] : [...items].reverse())
const isBeyond = (a: Place, b: Place, sign: number) =>
  (a.start === b.start ? (a.serial < b.serial ? -1 : a.serial > b.serial ? 1 : 0) : a.start - b.start) * sign > 0
