/**
 * The way in: callers from outside whom the dialplan hands to the daemon, and who wait until it says where they go. What was
 * decided becomes part of the call once the PBX has taken it; the call may become known a moment later than the caller came.
 */
import { after, type Clock } from '../base/clock.js'
import type { EpochMs, LegId } from '../base/ids.js'
import type { Action } from '../pbx/actions.js'
import type { Fact, Handed } from '../pbx/facts.js'
import { NAMES } from '../pbx/names.js'
import { decideRoute, type Decision, type RouteRules } from '../routing/decide.js'
import type { Verdict } from './confirm.js'
import { callBy, type PbxState } from './state.js'

type Parts = {
  state: PbxState
  clock: Clock
  rules: RouteRules
  see: (facts: readonly Fact[]) => void
  /** Over ARI. */
  send: (action: Action) => Promise<Verdict>
  /** Waited for, when the daemon stops. */
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
}

/** A caller who is in no call by then never will be: the link by which calls are followed is down. */
const KNOWN_WITHIN_MS = 60_000

export function createInbound({ state, clock, rules, see, send, keepRunning }: Parts) {
  const routing = new Set<LegId>()
  const decided = new Map<LegId, { decision: Decision; until: EpochMs }>()

  async function route({ leg, given }: Handed) {
    if (routing.has(leg)) return
    routing.add(leg)
    const decision = decideRoute(rules, given)
    const context = decision.does === 'number' ? NAMES.goContext : NAMES.onContext
    const sent = await send({ do: 'go-on', leg, context, exten: decision.to ?? given })
    routing.delete(leg)
    // Where it came too late, the dialplan has gone on by itself, and says so.
    if (!sent.ok) return
    const now = clock.now()
    for (const [other, { until }] of decided) if (until < now) decided.delete(other)
    decided.set(leg, { decision, until: after(clock, KNOWN_WITHIN_MS) })
    look()
  }

  function look() {
    for (const [leg, { decision }] of decided) {
      const call = state.callOf.get(leg)
      const now = call && callBy(state, call)
      if (!now) continue
      decided.delete(leg)
      // By the PBX's clock, which ours may be ahead of: what it tells next is not to become later by this.
      see([{ type: 'call.routed', at: now.latestAt, leg, routing: decision }])
    }
  }

  return {
    see(facts: readonly Fact[]) {
      for (const fact of facts) {
        const callers = fact.type === 'caller.handed' ? [fact.caller] : fact.type === 'callers.seen' ? fact.callers : []
        for (const caller of callers) void keepRunning(route(caller))
      }
    },
    look,
  }
}
