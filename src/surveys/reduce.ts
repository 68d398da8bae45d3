/**
 * The survey as a conversation: what is to be said next, and what is then waited for. A question that is not answered is asked
 * again, and then the survey is over. Pure; what has become of it so far is part of the call, so it goes on after a restart.
 */
import type { EpochMs } from '../base/ids.js'
import type { Surveyed } from '../pbx/facts.js'

/** Sounds of the PBX, by their names. */
type Media = readonly string[]

export type Question = {
  id: string
  ask: Media
  /** By the key. */
  answers: Readonly<Record<string, { meaning: string; score?: number }>>
  /** How often it is asked again. */
  retries: number
  /** How long after the question a key may be pressed. */
  waitMs: number
}

export type Survey = {
  name: string
  /** Of the sounds; the caller's own unless said. */
  language?: string
  questions: readonly Question[]
  /** After a key that means nothing. */
  wrong: Media
  thanks: Media
  comment?: { ask: Media; maxMs: number; silenceMs: number }
}

/** What is waited for when all is said: a key for so long, what the caller says, or nothing any more. */
export type Then = { wait: 'key'; ms: number } | { wait: 'voice' } | { wait: 'end' }
export type Move = { next: Surveyed; say: Media; then: Then }

type Asked = Surveyed['questions'][number]

export const beginSurvey = (survey: Survey, was: Surveyed, at: EpochMs): Move =>
  ask(survey, { ...was, startedAt: at }, 0, at)

/** After the daemon was away: the same question once more, which counts as once. */
export function resumeSurvey(survey: Survey, was: Surveyed, at: EpochMs): Move {
  const open = was.questions.findIndex(q => q.key === undefined)
  if (open >= 0) return { next: was, ...asking(survey, open) }
  return was.startedAt === undefined ? beginSurvey(survey, was, at) : askNext(survey, was, at)
}

/** A key, during the question or after it. Undefined: nothing is asked. */
export function keyPressed(survey: Survey, was: Surveyed, key: string, at: EpochMs): Move | undefined {
  const [index, asked] = openOf(was)
  const question = survey.questions[index]
  if (!asked || !question) return undefined
  const answer = Object.hasOwn(question.answers, key) ? question.answers[key] : undefined
  if (!answer) return again(survey, was, index, at, survey.wrong)
  return askNext(survey, withAsked(was, index, { ...asked, key, ...answer, answeredAt: at }), at)
}

/** No key within the time. */
export function keptQuiet(survey: Survey, was: Surveyed, at: EpochMs): Move | undefined {
  const [index, asked] = openOf(was)
  return asked ? again(survey, was, index, at, []) : undefined
}

/** They have said what they had to say, or nothing. */
export const commented = (survey: Survey, was: Surveyed, name: string | undefined, at: EpochMs): Move =>
  thank(survey, name === undefined ? was : { ...was, comment: name }, at)

function openOf({ questions, outcome }: Surveyed): [number, Asked | undefined] {
  const last = questions.at(-1)
  return [questions.length - 1, outcome === undefined && last?.key === undefined ? last : undefined]
}

const withAsked = (was: Surveyed, index: number, asked: Asked): Surveyed => ({
  ...was,
  questions: was.questions.with(index, asked),
})

function again(survey: Survey, was: Surveyed, index: number, at: EpochMs, first: Media): Move {
  const [asked, question] = [was.questions[index], survey.questions[index]]
  // Whoever does not answer one is not asked the others.
  if (!asked || !question || asked.times > question.retries) return thank(survey, was, at)
  const { say, then } = asking(survey, index)
  return { next: withAsked(was, index, { ...asked, times: asked.times + 1 }), say: [...first, ...say], then }
}

function ask(survey: Survey, was: Surveyed, index: number, at: EpochMs): Move {
  const question = survey.questions[index]
  if (!question) return speakOrThank(survey, was, at)
  return { next: { ...was, questions: [...was.questions, { id: question.id, times: 1 }] }, ...asking(survey, index) }
}

const askNext = (survey: Survey, was: Surveyed, at: EpochMs) => ask(survey, was, was.questions.length, at)

function asking({ questions }: Survey, index: number): { say: Media; then: Then } {
  const { ask: say = [], waitMs = 0 } = questions[index] ?? {}
  return { say, then: { wait: 'key', ms: waitMs } }
}

function speakOrThank(survey: Survey, was: Surveyed, at: EpochMs): Move {
  if (!survey.comment || was.comment !== undefined) return thank(survey, was, at)
  return { next: was, say: survey.comment.ask, then: { wait: 'voice' } }
}

function thank({ questions, thanks }: Survey, was: Surveyed, at: EpochMs): Move {
  const answered = was.questions.filter(q => q.key !== undefined).length
  const outcome = answered === questions.length ? 'completed' : answered > 0 ? 'partly' : 'not-answered'
  return { next: { ...was, endedAt: at, outcome }, say: thanks, then: { wait: 'end' } }
}
