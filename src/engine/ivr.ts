/**
 * Leads callers through menus. What is said and asked next is decided by the reducer of menus; here it is played, heard, looked up,
 * and the caller is sent where a node says. Whoever is in a menu stays in the one that was there when they came. Touches the clock.
 */
import { after, type Clock } from '../base/clock.js'
import type { EpochMs, LegId } from '../base/ids.js'
import {
  beginWalk,
  callBackAsked,
  gone,
  keptQuiet,
  keyPressed,
  lookedUp,
  notGone,
  resumeWalk,
  said,
  type Around,
  type Going,
  type LookUp,
  type Move,
  type Then,
} from '../ivr/reduce.js'
import type { Menus } from '../ivr/menus.js'
import type { Action } from '../pbx/actions.js'
import type { Fact, Walk } from '../pbx/facts.js'
import { NAMES, OWN_LEG } from '../pbx/names.js'
import type { AgentNow } from '../routing/dedicated.js'
import { skippedFor } from '../routing/dedicated.js'
import type { CallBackAsked } from './call-backs.js'
import type { Verdict } from './confirm.js'
import { callBy, type PbxState } from './state.js'

type Parts = {
  state: PbxState
  clock: Clock
  menus: () => Menus
  isOpen: Around['isOpen']
  lookUp: (asked: LookUp) => Promise<unknown>
  /** Undefined when they will be called back; else why not. */
  callBack: (asked: CallBackAsked, at: EpochMs) => Promise<string | undefined>
  agentNow: (id: string) => AgentNow | undefined
  newId: () => string
  see: (facts: readonly Fact[]) => void
  /** Over ARI. */
  send: (action: Action) => Promise<Verdict>
  /** Waited for, when the daemon stops. */
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
}

/** One who is in a menu. `told`: what the call has of it. */
type Walking = { around: Around; walk: Walk; told?: Walk; sound?: string; then: Then; turn: number; cancel: () => void }

const NORMAL = 16

export type Ivr = ReturnType<typeof createIvr>

