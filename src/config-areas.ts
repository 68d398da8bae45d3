/** What the configuration says of where numbers are at home: `areas`. */
import { readFileSync, statSync } from 'node:fs'
import { Type, type Static } from 'typebox'
import { createAreas, readLibrary, type AreaOf } from './areas/library.js'
import { ownRows, phoneDatRows, type OwnRow } from './areas/own.js'
import { createPossible, PLACED } from './areas/possible.js'
import { CHARSETS, textIn, type Charset } from './base/charset.js'
import type { EpochMs } from './base/ids.js'
import { no, type Result } from './base/result.js'
import type { DataAge } from './doctor/areas.js'
import type { Area } from './events/area.js'

export const AreasSchema = Type.Object(
  {
    language: Type.Enum(['en', 'zh'], { default: 'en' }),
    /** Of the files that are CSV, where they are neither UTF-8 nor have a byte order mark. */
    charset: Type.Optional(Type.Enum(CHARSETS)),
    files: Type.Array(Type.String({ minLength: 1, maxLength: 1_000 }), { maxItems: 100, default: [] }),
  },
  { additionalProperties: false, default: {} },
)

type Settings = Static<typeof AreasSchema>

/** Throws with what is wrong in a file. */
export function areasOf(settings: Settings): AreaOf {
  return createAreas(readLibrary(), settings.language, allRows(settings))
}

const allRows = ({ files, charset }: Settings) => files.flatMap(file => readOwn(file, readFileSync(file), charset))

export function readOwn(file: string, bytes: Buffer, charset?: Charset): OwnRow[] {
  const rows = file.endsWith('.dat') ? phoneDatRows(bytes) : csvRows(bytes, charset)
  if (!rows.ok) throw new Error(`areas.files ${file}: ${rows.error}`)
  return rows.value
}

function csvRows(bytes: Buffer, charset: Charset | undefined): Result<OwnRow[], string> {
  const text = textIn(bytes, charset)
  return text.ok ? ownRows(text.value) : no(`${text.error}: let areas.charset name what it is in, such as gbk`)
}

/** What is wrong with each file. */
export const areaFileErrors = ({ files, charset }: Settings): string[] =>
  files.flatMap(file => {
    try {
      readOwn(file, readFileSync(file), charset)
      return []
    } catch (error) {
      if (!(error instanceof Error)) return [`areas.files ${file}: cannot be read`]
      return ['code' in error ? `areas.files ${file}: cannot be read (${String(error.code)})` : error.message]
    }
  })

type Route = { name: string; callers?: readonly Area[] }

/** Areas of routes in which no number is at home: nobody would come that way. */
export function areaContradictions(settings: Settings, routes: readonly Route[]): string[] {
  const { language } = settings
  const wanted = routes.flatMap(({ name, callers = [] }) => callers.map(area => ({ name, area })))
  if (!wanted.some(({ area }) => PLACED.some(kind => area[kind] !== undefined))) return []
  const isPossible = createPossible(readLibrary(), language, allRows(settings))
  return wanted.flatMap(({ name, area }) => {
    const given = PLACED.filter(kind => area[kind] !== undefined)
    const none = given.filter(kind => !isPossible({ [kind]: area[kind] }))
    const all =
      none.length === 0 && !isPossible(area) ? [given.map(kind => `${kind} ${area[kind] ?? ''}`).join(', ')] : []
    const wrong = [...none.map(kind => `${kind} ${area[kind] ?? ''}`), ...all]
    return wrong.map(text => `routing.routes ${name}: callers: no number has the ${text} (areas.language: ${language})`)
  })
}

/** Of the library, and of each file: a phone.dat begins with its year and month, another file has the time at which it was written. */
export function dataAges({ files }: Settings): DataAge[] {
  const { source, date } = readLibrary()
  return [{ name: source, of: dateOf(date) }, ...files.map(file => ({ name: file, of: ageOf(file) }))]
}

const dateOf = (text: string | undefined) => (text === undefined ? undefined : (Date.parse(text) as EpochMs))

function ageOf(file: string): EpochMs | undefined {
  try {
    if (!file.endsWith('.dat')) return statSync(file).mtimeMs as EpochMs
    const [, year, month] = /^(\d\d)(0[1-9]|1[0-2])$/.exec(readFileSync(file).toString('latin1', 0, 4)) ?? []
    return year === undefined ? undefined : dateOf(`20${year}-${month ?? ''}-01`)
  } catch {
    return undefined
  }
}
