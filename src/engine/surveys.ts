/**
 * Asks callers how it was: those whom a command has sent to the survey, and those who stay when the agent of a queue has hung up.
 * What is said and asked next is decided by the survey's own reducer; here it is played, and heard. Touches the clock.
 */
import { after, type Clock } from '../base/clock.js'
import type { EpochMs, LegId } from '../base/ids.js'
import { automaticSurvey } from '../calls/survey.js'
import type { Site } from '../calls/site.js'
import type { Call } from '../calls/state.js'
import type { Action } from '../pbx/actions.js'
import type { Fact, Surveyed } from '../pbx/facts.js'
import { OWN_LEG } from '../pbx/names.js'
import {
  beginSurvey,
  commented,
  keptQuiet,
  keyPressed,
  resumeSurvey,
  type Move,
  type Survey,
  type Then,
} from '../surveys/reduce.js'
import type { Verdict } from './confirm.js'
import { callBy, liveLeg, type PbxState } from './state.js'

/** By the name. */
export type Surveys = ReadonlyMap<string, Survey>

type Parts = {
  state: PbxState
  site: Site
  clock: Clock
  surveys: Surveys
  newId: () => string
  see: (facts: readonly Fact[]) => void
  /** Over ARI. */
  send: (action: Action) => Promise<Verdict>
  /** Waited for, when the daemon stops. */
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
}

/** One who is being asked: what is being played to them, and what is waited for then. */
type Asked = { survey: Survey; sound?: string; voice?: string; then: Then; cancel: () => void }

export function createSurveys({ state, site, clock, surveys, newId, see, send, keepRunning }: Parts) {
  const asked = new Map<LegId, Asked>()

  const callOf = (leg: LegId): Call | undefined => {
    const id = state.callOf.get(leg)
    return id && callBy(state, id)
  }
  const surveyed = (leg: LegId): Surveyed | undefined => {
    const survey = callOf(leg)?.survey
    return survey?.leg === leg ? survey : undefined
  }
  const run = (doing: Promise<unknown>) => void keepRunning(doing)

  /** Waits in the survey's part of the dialplan; or waited there when the daemon came. */
  function handed(leg: LegId, at: EpochMs) {
    if (asked.has(leg)) return
    const call = callOf(leg)
    const was = surveyed(leg) ?? (call && automaticSurvey(site, call))
    const survey = was && surveys.get(was.name)
    if (!was || !survey || was.outcome !== undefined) return run(send({ do: 'let-go', leg }))
    asked.set(leg, { survey, then: { wait: 'end' }, cancel: () => undefined })
    take(leg, was.startedAt === undefined ? beginSurvey(survey, was, at) : resumeSurvey(survey, was, at), at)
  }

  function leave(leg: LegId) {
    asked.get(leg)?.cancel()
    asked.delete(leg)
  }

  /** Times are the PBX's, so that what it tells next is not earlier. */
  function take(leg: LegId, { next, say, then }: Move, at: EpochMs) {
    const one = asked.get(leg)
    if (!one) return
    one.cancel()
    one.then = then
    if (one.sound !== undefined) run(send({ do: 'hush', sound: one.sound }))
    delete one.sound
    if (next !== surveyed(leg)) see([{ type: 'survey.changed', at, leg, survey: next }])
    if (say.length === 0) return said(leg, at)
    const sound = `${OWN_LEG}say-${newId()}`
    one.sound = sound
    const { language } = one.survey
    const saying = send({ do: 'say', leg, sound, media: say, ...(language !== undefined && { language }) })
    // What cannot be played is passed over: nobody is left in silence for it.
    run(saying.then(sent => (sent.ok ? undefined : soundEnded(sound, clock.now()))))
  }

  function soundEnded(sound: string, at: EpochMs) {
    for (const [leg, one] of asked) {
      if (one.sound !== sound) continue
      delete one.sound
      said(leg, at)
    }
  }

  /** All is said: what is waited for begins. */
  function said(leg: LegId, at: EpochMs) {
    const one = asked.get(leg)
    if (!one) return
    const { then } = one
    if (then.wait === 'key')
      one.cancel = clock.wake(after(clock, then.ms), () => moved(leg, (at + then.ms) as EpochMs, keptQuiet))
    else if (then.wait === 'voice') listen(leg, one, at)
    else {
      asked.delete(leg)
      run(send({ do: 'let-go', leg }))
    }
  }

  function moved(leg: LegId, at: EpochMs, move: (survey: Survey, was: Surveyed, at: EpochMs) => Move | undefined) {
    const [one, was] = [asked.get(leg), surveyed(leg)]
    const next = one && was && move(one.survey, was, at)
    if (next) take(leg, next, at)
  }

  function listen(leg: LegId, one: Asked, at: EpochMs) {
    const { comment } = one.survey
    const name = `survey-${newId()}`
    one.voice = name
    const { maxMs = 1_000, silenceMs = 1_000 } = comment ?? {}
    run(
      send({ do: 'record-voice', leg, name, maxMs, silenceMs }).then(sent => {
        if (!sent.ok) return recorded(name, at, false)
        see([{ type: 'recording.changed', at, leg, name, state: 'on' }])
      }),
    )
  }

  function recorded(name: string, at: EpochMs, ok: boolean) {
    for (const [leg, one] of asked) {
      if (one.voice !== name) continue
      delete one.voice
      see([{ type: 'recording.changed', at, leg, name, state: 'done' }])
      moved(leg, at, (survey, was) => commented(survey, was, ok ? name : undefined, at))
    }
  }

  function hear(fact: Fact) {
    switch (fact.type) {
      case 'caller.handed':
        return fact.caller.way === 'survey' ? handed(fact.caller.leg, fact.at) : undefined
      case 'callers.seen':
        // What was pressed or said meanwhile, nobody has heard: they are asked once more.
        for (const leg of asked.keys()) leave(leg)
        for (const { way, leg } of fact.callers) if (way === 'survey') handed(leg, fact.at)
        return
      case 'caller.back':
        return leave(fact.leg)
      case 'key.pressed':
        if (asked.get(fact.leg)?.then.wait === 'key')
          moved(fact.leg, fact.at, (survey, was, at) => keyPressed(survey, was, fact.key, at))
        return
      case 'sound.ended':
        return soundEnded(fact.sound, fact.at)
      case 'voice.recorded':
        return recorded(fact.name, fact.at, fact.ok)
      default:
        return
    }
  }

  return {
    see: (facts: readonly Fact[]) => facts.forEach(hear),
    /** Who is with the daemon now. */
    held: (): LegId[] => [...asked.keys()].filter(leg => liveLeg(state, leg)),
    /** Nobody is asked any more by this daemon; another may go on. */
    stop() {
      for (const { cancel } of asked.values()) cancel()
    },
  }
}
