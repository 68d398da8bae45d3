/**
 * The way in: callers from outside whom the dialplan hands to the daemon, and who wait until it says where they go. What was
 * decided becomes part of the call once the PBX has taken it; the call may become known a moment later than the caller came.
 */
import { after, type Clock } from '../base/clock.js'
import type { EpochMs, LegId } from '../base/ids.js'
import type { Area } from '../events/area.js'
import { dialledAs } from '../numbers/beginning.js'
import type { NumberPlan, NumberWay } from '../numbers/read.js'
import type { Action } from '../pbx/actions.js'
import type { Fact, Handed, LegFact } from '../pbx/facts.js'
import { NAMES, OWN_LEG } from '../pbx/names.js'
import { decideRoute, toldOf, type Decision, type RouteRules } from '../routing/decide.js'
import type { Blacklist } from './blacklist.js'
import type { Verdict } from './confirm.js'
import type { Dedicated } from './dedicated.js'
import type { Ivr } from './ivr.js'
import { callBy, type PbxState } from './state.js'

type Parts = {
  state: PbxState
  site: NumberPlan
  clock: Clock
  rules: RouteRules
  /** Where a number is at home. */
  areaHere: (number: string, way: NumberWay) => Area
  blacklist: Pick<Blacklist, 'screen'>
  dedicated: Pick<Dedicated, 'dedicate'>
  ivr: Pick<Ivr, 'begin' | 'resume' | 'held'>
  newId: () => string
  see: (facts: readonly Fact[]) => void
  /** Over ARI. */
  send: (action: Action) => Promise<Verdict>
  /** Waited for, when the daemon stops. */
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
}

/** A caller who is in no call by then never will be: the link by which calls are followed is down. */
const MOST_CHARS = 200
const KNOWN_WITHIN_MS = 60_000
const [NORMAL, BUSY, REJECTED] = [16, 17, 21]

/** To menus: they speak it, look it up and record it. */
const shownBy = (number: string, withheld: true | undefined) => (withheld ? '' : number.slice(0, MOST_CHARS))

type Came = Pick<Handed, 'leg' | 'given' | 'caller' | 'withheld'>

