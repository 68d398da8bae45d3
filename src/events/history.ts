/** What can be asked of the history, and what it answers: one shape for the API that asks and the search that answers. */
import type { EpochMs } from '../base/ids.js'
import type { CallView, Direction, Outcome } from './call.js'

export const ORDERS = ['newest', 'oldest'] as const

/** All that are given must be so. */
export type HistorySearch = {
  /** Of the call's start; `from` included, `until` not. */
  from?: EpochMs
  until?: EpochMs
  extension?: string
  /** In any notation that means the same number. */
  number?: string
  /** `number` is that of somebody outside: a phone of the site with the same number is another. */
  outside?: true
  /** A staff id. */
  agent?: string
  /** The name that a queue has for its member. */
  member?: string
  queue?: string
  direction?: Direction
  outcome?: Outcome
  tag?: string
  /** Calls after which this survey was made, or was to be. */
  survey?: string
  /** Calls with this wrap-up code. */
  wrapUp?: string
  /** By the call's start; the newest first if left out. */
  order?: (typeof ORDERS)[number]
  limit: number
  /** `next` of the page before. */
  after?: string
}

/** `next` is there when there may be more. */
export type HistoryPage = { calls: CallView[]; next?: string }
