/** What a caller was asked after a talk, and what they answered, as every consumer sees it. The schema is the source. */
import { Type, type Static } from 'typebox'

export const SURVEY_OUTCOMES = {
  completed: 'Each question was answered',
  partly: 'Some were',
  'not-answered': 'The caller stayed, and answered none',
  'hung-up': 'The caller hung up: at the last of `questions`',
  'not-offered': 'They were to be asked, and had hung up before the agent did, or the daemon was away',
} as const

const closed = { additionalProperties: false }
const Time = (description: string) => Type.String({ format: 'date-time', description })
const outcomes = Object.entries(SURVEY_OUTCOMES)

export const SurveySchema = Type.Object(
  {
    name: Type.String({ description: 'As the configuration has it' }),
    leg: Type.String({ description: 'Who is asked' }),
    agent: Type.Optional(Type.String({ description: 'Whom it is about: the staff id of the agent' })),
    extension: Type.Optional(Type.String({ description: 'And the phone they talked at' })),
    queue: Type.Optional(
      Type.String({
        description: 'The queue by which the agent got the call, or the workgroup to which routing brought it',
      }),
    ),
    automatic: Type.Optional(Type.Literal(true, { description: 'No command has asked for it' })),
    startedAt: Type.Optional(Time('When the first question began')),
    endedAt: Type.Optional(Time('When it was over')),
    questions: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          times: Type.Integer({ minimum: 1, description: 'How often it was asked' }),
          key: Type.Optional(Type.String({ description: 'The key that was pressed' })),
          meaning: Type.Optional(Type.String({ description: 'What the configuration says that it means' })),
          score: Type.Optional(Type.Number({ description: 'What it counts in averages' })),
          answeredAt: Type.Optional(Time('When')),
        },
        closed,
      ),
      { description: 'Those that were asked, in their order' },
    ),
    comment: Type.Optional(
      Type.String({ description: 'What the caller had to say: `/v1/calls/{id}/recordings/{comment}`' }),
    ),
    outcome: Type.Optional(
      Type.Enum(outcomes.map(([name]) => name) as (keyof typeof SURVEY_OUTCOMES)[], {
        description: outcomes.map(([name, text]) => `\`${name}\`: ${text}.`).join(' '),
      }),
    ),
  },
  { ...closed, description: 'What the caller was asked after the talk, and what they answered' },
)
export type SurveyView = Static<typeof SurveySchema>
