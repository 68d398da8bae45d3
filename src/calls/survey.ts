/** The survey of a call: how far it is, and that its caller has gone meanwhile, or was to be asked and was not. Pure. */
import type { EpochMs } from '../base/ids.js'
import type { LegFact, Surveyed } from '../pbx/facts.js'
import { nowhere } from './bridges.js'
import type { Site } from './site.js'
import { isLive, legOf, withLeg, type Call } from './state.js'

export function surveyChanged(call: Call, { leg, survey }: Extract<LegFact, { type: 'survey.changed' }>): Call {
  const who = legOf(call, leg)
  if (!who || !isLive(who)) return call
  if (survey && (survey.leg !== leg || (survey.of !== undefined && !legOf(call, survey.of)))) return call
  if (!survey) {
    const { survey: was, ...without } = call
    return was ? without : call
  }
  const asked = { ...call, survey }
  if (survey.startedAt === undefined || who.place?.kind === 'survey') return asked
  return withLeg(asked, leg, l => ({ ...nowhere(l), place: { kind: 'survey', name: survey.name } }))
}

/** Whoever has gone answers no more; where the PBX has let them go, the daemon was away for too long. */
export function followSurvey(call: Call, at: EpochMs): Call {
  const { survey } = call
  if (!survey || survey.outcome !== undefined) return call
  const who = legOf(call, survey.leg)
  if (who && isLive(who)) return call
  const answered = survey.questions.some(q => q.key !== undefined)
  const outcome = who?.hangupAsked === 'far-side' ? 'hung-up' : answered ? 'partly' : 'not-answered'
  return { ...call, survey: { ...survey, endedAt: at, outcome } }
}

/** The survey that is made of this call without a command, for it was with an agent of a queue that has one. */
export function automaticSurvey(site: Site, call: Call): Surveyed | undefined {
  const visit = call.queues.findLast(v => v.outcome === 'answered')
  const after = visit && site.surveyAfter?.get(visit.queue)
  if (!after || shareOf(call.id) >= after.share) return undefined
  const of = visit.answeredBy
  return { name: after.name, leg: visit.party ?? visit.leg, ...(of && { of }), automatic: true, questions: [] }
}

/** A call that is over without the survey that it was to have. */
export function withoutSurvey(site: Site, call: Call): Call {
  if (call.survey) return call
  const survey = automaticSurvey(site, call)
  return survey ? { ...call, survey: { ...survey, outcome: 'not-offered' } } : call
}

/** From 0 to 1, the same for the same call: of many, each share has as many as it should (FNV-1a). */
export function shareOf(id: string): number {
  let hash = 0x811c9dc5
  for (const char of id) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash / 2 ** 32
}
