/**
 * Tells of a call from outside that rings at a phone, with what the history has of the number: once for each phone, also
 * after a restart. The history is asked for a moment only; a pop-up that comes without it is better than one that comes late.
 */
import { inTime, type Clock } from '../base/clock.js'
import type { CallId, LegId } from '../base/ids.js'
import { customerOf, popOf, unoffered } from '../calls/pop.js'
import type { Site } from '../calls/site.js'
import type { Call } from '../calls/state.js'
import type { Area } from '../events/area.js'
import type { CallView } from '../events/call.js'
import type { Pop } from '../events/pop.js'
import type { Fact } from '../pbx/facts.js'
import { callBy, type PbxState } from './state.js'

/** So long the history may take. */
const PATIENCE_MS = 300

/** Where to go with a pop-up, by the names of the configuration. */
export type PopLinks = (call: Call, pop: Omit<Pop, 'links'>) => Record<string, string>

type Past = Promise<readonly CallView[] | undefined>

type Parts = {
  state: PbxState
  site: Site
  clock: Clock
  see: (facts: readonly Fact[]) => void
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
  /** The last calls with a number, the newest first. */
  callsWith: (number: string) => Promise<readonly CallView[]>
  links: PopLinks
  areaOf: (e164: string | undefined) => Area
}

export function createPops({ state, site, clock, see, keepRunning, callsWith, links, areaOf }: Parts) {
  const asked = new Set<LegId>()
  const asking = new Map<string, Past>()

  /** Of a number for which many phones ring at once, the history is asked once. */
  function pastOf(number: string): Past {
    const known = asking.get(number) ?? askFor(number).finally(() => asking.delete(number))
    asking.set(number, known)
    return known
  }

  async function askFor(number: string): Past {
    const calls = callsWith(number).catch(() => undefined)
    return (await inTime(clock, PATIENCE_MS, calls)) ? calls : undefined
  }

  async function tell(id: CallId, leg: LegId) {
    const customer = customerOf(callBy(state, id) as Call)
    const number = customer?.e164 ?? customer?.number ?? ''
    const past = number === '' ? undefined : await pastOf(number)
    asked.delete(leg)
    const now = callBy(state, state.callOf.get(leg) ?? id)
    const rung = now && unoffered(now).find(l => l.id === leg)
    const who = now && customerOf(now)
    if (!now || !rung || !who) return
    const at = clock.now()
    const known = { at, customer: who, agent: rung.agent, home: areaOf(who.e164), past }
    const pop = popOf(site, now, rung, known)
    // It is in the event, and no part of the call.
    state.pops.set(leg, { ...pop, links: links(now, pop) })
    // By the PBX's clock, which ours may be ahead of: what it tells next is not to become later by this.
    see([{ type: 'leg.offered', at: now.latestAt, leg }])
    state.pops.delete(leg)
  }

  return {
    /** At calls that are not as they were. */
    look(ids: Iterable<CallId>) {
      for (const id of ids) {
        const call = state.calls.get(id)
        if (!call || call.progress.state === 'ended') continue
        for (const leg of unoffered(call)) {
          if (asked.has(leg.id)) continue
          asked.add(leg.id)
          void keepRunning(tell(id, leg.id))
        }
      }
    },
  }
}
