/** What the configuration says of recordings that the dialplan makes: `pbxs.recordings`. */
import { Type } from 'typebox'

const closed = { additionalProperties: false }
const AS = '/var/spool/asterisk/monitor'
const Path = Type.String({ pattern: '^/', maxLength: 1_000 })

export const RecordingsSchema = Type.Object(
  {
    dir: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
    as: Type.String({ ...Path, default: AS }),
    url: Type.Optional(Type.String({ pattern: '^https?://', maxLength: 1_000 })),
  },
  { ...closed, default: {} },
)

type Settings = { dir?: string; as?: string; url?: string }

export const recordingContradictions = ({ dir, as = AS, url }: Settings): string[] => [
  ...(as !== AS && dir === undefined && url === undefined
    ? ['recordings.as needs recordings.dir or recordings.url']
    : []),
  ...(dir !== undefined && url !== undefined ? ['recordings has dir and url: only one of the two can be'] : []),
  ...(url !== undefined && !url.includes('{file}') ? ['recordings.url lacks {file}'] : []),
  ...(url !== undefined && !URL.canParse(url.replaceAll('{file}', 'a')) ? ['recordings.url is no address'] : []),
]