export function createInbound({
  state,
  site,
  clock,
  rules,
  areaHere,
  blacklist,
  dedicated,
  ivr,
  newId,
  see,
  send,
  keepRunning,
}: Parts) {
  const routing = new Set<LegId>()
  const decided = new Map<LegId, { decision: Decision; until: EpochMs }>()
  /** Who hears a message, by the sound. */
  const hearing = new Map<string, LegId>()

  /** `from`: the number that the caller shows. `counts`: it is a call, and no question. */
  async function decide(
    from: string,
    dialled: string,
    at: EpochMs,
    { counts = false, withheld = false }: { counts?: boolean; withheld?: boolean } = {},
  ): Promise<Decision> {
    const area = areaHere(from, 'caller')
    const asked = { dialled, at, area, emergency: state.emergency?.on === true }
    const decision = decideRoute(rules, asked, dialledAs(site, dialled))
    const screened = await blacklist.screen({ shown: from, withheld }, dialled, decision, at, counts)
    return dedicated.dedicate(from, dialled, screened, at, counts)
  }

  async function route({ leg, given, caller, withheld }: Handed, at: EpochMs) {
    if (routing.has(leg) || [...hearing.values()].includes(leg) || ivr.held().includes(leg)) return
    // Whoever was in a menu when the daemon went away, goes on there.
    if (ivr.resume(leg, at)) return
    routing.add(leg)
    const decision = await decide(caller.number, given, at, { counts: true, withheld: withheld === true })
    // With that the call is over: afterwards it would be too late to say why.
    const isEnd = decision.does === 'busy' || decision.does === 'hangup'
    if (isEnd) keep(leg, decision)
    const sent = await carryOut({ leg, given, caller, ...(withheld && { withheld }) }, decision, at)
    routing.delete(leg)
    // Where it came too late, the dialplan has gone on by itself, and says so.
    if (!sent.ok) decided.delete(leg)
    else if (!isEnd) keep(leg, decision)
  }

  function keep(leg: LegId, decision: Decision) {
    const now = clock.now()
    for (const [other, { until }] of decided) if (until < now) decided.delete(other)
    decided.set(leg, { decision, until: after(clock, KNOWN_WITHIN_MS) })
    look()
  }

  async function carryOut({ leg, given, caller, withheld }: Came, decision: Decision, at: EpochMs): Promise<Verdict> {
    const { does, to, then = given, say = [], priority, ring } = decision
    // Where that fails, they wait like everybody else.
    if (priority !== undefined) await send({ do: 'set-priority', leg, priority })
    switch (does) {
      case 'ivr':
        return ivr.begin(leg, to ?? '', { caller: shownBy(caller.number, withheld), dialled: given }, at)
      case 'message':
        return play(leg, say)
      case 'busy':
        return send({ do: 'hangup', leg, causeQ850: BUSY })
      case 'agent': {
        const { endpoint, ringForMs } = ring ?? { endpoint: '', ringForMs: 0 }
        const set = await send({ do: 'set-target', leg, endpoint })
        if (!set.ok) return send({ do: 'go-on', leg, context: NAMES.goContext, exten: then })
        const exten = `${Math.ceil(ringForMs / 1_000)}*${then}`
        return send({ do: 'go-on', leg, context: NAMES.agentContext, exten })
      }
      case 'hangup':
        return send({ do: 'hangup', leg, causeQ850: REJECTED })
      case 'voicemail':
        return send({ do: 'go-on', leg, context: NAMES.voicemailContext, exten: to ?? '' })
      case 'number':
        return send({ do: 'go-on', leg, context: NAMES.goContext, exten: to ?? given })
      default:
        return send({ do: 'go-on', leg, context: NAMES.onContext, exten: given })
    }
  }

  async function play(leg: LegId, media: readonly string[]): Promise<Verdict> {
    const sound = `${OWN_LEG}say-${newId()}`
    hearing.set(sound, leg)
    const answered = await send({ do: 'answer', leg })
    const said = answered.ok ? await send({ do: 'say', leg, sound, media }) : answered
    if (!said.ok) hearing.delete(sound)
    return said
  }

  function hear(fact: Fact) {
    if (fact.type === 'caller.handed' && fact.caller.way === 'in') void keepRunning(route(fact.caller, fact.at))
    if (fact.type === 'callers.seen') {
      // That a sound was over meanwhile, nobody has heard.
      hearing.clear()
      for (const caller of fact.callers) if (caller.way === 'in') void keepRunning(route(caller, fact.at))
    }
    if (fact.type === 'sound.ended') {
      const leg = hearing.get(fact.sound)
      hearing.delete(fact.sound)
      if (leg !== undefined) void keepRunning(send({ do: 'hangup', leg, causeQ850: NORMAL }))
    }
    if (fact.type === 'caller.back') for (const [sound, leg] of hearing) if (leg === fact.leg) hearing.delete(sound)
  }

  /** By the PBX's clock, which ours may be ahead of: what it tells next is not to become later by this. */
  function look() {
    for (const [leg, { decision }] of decided) {
      const call = state.callOf.get(leg)
      const now = call && callBy(state, call)
      if (!now) continue
      decided.delete(leg)
      const routed = toldOf(decision)
      // Told already, before the daemon was away; or by the dialplan, which has done without it.
      if (now.routing?.does === 'fallback' || JSON.stringify(now.routing) === JSON.stringify(routed)) continue
      const at = now.latestAt
      const route = routed.because.find(({ rule }) => rule === 'route')?.name ?? ''
      const heard: LegFact[] = routed.does === 'message' ? [{ type: 'stage.begun', at, leg, stage: 'ivr', name: route }] : [] // prettier-ignore
      see([{ type: 'call.routed', at, leg, routing: routed }, ...heard])
    }
  }

  return {
    decide,
    see(facts: readonly Fact[]) {
      facts.forEach(hear)
      look()
    },
    /** Who hears a message. */
    held: () => [...hearing.values()],
  }
}
