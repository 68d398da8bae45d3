/** Lists by the caller's number as files: lines of fields, the first of which names them. Pure. */
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { columnsIn, csvLine, fieldsOf, isSomething, type Columns } from '../base/csv.js'
import { flawsOf } from '../base/flaws.js'
import { no, ok, type Result } from '../base/result.js'
import { counted, noted } from '../events/listed.js'

/** What else a list has that was written out; to be read again, it is passed over. */
const NOTED = [...Object.keys(noted), 'hits', 'lastHitAt'].filter(name => name in { ...noted, ...counted })
const MOST_CHARS = 1_000

/** `schema`: of what may be asked of an entry, with what holds where a field is left out. */
export function createCsv<S extends Type.TObject>(schema: S) {
  const columns = [...Object.keys(schema.properties), ...NOTED]
  const defaults = Value.Default(schema, {}) as object

  return {
    header: csvLine(columns),
    lineOf: (entry: Readonly<Record<string, unknown>>) =>
      csvLine(columns.map(name => entry[name] as string | number | undefined)),

    /** The first line -> what is where. */
    columnsOf: (line: string): Result<Columns<string>, string> => {
      const found = columnsIn(line, columns)
      if (!found.ok) return found
      const { names } = found.value
      if (new Set(names).size < names.length) return no('a column is there twice')
      return names.includes('match') ? found : no('there is no column match')
    },

    /** Fields that are empty are as good as left out, behind the columns as well; nothing where all of them are. */
    entryOf: ({ names, separator }: Columns<string>, line: string): Result<Type.Static<S> | undefined, string> => {
      if (line.length > MOST_CHARS) return no('the line is too long')
      const fields = fieldsOf(line, separator)
      if (!fields.ok) return fields
      if (!fields.value.some(isSomething)) return ok(undefined)
      if (fields.value.slice(names.length).some(isSomething)) return no('more fields than columns')
      if (line.includes(REPLACED)) return no('has a character that another program has replaced (\ufffd)')
      const given = names.flatMap((name, i) => {
        const value = fields.value[i] ?? ''
        return value === '' || NOTED.includes(name) ? [] : [[name, numberIn(schema, name, value)] as const]
      })
      const entry: unknown = { ...defaults, ...Object.fromEntries(given) }
      if (Value.Check(schema, entry)) return ok(entry)
      const [first] = flawsOf(schema, entry)
      return no(`${first?.path.slice(1) || 'match'}: ${first?.text ?? 'wrong'}`)
    },
  }
}
export type Csv<A> = {
  header: string
  lineOf: (entry: Readonly<Record<string, unknown>>) => string
  columnsOf: (line: string) => Result<Columns<string>, string>
  entryOf: (columns: Columns<string>, line: string) => Result<A | undefined, string>
}

const REPLACED = '\ufffd'

/** Text, but where the schema has a number. */
const numberIn = (schema: Type.TObject, name: string, value: string) =>
  Type.IsInteger(schema.properties[name]) && /^\d{1,15}$/.test(value) ? Number(value) : value
