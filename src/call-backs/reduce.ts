/**
 * One who is to be called back: how far that is, and what is to be done next. Pure: facts of the call that is made for them come in as
 * what it shows.
 */
import type { CallId, EpochMs } from '../base/ids.js'
import type { AttemptOutcome, CallBackState, CallBackView } from '../events/call-back.js'
import type { Party } from '../events/call-parts.js'
import { iso } from '../events/event.js'

export type CallBack = {
  id: string
  state: CallBackState
  party: Party
  /** What is dialled. */
  number: string
  queue: string
  position: number
  call: CallId
  at: EpochMs
  revision: number
  attempts: { at: EpochMs; call: CallId; outcome?: AttemptOutcome }[]
  nextAt?: EpochMs
  doneAt?: EpochMs
  doneBy?: string
}

export type CallBackRules = {
  /** How often an agent is to have tried. */
  attempts: number
  retryMs: number
  /** Without one, at any time. */
  calendar?: string
}

/** What the call of an attempt shows. `gone`: the PBX has no such call. */
export type Shown = { agent: boolean; talked: boolean; ended: boolean; gone?: true }

export const isOver = ({ state }: Pick<CallBack, 'state'>) =>
  state === 'done' || state === 'failed' || state === 'cancelled'

const next = (was: CallBack, change: Partial<CallBack>): CallBack => ({ ...was, ...change, revision: was.revision + 1 })

/** They are put into the queue. */
export function placed(was: CallBack, call: CallId, at: EpochMs): CallBack {
  const { nextAt: _, ...rest } = was
  return next(rest, { state: 'waiting', attempts: [...was.attempts, { at, call }] })
}

/** They are to wait in another queue: nobody there has tried. */
export function moved(was: CallBack, queue: string, at: EpochMs): CallBack {
  const left = was.attempts.at(-1)?.outcome === undefined ? outcome(was, 'no-agent') : was
  return next(left, { state: 'pausing', queue, nextAt: at })
}

/** They could not be put there. */
export const notPlaced = (was: CallBack, rules: CallBackRules, at: EpochMs): CallBack =>
  next(was, { state: 'pausing', nextAt: (at + rules.retryMs) as EpochMs })

export function looked(was: CallBack, shown: Shown, rules: CallBackRules, at: EpochMs): CallBack {
  const last = was.attempts.at(-1)
  if (!last || last.outcome !== undefined || isOver(was)) return was
  if (shown.talked) return closed(outcome(was, 'talked'), 'done', at)
  if (!shown.ended) return shown.agent && was.state === 'waiting' ? next(was, { state: 'calling' }) : was
  const tried = outcome(was, shown.gone ? 'lost' : shown.agent ? 'no-answer' : 'no-agent')
  // That no agent was there is not the caller's fault.
  const counted = tried.attempts.filter(a => a.outcome !== 'no-agent').length
  if (counted >= rules.attempts) return closed(tried, 'failed', at)
  return next(tried, { state: 'pausing', nextAt: (shown.gone ? at : at + rules.retryMs) as EpochMs })
}

export const cancelled = (was: CallBack, at: EpochMs, by: string): CallBack =>
  isOver(was) ? was : closed({ ...was, doneBy: by }, 'cancelled', at)

const outcome = (was: CallBack, what: AttemptOutcome): CallBack => {
  const last = was.attempts.at(-1)
  return last ? { ...was, attempts: was.attempts.with(-1, { ...last, outcome: what }) } : was
}

function closed(was: CallBack, state: CallBackState, at: EpochMs): CallBack {
  const { nextAt: _, ...rest } = was
  return next(rest, { state, doneAt: at })
}

export function viewCallBack(pbx: string, { id, number: _, at, attempts, nextAt, doneAt, ...rest }: CallBack): CallBackView {
  return {
    ...rest,
    id: `${pbx}:${id}`,
    pbx,
    at: iso(at),
    attempts: attempts.map(a => ({ ...a, at: iso(a.at) })),
    ...(nextAt !== undefined && { nextAt: iso(nextAt) }),
    ...(doneAt !== undefined && { doneAt: iso(doneAt) }),
  }
} // prettier-ignore
