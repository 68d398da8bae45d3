/** What the configuration says of prompts: `pbxs.prompts`. */
import { Type } from 'typebox'
import { LANGUAGE } from './events/prompt.js'

const closed = { additionalProperties: false }
const Path = Type.String({ pattern: '^(?!.*\\.\\.)/[A-Za-z0-9_./-]{1,150}$' })
const Command = Type.String({ minLength: 1, maxLength: 1_000 })

export const PromptsSchema = Type.Object(
  {
    dir: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
    as: Type.Optional(Path),
    speech: Type.Optional(
      Type.Object(
        {
          driver: Type.Enum(['espeak-ng'], { default: 'espeak-ng' }),
          command: Type.String({ ...Command, default: 'espeak-ng' }),
          args: Type.Array(Command, { maxItems: 50, default: [] }),
          voices: Type.Record(Type.String(), Type.String({ pattern: '^[A-Za-z0-9+_-]{1,64}$' }), {
            default: { en: 'en', zh: 'cmn' },
          }),
        },
        closed,
      ),
    ),
  },
  { ...closed, default: {} },
)

type Settings = { dir?: string; as?: string; speech?: { voices: Readonly<Record<string, string>> } }

export const promptContradictions = ({ dir, as, speech }: Settings): string[] => [
  ...(dir === undefined && as !== undefined ? ['prompts.as is of no use without dir'] : []),
  ...(dir !== undefined && as === undefined && !/^\/[A-Za-z0-9_./-]{1,150}$/.test(dir)
    ? ['prompts.dir is no path that the PBX can be told; say as what the PBX knows it, as `as`']
    : []),
  ...Object.keys(speech?.voices ?? {})
    .filter(language => !LANGUAGE.test(language))
    .map(language => `prompts.speech: ${language} is no language such as zh or en_GB`),
]
