/** What the configuration says of where numbers are at home: `areas`. */
import { readFileSync } from 'node:fs'
import { Type, type Static } from 'typebox'
import { createAreas, readLibrary, type AreaOf } from './areas/library.js'
import { ownRows, phoneDatRows } from './areas/own.js'

export const AreasSchema = Type.Object(
  {
    language: Type.Enum(['en', 'zh'], { default: 'en' }),
    files: Type.Array(Type.String({ minLength: 1, maxLength: 1_000 }), { maxItems: 100, default: [] }),
  },
  { additionalProperties: false, default: {} },
)

/** Throws with what is wrong in a file. */
export function areasOf({ language, files }: Static<typeof AreasSchema>): AreaOf {
  const own = files.flatMap(file => {
    const rows = file.endsWith('.dat') ? phoneDatRows(readFileSync(file)) : ownRows(readFileSync(file, 'utf8'))
    if (!rows.ok) throw new Error(`areas.files ${file}: ${rows.error}`)
    return rows.value
  })
  return createAreas(readLibrary(), language, own)
}
