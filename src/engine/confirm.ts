/** Sends an action and waits for the fact that proves or refutes it. Silence is a value. */
import { after, type Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import { no, type Result } from '../base/result.js'
import type { Action } from '../pbx/actions.js'
import type { Fact } from '../pbx/facts.js'
import type { Link } from '../pbx/link.js'

export type Verdict = Result<void, ErrorCode>
export type Judge = (fact: Fact) => Verdict | undefined
/** Shows every fact after it has been applied; the function that comes back ends it. */
export type Watch = (see: (fact: Fact) => void) => () => void

/** `taken`: to be done once the PBX has taken the action. */
type Sending = {
  link: Pick<Link, 'send'>
  watch: Watch
  clock: Clock
  withinMs: number
  taken?: (() => void) | undefined
}

/** Listens first, so that a fast PBX is not missed. */
export async function confirm(sending: Sending, action: Action, actionId: string, judge: Judge): Promise<Verdict> {
  const { link, watch, clock, withinMs, taken } = sending
  const undo: (() => void)[] = []
  const settled = new Promise<Verdict>(settle => {
    undo.push(
      watch(fact => {
        const verdict = judge(fact)
        if (verdict) settle(verdict)
      }),
      clock.wake(after(clock, withinMs), () => settle(no('PBX_SILENT'))),
    )
  })
  const refused = link.send(action, actionId).then(sent => {
    if (!sent.ok) return sent
    taken?.()
    return settled
  })
  try {
    return await Promise.race([settled, refused])
  } finally {
    for (const end of undo) end()
  }
}
