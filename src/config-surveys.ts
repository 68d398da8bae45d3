/** What the configuration says of surveys: `pbxs.surveys`. */
import { queueKey, QueueMap } from './base/queue-map.js'
import { Type, type Static } from 'typebox'
import type { Site } from './calls/site.js'
import { Media, namedTwice, Sound, twice } from './config-media.js'
import type { Surveys } from './engine/surveys.js'
import type { Survey } from './surveys/reduce.js'

const closed = { additionalProperties: false }
const Name = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,31}$' })

const AnswerSchema = Type.Object(
  { meaning: Type.String({ minLength: 1, maxLength: 64 }), score: Type.Optional(Type.Number()) },
  closed,
)

export const SurveysSchema = Type.Array(
  Type.Object(
    {
      name: Name,
      language: Type.Optional(Type.String({ pattern: '^[A-Za-z]{2}(_[A-Za-z]{2,8})?$' })),
      questions: Type.Array(
        Type.Object(
          {
            id: Name,
            ask: Media,
            answers: Type.Record(Type.String(), AnswerSchema, { minProperties: 1 }),
            retries: Type.Integer({ minimum: 0, maximum: 10, default: 1 }),
            waitMs: Type.Integer({ minimum: 500, maximum: 60_000, default: 5_000 }),
          },
          closed,
        ),
        { minItems: 1, maxItems: 20 },
      ),
      wrong: Type.Array(Sound, { maxItems: 20, default: [] }),
      thanks: Type.Array(Sound, { maxItems: 20, default: [] }),
      comment: Type.Optional(
        Type.Object(
          {
            ask: Media,
            maxMs: Type.Integer({ minimum: 1_000, maximum: 600_000, default: 60_000 }),
            silenceMs: Type.Integer({ minimum: 1_000, maximum: 60_000, default: 3_000 }),
          },
          closed,
        ),
      ),
      after: Type.Array(
        Type.Object(
          {
            queue: Type.String({ minLength: 1, maxLength: 80 }),
            share: Type.Number({ minimum: 0, maximum: 1, default: 1 }),
          },
          closed,
        ),
        { maxItems: 1_000, default: [] },
      ),
    },
    closed,
  ),
  { maxItems: 100, default: [] },
)
type Settings = Static<typeof SurveysSchema>

export const surveyContradictions = (surveys: Settings): string[] => [
  ...namedTwice('surveys', surveys),
  ...twice(surveys.flatMap(s => s.after.map(a => queueKey(a.queue)))).map(
    name => `surveys: two are made after the queue ${name}`,
  ),
  // Not by the schema: filling in what is left out fails on a table that allows some keys alone.
  ...surveys.flatMap(s =>
    s.questions.flatMap(({ id, answers }) =>
      Object.keys(answers)
        .filter(key => !/^[0-9*#]$/.test(key))
        .map(key => `surveys ${s.name}: ${id} has an answer ${key}, which is no key`),
    ),
  ),
  ...surveys.flatMap(s => twice(s.questions.map(q => q.id)).map(id => `surveys ${s.name}: two questions are ${id}`)),
]

/** A key that is a digit counts as it says, unless the configuration has it otherwise. */
const scored = (key: string, { meaning, score }: Static<typeof AnswerSchema>) => {
  const counts = score ?? (/^\d$/.test(key) ? Number(key) : undefined)
  return { meaning, ...(counts !== undefined && { score: counts }) }
}

export const surveysOf = (surveys: Settings): Surveys =>
  new Map(
    surveys.map(({ after: _, questions, ...survey }): [string, Survey] => [
      survey.name,
      {
        ...survey,
        questions: questions.map(({ answers, ...question }) => ({
          ...question,
          answers: Object.fromEntries(Object.entries(answers).map(([key, answer]) => [key, scored(key, answer)])),
        })),
      },
    ]),
  )

export const surveyAfter = (surveys: Settings): NonNullable<Site['surveyAfter']> =>
  new QueueMap(surveys.flatMap(({ name, after }) => after.map(({ queue, share }) => [queue, { name, share }] as const)))
