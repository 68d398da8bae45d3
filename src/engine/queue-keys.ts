/** Callers who have pressed a key while they waited in a queue: they are led through the menu of that key, or wait on at their place. */
import type { EpochMs, LegId } from '../base/ids.js'
import type { Action } from '../pbx/actions.js'
import type { Fact, Handed } from '../pbx/facts.js'
import { NAMES } from '../pbx/names.js'
import type { Verdict } from './confirm.js'
import type { Ivr } from './ivr.js'
import { callBy, type PbxState } from './state.js'

/** By the queue, and then by the key: the name of a menu. */
export type QueueKeys = ReadonlyMap<string, Readonly<Record<string, string>>>

type Parts = {
  state: PbxState
  keys: QueueKeys
  ivr: Pick<Ivr, 'begin' | 'resume' | 'held'>
  isMenu: (name: string) => boolean
  send: (action: Action) => Promise<Verdict>
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
}

const MOST_CHARS = 200

/** `given` is the key, the place and the queue: `1/3/sales`. */
export function createQueueKeys({ state, keys, ivr, isMenu, send, keepRunning }: Parts) {
  const dialledIn = (leg: LegId) => {
    const id = state.callOf.get(leg)
    return (id && callBy(state, id)?.to.number) ?? ''
  }

  async function pressed({ leg, given, caller }: Handed, at: EpochMs) {
    // Whoever was in that menu when the daemon went away, goes on there.
    if (ivr.held().includes(leg) || ivr.resume(leg, at)) return
    const [key = '', position = '', ...rest] = given.split('/')
    const queue = rest.join('/')
    const menus = keys.get(queue) ?? {}
    const menu = Object.hasOwn(menus, key) ? menus[key] : undefined
    const variables = { caller: caller.number.slice(0, MOST_CHARS), dialled: dialledIn(leg), queue, position }
    const begun = menu !== undefined && isMenu(menu) && (await ivr.begin(leg, menu, variables, at)).ok
    if (!begun) await send({ do: 'go-on', leg, context: NAMES.queueBackContext, exten: 's' })
  }

  const hear = (callers: readonly Handed[], at: EpochMs) => {
    for (const caller of callers) if (caller.way === 'key') void keepRunning(pressed(caller, at))
  }

  return {
    see(facts: readonly Fact[]) {
      for (const fact of facts) {
        if (fact.type === 'caller.handed') hear([fact.caller], fact.at)
        if (fact.type === 'callers.seen') hear(fact.callers, fact.at)
      }
    },
  }
}
