/** Where a number is at home, as every consumer sees it. The schema is the source. */
import { Type, type Static } from 'typebox'

export const NUMBER_TYPES = [
  'fixed',
  'mobile',
  'fixed-or-mobile',
  'toll-free',
  'premium',
  'shared-cost',
  'voip',
  'personal',
  'pager',
  'company',
  'voicemail',
] as const
export type NumberType = (typeof NUMBER_TYPES)[number]

export const AreaSchema = Type.Object(
  {
    country: Type.Optional(Type.String({ description: 'Such as `DE`' })),
    region: Type.Optional(Type.String({ description: 'A province, a state, or what else the country has' })),
    city: Type.Optional(Type.String()),
    carrier: Type.Optional(Type.String({ description: 'To whom the number was given first; it may have moved since' })),
    type: Type.Optional(Type.Enum([...NUMBER_TYPES])),
    timeZone: Type.Optional(
      Type.String({ description: 'Such as `Asia/Shanghai`; the first, where there are several' }),
    ),
  },
  { additionalProperties: false, description: 'Where a number is at home, as far as it is known' },
)
export type Area = Static<typeof AreaSchema>
