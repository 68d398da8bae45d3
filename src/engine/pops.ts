/**
 * Tells of a call from outside that rings at a phone, with what the history has of the number: once for each phone, also
 * after a restart, and before the ringing ends. The history is asked as soon as the phone is dialled, and waited for for a moment
 * only; a pop-up that comes without it is better than one that comes late.
 */
import { inTime, type Clock } from '../base/clock.js'
import type { CallId, LegId } from '../base/ids.js'
import { customerOf, popOf, toOffer, unoffered } from '../calls/pop.js'
import type { Site } from '../calls/site.js'
import { legOf, type Call } from '../calls/state.js'
import type { Area } from '../events/area.js'
import type { CallView } from '../events/call.js'
import type { Pop } from '../events/pop.js'
import type { Fact, LegFact } from '../pbx/facts.js'
import { callBy, type PbxState } from './state.js'

/** So long the history may take. */
const PATIENCE_MS = 300

/** Where to go with a pop-up, by the names of the configuration. */
export type PopLinks = (call: Call, pop: Omit<Pop, 'links'>) => Record<string, string>

type Rung = ReturnType<typeof unoffered>[number]
type Past = Promise<readonly CallView[] | undefined>
/** What was asked for a leg, and what came of it. `told`: the phone could not wait for that. */
type Asked = { number: string; answer?: { past: readonly CallView[] | undefined }; told?: true }

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
  isStopping: () => boolean
}

/** What may end the ringing of a phone, of any leg of its call. */
const ENDS: ReadonlySet<Fact['type']> = new Set([
  ...(['dial.ended', 'bridge.entered', 'channel.gone', 'hangup.asked'] as const),
  ...(['ring.taken', 'agent.connected', 'local.joined', 'transfer.attended'] as const),
])

const mayEnd = (fact: Fact): fact is LegFact =>
  ENDS.has(fact.type) || (fact.type === 'channel.changed' && fact.state === 'up')

export function createPops({ state, site, clock, see, keepRunning, callsWith, links, areaOf, isStopping }: Parts) {
  const asked = new Map<LegId, Asked>()
  const asking = new Map<string, Past>()

  /** Of a number for which many phones ring at once, the history is asked once. */
  function pastOf(number: string): Past {
    const known = asking.get(number) ?? askFor(number).finally(() => asking.delete(number))
    asking.set(number, known)
    return known
  }

  const askFor = (number: string): Past => callsWith(number).catch(() => undefined)

  const numberOf = (call: Call) => {
    const customer = customerOf(call)
    return customer?.e164 ?? customer?.number ?? ''
  }

  /** A number that the dialplan has set meanwhile is asked for again. */
  function askFirst(call: Call, leg: LegId) {
    const number = numberOf(call)
    if (asked.get(leg)?.number === number) return
    const one: Asked = { number }
    asked.set(leg, one)
    if (number === '') one.answer = { past: undefined }
    else void keepRunning(answered(leg, one))
  }

  async function answered(leg: LegId, one: Asked) {
    const coming = pastOf(one.number)
    const isInTime = await inTime(clock, PATIENCE_MS, coming)
    one.answer = { past: isInTime ? await coming : undefined }
    // Not waited for when the daemon stops.
    if (!isInTime) void coming.then(past => completed(leg, past))
    const call = state.callOf.get(leg)
    const now = call === undefined ? undefined : callBy(state, call)
    const rung = now && legOf(now, leg)
    if (!now || !rung) return void asked.delete(leg)
    if (asked.get(leg) !== one) return
    if (!one.told) return offerIn(now)
    asked.delete(leg)
    completed(leg, one.answer.past)
  }

  /** What the event did not have, the call has from now on. */
  function completed(id: LegId, past: readonly CallView[] | undefined) {
    const of = state.callOf.get(id)
    const call = of === undefined ? undefined : state.calls.get(of)
    const leg = call && legOf(call, id)
    if (!call || !leg?.offered || leg.extension === undefined || !past || isStopping()) return
    if (call.progress.state !== 'ended') see([factOf(call, { ...leg, extension: leg.extension }, past)])
  }

  /** The phones of the call of which all is known. */
  function offerIn(call: Call) {
    const known = unoffered(call).filter(({ id }) => asked.get(id)?.answer)
    if (known.length > 0) see(known.map(leg => offered(call, leg)))
  }

  /** By the PBX's clock, which ours may be ahead of: what it tells next is not to become later by this. */
  function offered(call: Call, leg: Rung): LegFact {
    const one = asked.get(leg.id)
    const past = one?.number === numberOf(call) ? one.answer?.past : undefined
    if (one && !one.answer) one.told = true
    else asked.delete(leg.id)
    return factOf(call, leg, past)
  }

  function factOf(call: Call, leg: Rung, past: readonly CallView[] | undefined): LegFact {
    const customer = customerOf(call) ?? call.from
    const pop = popOf(site, call, leg, { customer, home: areaOf(customer.e164), past })
    return { type: 'leg.offered', at: call.latestAt, leg: leg.id, pop: { ...pop, links: links(call, pop) } }
  }

  function offeredNow(call: Call, leg: Rung): LegFact {
    askFirst(call, leg.id)
    return offered(call, leg)
  }

  function lookAt(id: CallId) {
    const call = state.calls.get(id)
    if (!call || call.progress.state === 'ended') return
    for (const { id: leg } of toOffer(call)) askFirst(call, leg)
    offerIn(call)
  }

  return {
    /** What is to be told before this: of phones that ring, and may ring no more then. */
    before(fact: Fact): LegFact[] {
      // What has ended in a gap.
      if (fact.type === 'pbx.seen') for (const leg of asked.keys()) if (!state.callOf.has(leg)) asked.delete(leg)
      if (!mayEnd(fact)) return []
      const id = state.callOf.get(fact.leg)
      const call = id === undefined ? undefined : state.calls.get(id)
      const facts = call ? unoffered(call).map(leg => offeredNow(call, leg)) : []
      if (fact.type === 'channel.gone') asked.delete(fact.leg)
      return facts
    },
    /** At calls that are not as they were. */
    look(ids: Iterable<CallId>) {
      for (const id of ids) lookAt(id)
    },
  }
}