export function createIvr(parts: Parts) {
  const { state, clock, newId, see, send, keepRunning } = parts
  const walking = new Map<LegId, Walking>()
  const run = (doing: Promise<unknown>) => void keepRunning(doing)
  const around = (): Around => ({ menus: parts.menus(), isOpen: parts.isOpen })

  const known = (leg: LegId) => {
    const id = state.callOf.get(leg)
    return id && callBy(state, id)
  }

  /** The call may become known a moment after its caller came. */
  function look() {
    for (const [leg, one] of walking) {
      const call = one.told === one.walk ? undefined : known(leg)
      if (!call) continue
      one.told = one.walk
      // By the PBX's clock, which ours may be ahead of: what it tells next is not to become later by this.
      see([{ type: 'ivr.changed', at: call.latestAt, leg, walk: one.walk }])
    }
  }

  function take(leg: LegId, { next, say, then }: Move, at: EpochMs) {
    const one = walking.get(leg)
    if (!one) return
    one.cancel()
    one.turn += 1
    one.then = then
    one.walk = next
    if (one.sound !== undefined) run(send({ do: 'hush', sound: one.sound }))
    delete one.sound
    look()
    if (say.length === 0) return over(leg, at)
    const sound = `${OWN_LEG}say-${newId()}`
    one.sound = sound
    const { language } = next
    const saying = send({ do: 'say', leg, sound, media: say, ...(language !== undefined && { language }) })
    // What cannot be played is passed over: nobody is left in silence for it.
    run(saying.then(sent => (sent.ok ? undefined : soundEnded(sound, clock.now()))))
  }

  /** All is said: what is waited for begins. */
  function over(leg: LegId, at: EpochMs) {
    const one = walking.get(leg)
    if (!one) return
    const { then, turn } = one
    const moved = (move: (around: Around, was: Walk) => Move | undefined, when: EpochMs) => {
      const now = walking.get(leg)
      const next = now && now.turn === turn ? move(now.around, now.walk) : undefined
      if (next) take(leg, next, when)
    }
    switch (then.wait) {
      case 'key':
        one.cancel = clock.wake(after(clock, then.ms), () => moved((a, was) => keptQuiet(a, was, later(at, then.ms)), later(at, then.ms))) // prettier-ignore
        return
      case 'said':
        return moved((a, was) => said(a, was, at), at)
      case 'lookup':
        return run(parts.lookUp(then.lookup).then(answer => moved((a, was) => lookedUp(a, was, answer, at), at)))
      case 'call-back': {
        const asked = { leg, number: then.number, queue: then.queue, position: one.walk.variables['position'] ?? '1' }
        return run(parts.callBack(asked, at).then(why => moved((a, was) => callBackAsked(a, was, why, at), at)))
      }
      case 'gone':
        return run(
          go(leg, then.going).then(why => {
            if (why === undefined) return left(leg, at)
            moved((a, was) => notGone(a, was, why, at), at)
          }),
        )
      default:
        walking.delete(leg)
        run(send({ do: 'hangup', leg, causeQ850: NORMAL }))
    }
  }

  const later = (at: EpochMs, ms: number) => (at + ms) as EpochMs

  function left(leg: LegId, at: EpochMs) {
    const one = walking.get(leg)
    walking.delete(leg)
    const call = one && known(leg)
    if (call) see([{ type: 'ivr.changed', at: call.latestAt, leg, walk: gone(one.walk, at) }])
  }

  /** They are with the daemon no more: on their way to where a node has sent them, or they have hung up. */
  function back(leg: LegId, at: EpochMs) {
    const one = walking.get(leg)
    one?.cancel()
    if (one?.then.wait === 'gone') left(leg, at)
    walking.delete(leg)
  }

  /** Why they could not go there; undefined when they do. */
  async function go(leg: LegId, going: Going): Promise<string | undefined> {
    const on = async (context: string, exten: string) =>
      (await send({ do: 'go-on', leg, context, exten })).ok ? undefined : 'refused'
    if (going.to === 'number') return isNumber(going.number) ? on(NAMES.goContext, going.number) : 'no-number'
    if (going.to === 'queue') return on(NAMES.queueBackContext, 's')
    if (going.to === 'voicemail') return isBox(going.box) ? on(NAMES.voicemailContext, going.box) : 'no-number'
    if (going.to === 'survey') return toSurvey(leg, going.survey)
    if (going.to === 'workgroup') {
      const number = state.directory.workgroups.get(going.workgroup)?.number
      return number === undefined ? 'no-number' : on(NAMES.goContext, number)
    }
    const agent = parts.agentNow(going.agent)
    const skipped = skippedFor({ by: 'dedicated' }, agent, [])
    const endpoint = agent?.phone?.endpoint
    if (skipped !== undefined || endpoint === undefined) return skipped ?? 'unreachable'
    if (!isNumber(going.then)) return 'no-number'
    const set = await send({ do: 'set-target', leg, endpoint })
    return set.ok ? on(NAMES.agentContext, `${Math.ceil(going.ringForMs / 1_000)}*${going.then}`) : 'refused'
  }

  /** What they are asked there is part of the call before they come. */
  async function toSurvey(leg: LegId, name: string): Promise<string | undefined> {
    const call = known(leg)
    if (!call) return 'unknown'
    see([{ type: 'survey.changed', at: call.latestAt, leg, survey: { name, leg, questions: [] } }])
    const sent = await send({ do: 'go-on', leg, context: NAMES.surveyContext, exten: 's' })
    if (!sent.ok) see([{ type: 'survey.changed', at: known(leg)?.latestAt ?? call.latestAt, leg }])
    return sent.ok ? undefined : 'refused'
  }

  function soundEnded(sound: string, at: EpochMs) {
    for (const [leg, one] of walking) {
      if (one.sound !== sound) continue
      delete one.sound
      over(leg, at)
    }
  }

  function pressed(leg: LegId, key: string, at: EpochMs) {
    const one = walking.get(leg)
    if (one?.then.wait !== 'key' || (one.sound !== undefined && !one.then.early)) return
    const next = keyPressed(one.around, one.walk, key, at)
    if (next) take(leg, next, at)
  }

  function hear(fact: Fact) {
    switch (fact.type) {
      case 'callers.seen':
        // That a sound was over or a key pressed meanwhile, nobody has heard.
        for (const { cancel } of walking.values()) cancel()
        walking.clear()
        return
      case 'caller.back':
        return back(fact.leg, fact.at)
      case 'key.pressed':
        return pressed(fact.leg, fact.key, fact.at)
      case 'sound.ended':
        return soundEnded(fact.sound, fact.at)
      default:
        return
    }
  }

  const begun = (leg: LegId, at: EpochMs, move: (around: Around) => Move, walk: Walk, told?: Walk) => {
    const now = around()
    walking.set(leg, { around: now, walk, ...(told && { told }), then: { wait: 'end' }, turn: 0, cancel: () => undefined })
    take(leg, move(now), at)
  } // prettier-ignore

  return {
    see(facts: readonly Fact[]) {
      facts.forEach(hear)
      look()
    },
    /** Whether somebody was in a menu when the last daemon ended: then they go on there. */
    resume(leg: LegId, at: EpochMs): boolean {
      const walk = known(leg)?.walk
      if (!walk || walk.leg !== leg || walk.endedAt !== undefined || walking.has(leg)) return walking.has(leg)
      begun(leg, at, now => resumeWalk(now, walk, at), walk, walk)
      return true
    },
    async begin(leg: LegId, ivr: string, variables: Readonly<Record<string, string>>, at: EpochMs): Promise<Verdict> {
      const answered = await send({ do: 'answer', leg })
      const before = known(leg)?.walk?.steps ?? []
      const walk: Walk = { leg, variables, at: [], times: 0, keys: '', steps: before }
      if (answered.ok) begun(leg, at, now => beginWalk(now, ivr, { leg, variables }, at, before), walk)
      return answered
    },
    held: (): LegId[] => [...walking.keys()],
    stop() {
      for (const { cancel } of walking.values()) cancel()
    },
  }
}

const isBox = (text: string) => /^[0-9]{1,32}$/.test(text)
const isNumber = (text: string) => /^[0-9*#]{1,32}$/.test(text)
