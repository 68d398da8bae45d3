/** What the configuration says of voicemail: `pbxs.voicemail`, and the mail server: `mail`. */
import { Type, type Static } from 'typebox'
import { twice } from './config-media.js'
import type { VoicemailRules } from './engine/voicemail.js'
import { BoxId } from './events/voicemail.js'

const closed = { additionalProperties: false }
const Address = Type.String({ pattern: '^[^\\s@<>,;"]+@[^\\s@<>,;"]+$', maxLength: 254 })

export const VoicemailSchema = Type.Object(
  {
    minMs: Type.Integer({ minimum: 0, maximum: 60_000, default: 1_500 }),
    boxes: Type.Array(
      Type.Object(
        {
          box: BoxId,
          agent: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$' })),
          workgroup: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,78}$' })),
          email: Type.Array(Address, { maxItems: 20, default: [] }),
        },
        closed,
      ),
      { maxItems: 100_000, default: [] },
    ),
  },
  { ...closed, default: {} },
)
type Settings = Static<typeof VoicemailSchema>

export const MailSchema = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 253 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, default: 587 }),
    /** TLS from the first byte on; else by STARTTLS, where the server has it. */
    tls: Type.Boolean({ default: false }),
    user: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    password: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
    from: Address,
    /** How often a mail is tried, and how long it is waited before the second time; then twice as long, and so on. */
    tries: Type.Integer({ minimum: 1, maximum: 30, default: 12 }),
    retryMs: Type.Integer({ minimum: 100, maximum: 3_600_000, default: 30_000 }),
  },
  closed,
)
export type MailSettings = Static<typeof MailSchema>

export const voicemailContradictions = ({ boxes }: Settings, mail: MailSettings | undefined): string[] => [
  ...twice(boxes.map(({ box }) => box)).map(box => `voicemail.boxes: two are ${box}`),
  ...(mail ? [] : boxes.filter(({ email }) => email.length > 0)).map(({ box }) => `voicemail.boxes ${box}: email needs the mail server, \`mail\``),
] // prettier-ignore

export const voicemailRulesOf = ({ boxes, minMs }: Settings): Omit<VoicemailRules, 'mail'> => ({
  minMs,
  boxes: new Map(boxes.map(box => [box.box, box])),
})
