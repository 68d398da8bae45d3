/** What the configuration says of recordings that the dialplan makes: `pbxs.recordings`. */
import { Type } from 'typebox'

const closed = { additionalProperties: false }
const Path = Type.String({ pattern: '^/', maxLength: 1_000 })

export const RecordingsSchema = Type.Object(
  {
    dir: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
    as: Type.String({ ...Path, default: '/var/spool/asterisk/monitor' }),
    url: Type.Optional(Type.String({ pattern: '^https?://', maxLength: 1_000 })),
  },
  { ...closed, default: {} },
)

export const recordingContradictions = ({ dir, url }: { dir?: string; url?: string }): string[] => [
  ...(dir !== undefined && url !== undefined ? ['recordings has dir and url: only one of the two can be'] : []),
  ...(url !== undefined && !url.includes('{file}') ? ['recordings.url lacks {file}'] : []),
  ...(url !== undefined && !URL.canParse(url.replaceAll('{file}', 'a')) ? ['recordings.url is no address'] : []),
]
