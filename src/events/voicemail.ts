/** Messages that callers have left, as every consumer sees them. The schema is the source of type, validation and documentation. */
import { Type, type Static } from 'typebox'
import { closed, described, keysOf, PartySchema, Time } from './call-parts.js'

export const VOICEMAIL_EVENTS = {
  'voicemail.left': 'A caller has left a message, or one was forwarded into this box.',
  'voicemail.changed': 'A message was marked as heard or as new, or its e-mail was sent or has failed.',
  'voicemail.deleted': 'A message was deleted.',
} as const
export type VoicemailEventType = keyof typeof VOICEMAIL_EVENTS

export const MAIL_STATES = {
  wanted: 'It is to be sent, and is tried again until it is',
  sent: 'The mail server has taken it',
  failed: 'It was given up, after every try',
} as const

export const BoxId = Type.String({ pattern: '^[0-9]{1,32}$', description: 'The number of the box' })

export const MessageSchema = Type.Object(
  {
    id: Type.String({ description: 'The name of the PBX, a colon, and what names the message there' }),
    pbx: Type.String(),
    revision: Type.Integer({ minimum: 1, description: 'Grows by one with each event of this message' }),
    box: BoxId,
    agent: Type.Optional(Type.String({ description: 'Whose box it is, as the configuration says' })),
    workgroup: Type.Optional(Type.String({ description: 'Of which workgroup the box is, as the configuration says' })),
    from: PartySchema,
    call: Type.Optional(Type.String({ description: 'In which call it was left, where the daemon was there' })),
    at: Time('When the greeting began'),
    durationMs: Type.Integer({ minimum: 0 }),
    state: Type.Enum(['new', 'heard']),
    heardAt: Type.Optional(Time('When it was marked so')),
    heardBy: Type.Optional(Type.String({ description: 'Who did: `key:` and a name, or `staff:` and an id' })),
    forwarded: Type.Optional(
      Type.Object({ from: BoxId, by: Type.String() }, { ...closed, description: 'It is the copy of one in that box' }),
    ),
    mail: Type.Optional(Type.Enum(keysOf(MAIL_STATES), { description: described(MAIL_STATES) })),
  },
  { ...closed, $id: 'Message', title: 'Message' },
)
export type MessageView = Static<typeof MessageSchema>
