/**
 * Callers who are to be called back at their turn. Each waits in the queue by a pair of channels of the PBX's own, which goes on by
 * itself: when an agent answers, the number is dialled (`aladdin-callback` in the dialplan). Here it is begun, followed and tried again.
 */
import { after, type Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import { callId, type CallId, type EpochMs, type LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { cancelled, isOver, looked, moved, notPlaced, placed, viewCallBack, type CallBack, type CallBackRules, type Shown } from '../call-backs/reduce.js' // prettier-ignore
import { partyOf, type Site } from '../calls/site.js'
import { isParty, type Call } from '../calls/state.js'
import type { CallBackEventType, CallBackView } from '../events/call-back.js'
import type { Right } from '../events/directory.js'
import { callBackEvent } from '../events/event.js'
import { keyOf, keyOfCaller, keyOfParty, readNumber } from '../numbers/read.js'
import type { Action } from '../pbx/actions.js'
import type { Fact } from '../pbx/facts.js'
import type { Link } from '../pbx/link.js'
import { NAMES, OWN_LEG } from '../pbx/names.js'
import { askerOf, type Asker } from './agent-commands.js'
import { callBackKey, callBy, promise, type PbxState, type Push } from './state.js'

export type CallBackAsked = { leg: LegId; number: string; queue: string; position: string }

type Parts = {
  site: Site
  state: PbxState
  clock: Clock
  rules: CallBackRules
  isOpen: (calendar: string, at: EpochMs) => boolean
  /** What is dialled for a number; undefined where it may not be. */
  dialOf: (number: string) => string | undefined
  link: Pick<Link, 'send'>
  newId: () => string
  push: Push
  note: (call: CallId, data: Record<string, string>) => Promise<unknown>
  settled: () => Promise<void>
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
  isStopping: () => boolean
  may: (by: Asker, right: Right) => ErrorCode | undefined
}

/** Those that are over stay to be asked for. */
export const MOST_OVER = 1_000
const LOOK_EVERY_MS = 1_000
const NORMAL = 16

export function createCallBacks(parts: Parts) {
  const { site, state, clock, rules, isOpen, dialOf, link, newId, push, note, settled, keepRunning, isStopping, may } = parts
  const { callBacks } = state
  let watching: (() => void) | undefined
  const view = (one: CallBack) => viewCallBack(site.pbx, one)
  /** Beside the many that are over: facts come by the thousand. */
  const opened = new Set([...callBacks.values()].filter(one => !isOver(one)).map(({ id }) => id))
  const open = () => [...opened].flatMap(id => callBacks.get(id) ?? [])
  const isTime = (at: EpochMs) => rules.calendar === undefined || isOpen(rules.calendar, at)

  function keep(one: CallBack, told: CallBackEventType) {
    callBacks.set(one.id, one)
    push([callBackEvent(told, clock.now(), view(one))], [[callBackKey(one.id), { id: callBackKey(one.id), callBack: one }]])
    if (isOver(one)) {
      opened.delete(one.id)
      forgetOldest()
    } else opened.add(one.id)
    watch()
  }

  function changed(was: CallBack, now: CallBack) {
    if (now === was) return
    keep(now, isOver(now) ? 'call-back.closed' : 'call-back.changed')
    if (!isOver(now)) return
    const last = now.attempts.at(-1)
    const data = { callBackState: now.state, ...(last && now.state === 'done' && { callBackCall: last.call }) }
    void keepRunning(note(now.call, data))
  }

  function forgetOldest() {
    const over = [...callBacks.values()].filter(isOver)
    for (const { id } of over.slice(0, Math.max(0, over.length - MOST_OVER))) {
      callBacks.delete(id)
      push([], [[callBackKey(id), undefined]])
    }
  }

  const sent = (action: Action) => link.send(action, newId())

  /** The pair of channels that waits for them. */
  async function letGo({ attempts }: CallBack) {
    const waiting = attempts.at(-1)
    if (waiting) await sent({ do: 'hangup', leg: waiting.call.slice(site.pbx.length + 1) as LegId, causeQ850: NORMAL })
  }

  /** Into the queue: at their place the first time, in front when it is tried again. */
  async function place(was: CallBack, send: (action: Action, call: CallId) => Promise<Result<unknown, ErrorCode>> = sent): Promise<Result<unknown, ErrorCode>> {
    const leg = `${OWN_LEG}${newId()}` as LegId
    const call = callId(site.pbx, leg)
    const now = placed(was, call, clock.now())
    promise(state, call, { data: { callBackOf: was.call } })
    // Before it is sent: a daemon that dies right after must not do it once more.
    changed(was, now)
    await settled()
    // Cancelled meanwhile.
    if (callBacks.get(was.id) !== now) return no('CALL_BACK_STATE')
    const { number: from = '' } = [...state.directory.workgroups.values()].find(w => w.id === was.queue) ?? {}
    const action: Action = {
      do: 'originate',
      leg,
      endpoint: `Local/${was.number}@${NAMES.callBackContext}`,
      context: NAMES.callBackQueueContext,
      exten: 's',
      callerId: was.number,
      ringForMs: 10_000,
      variables: {
        ALADDIN_QUEUE: was.queue,
        ALADDIN_POSITION: String(was.attempts.length === 0 ? was.position : 1),
        ...(/^[0-9*#]+$/.test(from) && { ALADDIN_FROM: from }),
      },
    }
    const done = await send(action, call)
    if (done.ok || done.error === 'PBX_SILENT') return done
    const kept = callBacks.get(was.id)
    if (kept === now) changed(now, notPlaced({ ...now, attempts: was.attempts }, rules, clock.now()))
    return done
  }

  function look() {
    const at = clock.now()
    for (const one of open()) {
      if (one.state === 'pausing') {
        if ((one.nextAt ?? 0) <= at && isTime(at) && state.downSince === undefined && !isStopping()) void keepRunning(place(one))
        continue
      }
      const last = one.attempts.at(-1)
      if (last) changed(one, looked(one, shownBy(one, last), rules, at))
    }
  }

  /** A call of which nothing is known yet may be on its way. */
  function shownBy(one: CallBack, last: { call: CallId; at: EpochMs }): Shown {
    const call = callBy(state, last.call)
    if (!call) return { agent: false, talked: false, ended: state.downSince === undefined && clock.now() > last.at + KNOWN_WITHIN_MS, gone: true }
    const agent = call.queues.some(visit => visit.outcome === 'answered' || visit.answeredBy !== undefined || isTaken(call, visit))
    return { agent, talked: isTalk(call, one.number), ended: call.progress.state === 'ended' }
  }

  /** While somebody is to be called back: time alone may change something, too. */
  function watch() {
    if (watching || opened.size === 0 || isStopping()) return
    watching = clock.wake(after(clock, LOOK_EVERY_MS), () => {
      watching = undefined
      look()
      watch()
    })
  }

  /** Nothing comes of it; whoever waits for it in the queue, does so no more. Refused where somebody talks for it already. */
  async function cancel(id: string, by: Asker): Promise<Result<CallBackView, ErrorCode>> {
    if (isStopping()) return no('STOPPING')
    const forbidden = may(by, 'callers')
    if (forbidden) return no(forbidden)
    const one = callBacks.get(id.slice(site.pbx.length + 1))
    if (!one) return no('CALL_BACK_NOT_FOUND')
    if (one.state === 'calling' || isOver(one)) return no('CALL_BACK_STATE')
    const now = cancelled(one, clock.now(), askerOf(by))
    changed(one, now)
    if (one.state === 'waiting') await letGo(one)
    await settled()
    return ok(view(now))
  }

  /** The one for whom a call waits in a queue. */
  const waitingBy = (call: CallId): CallBackView | undefined => {
    const one = open().find(({ state, attempts }) => state === 'waiting' && attempts.at(-1)?.call === call)
    return one && view(one)
  }

  return {
    /** From a menu: undefined when they will be called back, else why not. */
    ask: async ({ leg, number: shown, queue, position }: CallBackAsked, at: EpochMs): Promise<string | undefined> => {
      const call = state.callOf.get(leg)
      const from = call && callBy(state, call)?.from
      // What a trunk shows is not always how it is dialled.
      const key = from && (from.extension === undefined ? keyOfCaller : keyOfParty)(site, from)
      const isOwn = from !== undefined && readNumber(site, shown, 'caller')?.key === key
      const number = isOwn ? (from.e164 ?? from.number) : shown
      // Somebody outside may show what would be dialled as an extension, or as another number behind the dial prefix.
      if (isOwn && from.extension === undefined && (site.extension.test(number) || keyOf(site, number) !== key)) return 'not-allowed'
      const dials = dialOf(number)
      if (dials === undefined) return 'not-allowed'
      if (call === undefined || !state.queues.has(queue)) return 'unknown'
      if (!isTime(at)) return 'closed'
      const party = partyOf(site, number)
      const same = open().find(one => one.queue === queue && one.number === dials)
      if (same) return undefined
      const id = newId()
      const one: CallBack = { id, state: 'pausing', party, number: dials, queue, position: Math.max(1, Math.trunc(Number(position)) || 1), call, at, revision: 1, attempts: [], nextAt: at }
      keep(one, 'call-back.opened')
      const placing = place(one)
      void keepRunning(note(call, { callBack: `${site.pbx}:${id}`, callBackState: 'open' }))
      await placing
      return undefined
    },
    see(facts: readonly Fact[]) {
      if (opened.size > 0 && facts.length > 0) look()
    },
    begin: watch,
    /** What commands about callers who wait do with them. */
    forCallers: {
      waitingBy,
      /** Into another queue, in front. `send` has the PBX do it, and waits until the call is there. */
      async move(id: string, queue: string, send: (action: Action, call: CallId) => Promise<Result<unknown, ErrorCode>>): Promise<Result<void, ErrorCode>> {
        const was = callBacks.get(id.slice(site.pbx.length + 1))
        if (!was || was.state !== 'waiting') return no('CALL_BACK_STATE')
        if (open().some(one => one !== was && one.queue === queue && one.number === was.number)) return no('CALL_BACK_STATE')
        await letGo(was)
        const now = callBacks.get(was.id)
        if (!now || now.state === 'calling' || isOver(now)) return no('CALL_BACK_STATE')
        const away = moved(now, queue, clock.now())
        changed(now, away)
        const done = await place(away, send)
        return done.ok ? ok(undefined) : done
      },
      cancel,
    },
    stop: () => watching?.(),
    asked: {
      waitingBy,
      async list(isOpen: boolean): Promise<CallBackView[]> {
        await settled()
        return [...callBacks.values()].filter(one => isOver(one) !== isOpen).map(view)
      },
      one(id: string): CallBackView | undefined {
        const one = callBacks.get(id.slice(site.pbx.length + 1))
        return one && view(one)
      },
      cancel,
    },
  }
} // prettier-ignore

/** By command, to the phone of an agent, who has answered. */
const isTaken = (call: Call, { outcome }: Pick<Call['queues'][number], 'outcome'>) =>
  outcome === 'withdrawn' &&
  call.legs.some(leg => isParty(leg) && leg.extension !== undefined && leg.answeredAt !== undefined)

const KNOWN_WITHIN_MS = 15_000

/** An agent, and whoever is to be called back: both have answered. */
function isTalk(call: Call, number: string): boolean {
  const people = call.legs.filter(leg => isParty(leg) && leg.answeredAt !== undefined)
  return people.length > 1 && people.some(leg => leg.trunk !== undefined || leg.number === number || leg.dialled === number)
} // prettier-ignore
