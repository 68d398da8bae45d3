/** The blacklist as a file: lines of fields between commas, the first of which names them. Pure. */
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { csvLine, fieldsOf } from '../base/csv.js'
import { no, ok, type Result } from '../base/result.js'
import { EntryAskedSchema, type BlacklistEntry, type EntryAsked } from '../events/blacklist.js'

const ASKED = Object.keys(EntryAskedSchema.properties)
/** What else a list has that was written out; to be read again, it is passed over. */
const NOTED = ['addedBy', 'addedAt', 'hits', 'lastHitAt']
const COLUMNS = [...ASKED, ...NOTED] as (keyof BlacklistEntry)[]
const MOST_CHARS = 1_000

const names = new Map(COLUMNS.map(name => [name.toLowerCase(), name]))
const Whole = Type.Object(EntryAskedSchema.properties, { additionalProperties: false })

/** The first line -> what is where. */
export function columnsOf(line: string): Result<string[], string> {
  const fields = fieldsOf(line.replace(/^\ufeff/, ''))
  if (!fields.ok) return fields
  const columns = fields.value.map(field => names.get(field.trim().toLowerCase()) ?? '')
  if (columns.includes('')) return no(`the first line names the columns: ${COLUMNS.join(', ')}`)
  if (new Set(columns).size < columns.length) return no('a column is there twice')
  return columns.includes('match') ? ok(columns) : no('there is no column match')
}

/** Fields that are empty are as good as left out. */
export function entryOf(columns: readonly string[], line: string): Result<EntryAsked, string> {
  if (line.length > MOST_CHARS) return no('the line is too long')
  const fields = fieldsOf(line)
  if (!fields.ok) return fields
  if (fields.value.length > columns.length) return no('more fields than columns')
  const given = columns.flatMap((name, i) => {
    const value = fields.value[i] ?? ''
    return value === '' || NOTED.includes(name) ? [] : [[name, value] as const]
  })
  const entry: unknown = { scope: 'all', action: 'busy', ...Object.fromEntries(given) }
  if (Value.Check(Whole, entry)) return ok(entry)
  const [first] = Value.Errors(Whole, entry)
  return no(`${first?.instancePath.slice(1) || 'match'}: ${first?.message ?? 'wrong'}`)
}

export const HEADER = csvLine(COLUMNS)
export const lineOf = (entry: BlacklistEntry) => csvLine(COLUMNS.map(name => entry[name]))
