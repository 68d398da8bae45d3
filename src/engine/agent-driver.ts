/**
 * Sees to it that the queues have at each agent's phone what they should: looks at what differs, asks the PBX for it, waits
 * until its events show it, and looks again. Whatever led to the difference (a command, a call, a wrap-up that is over, a
 * PBX that was started again), the way back is the same. Touches the clock and the link.
 */
import { isDeepStrictEqual } from 'node:util'
import { actionsFor, desiredOf, isMet, sentBy } from '../agents/desired.js'
import type { AgentFact } from '../agents/reduce.js'
import { after, type Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import type { EpochMs } from '../base/ids.js'
import type { Action } from '../pbx/actions.js'
import type { Link } from '../pbx/link.js'
import { createNamedTimers } from './named-timers.js'
import { isPbxUp, skillsInPbx } from './agents.js'
import type { PbxState } from './state.js'

/** How soon what could not be had is tried again. */
const RETRY_MS = 5_000

type Parts = {
  state: PbxState
  link: Pick<Link, 'send' | 'status' | 'queues'>
  clock: Clock
  newId: () => string
  withinMs: number
  tell: (staff: string, fact: AgentFact) => void
  failed: (staff: string, code: ErrorCode) => void
}

export function createAgentDriver({ state, link, clock, newId, withinMs, tell, failed }: Parts) {
  const driving = new Map<string, { look: () => void }>()
  // A clock that was set back meanwhile says less: what was waited for has come all the same.
  const timers = createNamedTimers(clock, (staff, at) =>
    tell(staff, { type: 'time.came', at: Math.max(at, clock.now()) as EpochMs }),
  )
  const retries = new Set<() => void>()
  let stopped = false

  const agentOf = (staff: string) => state.agents.get(staff)
  const wanted = (staff: string) => {
    const agent = agentOf(staff)
    const desired = agent && desiredOf(agent, skillsInPbx(state, staff))
    return agent && desired ? { agent, desired } : undefined
  }

  /** Whether the queues differ from what was known: the PBX does not report members that a reload has added or removed. */
  async function areOtherwise(staff: string, asked: readonly Action[]): Promise<boolean> {
    await link.queues?.()
    const now = wanted(staff)
    return !now || !isDeepStrictEqual(actionsFor(now.agent, now.desired), asked)
  }

  async function drive(staff: string) {
    let look: () => void = () => undefined
    let isRead = false
    driving.set(staff, { look: () => look() })
    try {
      for (;;) {
        const now = wanted(staff)
        if (stopped || !now || link.status().state !== 'ready' || !isPbxUp(state)) return
        const actions = actionsFor(now.agent, now.desired)
        if (actions.length === 0) {
          if (!now.agent.away) return
          tell(staff, { type: 'pbx.back', at: clock.now() })
          continue
        }
        // What is sent is waited for before anything else is: then whatever the PBX shows beside it, another program has done.
        const sending = sentBy(now.agent, actions)
        state.sent.set(staff, sending)
        const changed = new Promise<void>(resolve => {
          look = () => {
            if (stopped || sending.size === 0 || !wanted(staff)) resolve()
          }
        })
        const sent = await Promise.all(actions.map(action => link.send(action, newId())))
        const refused = sent.find(result => !result.ok)
        look()
        const code = refused ? refused.error : await inTime(changed)
        look = () => undefined
        state.sent.delete(staff)
        if (code === undefined) continue
        const isFirst = !isRead && code !== 'PBX_DOWN'
        isRead = true
        if (isFirst && (await areOtherwise(staff, actions))) continue
        if (!gaveUp(staff, code)) return
      }
    } finally {
      driving.delete(staff)
      state.sent.delete(staff)
    }
  }

  /** Whether there is more to be done at once. */
  function gaveUp(staff: string, code: ErrorCode): boolean {
    const agent = agentOf(staff)
    if (agent?.asking) {
      failed(staff, code)
      tell(staff, { type: 'asking.failed', at: clock.now() })
      return true
    }
    // As it is, it is at least known.
    if (agent?.away && code !== 'PBX_DOWN') tell(staff, { type: 'pbx.back', at: clock.now() })
    const retry = clock.wake(after(clock, RETRY_MS), () => {
      retries.delete(retry)
      look(staff)
    })
    retries.add(retry)
    return false
  }

  async function inTime(changed: Promise<void>): Promise<ErrorCode | undefined> {
    let cancel = () => {}
    const late = new Promise<ErrorCode>(resolve => {
      cancel = clock.wake(after(clock, withinMs), () => resolve('PBX_SILENT'))
    })
    return Promise.race([changed.then(() => undefined), late]).finally(() => cancel())
  }

  function look(staff: string) {
    const agent = agentOf(staff)
    if (stopped || !agent) return
    const { wrapUp, phoneGoneAt } = agent
    timers.set(staff, earliest(wrapUp?.over || wrapUp?.codeRequired ? undefined : wrapUp?.until, phoneGoneAt))
    const busy = driving.get(staff)
    if (busy) return busy.look()
    const now = wanted(staff)
    if (now && (now.agent.away || !isMet(now.agent, now.desired, 'all'))) void drive(staff)
  }

  return {
    /** Something about this agent is not as it was. */
    look,
    stop: () => {
      stopped = true
      timers.cancel()
      for (const cancel of retries) cancel()
      for (const { look: wake } of driving.values()) wake()
    },
  }
}

const earliest = (a: EpochMs | undefined, b: EpochMs | undefined) =>
  a === undefined || (b !== undefined && b < a) ? b : a
