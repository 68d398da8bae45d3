/** What becomes of a number that is dialled: its class, and the reasons, each with what it means. */
import { Type, type Static } from 'typebox'
import { ERRORS, type ErrorCode } from '../base/errors.js'
import { closed } from './call-parts.js'

export const NUMBER_CLASSES = {
  code: 'A feature code of the PBX: it begins with * or #',
  internal: 'An extension, or another number that the PBX itself answers',
  emergency: 'An emergency number of the country, or of the configuration: always allowed',
  service: 'A service number of the country, or of the configuration: dialled as it is',
  local: 'Of the own area',
  national: 'Of the own country',
  mobile: 'A mobile of the own country',
  international: 'Of another country, or of none',
  premium: 'It costs more than others do',
  other: 'Digits that are no number anywhere',
} as const
export type NumberClass = keyof typeof NUMBER_CLASSES

export const NUMBER_REASONS = {
  'not-a-number': 'It holds something other than digits, *, # and a leading +.',
  'too-long': 'With what goes before it, it is longer than any number.',
  emergency: 'It is an emergency number: nothing stops it.',
  'emergency-behind-code': 'It is an emergency number behind the code of a country, where no network takes it as one.',
  code: 'It begins with * or #, so it is a code of the PBX.',
  extension: 'It looks as an extension does (`extensions`).',
  internal: 'The PBX itself answers such numbers (`dialling.internal`).',
  service: 'It is a service number: it is dialled as it is.',
  unread: 'No country is configured, so it is taken for a number of the own one.',
  unknown: 'No number like this exists.',
  'is-local': 'It is a number of the own area.',
  'is-national': 'It is a number of the own country.',
  'is-mobile': 'It is a mobile of the own country.',
  'is-international': 'It is a number of another country.',
  'is-premium': 'It is a number of the own country that costs more.',
  'without-area': 'It is written without an area, so it is one of the own area.',
  'own-area': 'Within the own area the area is not dialled.',
  'area-kept':
    'Without the area it would be another number (an emergency or service number, an extension or one inside), or none.',
  'mobile-of-own-area': 'A mobile of the own area is dialled as it is.',
  'mobile-of-another-area': 'Before a mobile of another area goes a 0.',
  'international-prefix': 'Before the code of the country goes the international prefix.',
  'trunk-prefix': 'Before a number outside goes the trunk prefix.',
  clir: 'The code before it says whether the far side sees the number of the caller; it is dialled first.',
  'phone-of-another': 'Somebody else has signed in at that phone, and the right `supervise` is missing.',
  'by-right': 'The requester has the right to dial it.',
  forbidden: 'The configuration forbids it.',
  'class-not-allowed': 'Numbers of this class are not allowed, and the requester does not have the right to dial them.',
} as const
export type NumberReason = keyof typeof NUMBER_REASONS

export const NumberSchema = Type.Object(
  {
    number: Type.String({ description: 'As it was given' }),
    allowed: Type.Boolean({ description: 'Whether it may be dialled by whoever asks, from there' }),
    class: Type.Enum(Object.keys(NUMBER_CLASSES) as NumberClass[], {
      description: Object.entries(NUMBER_CLASSES)
        .map(([name, text]) => `\`${name}\`: ${text}.`)
        .join(' '),
    }),
    dials: Type.Optional(Type.String({ description: 'What the PBX would be given to dial' })),
    e164: Type.Optional(Type.String({ description: 'As the whole world dials it' })),
    country: Type.Optional(Type.String({ description: 'ISO 3166' })),
    code: Type.Optional(
      Type.Enum(Object.keys(ERRORS) as ErrorCode[], { description: 'With which dialling would be refused' }),
    ),
    reasons: Type.Array(
      Type.Object(
        { rule: Type.Enum(Object.keys(NUMBER_REASONS) as NumberReason[]), text: Type.String() },
        { ...closed, description: 'One step of the way' },
      ),
      { description: 'Why, in the order in which it was found out' },
    ),
  },
  { ...closed, $id: 'Number', title: 'Number' },
)
export type NumberView = Static<typeof NumberSchema>
