/** Rules of dialling, as a configuration would say them. */
import { dialRulesOf, DiallingSchema } from '../../src/config-dialling.js'
import type { AreaOf } from '../../src/areas/library.js'
import { Value } from 'typebox/value'
import type { Static } from 'typebox'

type Dialling = Static<typeof DiallingSchema>

export const rulesOf = (
  dialling: Partial<Dialling> = {},
  country = 'DE',
  areaOf?: AreaOf,
  bareNumbers: 'national' | 'international' = 'national',
) =>
  dialRulesOf(
    {
      dialling: Value.Default(DiallingSchema, dialling) as Dialling,
      extensions: '^1[0-9]{3}$',
      bareNumbers,
      ...(country === '' ? {} : { country }),
    },
    areaOf,
  )
