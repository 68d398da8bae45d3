/** A site's own data of areas: CSV with names of columns, or the phone.dat that many systems in China have. Pure. */
import { columnsIn, fieldsOf, isSomething, type Columns } from '../base/csv.js'
import { no, ok, type Result } from '../base/result.js'
import { digitsOf } from '../numbers/text.js'
import { NUMBER_TYPES, type Area, type NumberType } from '../events/area.js'

export type OwnRow = { prefix: string; area: Area }

const COLUMNS = ['prefix', 'country', 'region', 'city', 'carrier', 'type', 'timeZone'] as const
type Column = (typeof COLUMNS)[number]

/** What is wrong is told by the number of its line. */
export function ownRows(text: string): Result<OwnRow[], string> {
  const [first = '', ...lines] = text.split(/\r?\n/)
  const columns = columnsIn(first, COLUMNS)
  if (!columns.ok) return no(`line 1: ${columns.error}`)
  if (!columns.value.names.includes('prefix')) return no('line 1: there is no column prefix')
  const rows: OwnRow[] = []
  for (const [i, line] of lines.entries()) {
    const row = rowOf(columns.value, line)
    if (!row.ok) return no(`line ${i + 2}: ${row.error}`)
    if (row.value) rows.push(row.value)
  }
  return ok(rows)
}

/** Nothing where all fields are empty. */
function rowOf({ names, separator }: Columns<Column>, line: string): Result<OwnRow | undefined, string> {
  const fields = fieldsOf(line, separator)
  if (!fields.ok) return fields
  if (!fields.value.some(isSomething)) return ok(undefined)
  const given = names.flatMap((name, i) => (fields.value[i] ? [[name, fields.value[i]] as const] : []))
  const { prefix = '', type, ...area } = Object.fromEntries(given) as Partial<Record<Column, string>>
  const digits = digitsOf(prefix, '00')?.replace(/^(?:\+|00)/, '') ?? ''
  if (!/^[1-9][0-9]{0,14}$/.test(digits)) return no('prefix: the code of the country, and what follows it')
  if (type !== undefined && !isType(type)) return no(`type: one of ${NUMBER_TYPES.join(', ')}`)
  return ok({ prefix: digits, area: { ...area, ...(type !== undefined && { type }) } })
}

const isType = (text: string): text is NumberType => NUMBER_TYPES.some(type => type === text)

const CARRIERS = ['', '中国移动', '中国联通', '中国电信', '中国电信', '中国联通', '中国移动', '中国广电', '中国广电']
const INDEX_BYTES = 9
const CHINA = '86'

/** A version, where the index begins, records (`province|city|postcode|area code`, ended by NUL), and the index: 9 bytes for each first seven digits. */
export function phoneDatRows(file: Buffer): Result<OwnRow[], string> {
  const index = file.length >= 8 ? file.readUInt32LE(4) : 0
  if (index < 8 || index > file.length || (file.length - index) % INDEX_BYTES !== 0) return no('no phone.dat')
  const rows: OwnRow[] = []
  for (let at = index; at < file.length; at += INDEX_BYTES) {
    const record = file.readUInt32LE(at + 4)
    const end = file.indexOf(0, record)
    if (record < 8 || record >= index || end < 0) return no(`no record for ${file.readUInt32LE(at)}`)
    const [region = '', city = ''] = file.toString('utf8', record, end).split('|')
    const carrier = CARRIERS[file[at + 8] ?? 0] ?? ''
    const area: Area = { region, city, type: 'mobile', ...(carrier !== '' && { carrier }) }
    rows.push({ prefix: `${CHINA}${file.readUInt32LE(at)}`, area })
  }
  return ok(rows)
}
