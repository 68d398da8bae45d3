/** Prompts, as the API shows them. The schema is the source. */
import { Type, type Static } from 'typebox'
import { closed, Time } from './call-parts.js'

export const PROMPT_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/
export const LANGUAGE = /^[a-z]{2}(_[A-Z]{2})?$/

/** What a prompt is called where sounds are named. */
export const PROMPT_PREFIX = 'prompts/'

export const PromptName = Type.String({ pattern: PROMPT_NAME.source })
export const Language = Type.String({
  pattern: LANGUAGE.source,
  description: 'As the PBX has it, such as `zh` or `en_GB`',
})

export const PromptSchema = Type.Object(
  {
    name: PromptName,
    language: Type.Optional(Language),
    sound: Type.String({ description: 'What it is called in menus, surveys and routes' }),
    file: Type.String({ description: 'What the PBX calls it, without an ending: for `Playback()` in the dialplan' }),
    durationMs: Type.Integer({ minimum: 0 }),
    bytes: Type.Integer({ minimum: 0 }),
    changedAt: Time('When it was put there'),
  },
  { ...closed, $id: 'Prompt', title: 'Prompt' },
)
export type PromptView = Static<typeof PromptSchema>
