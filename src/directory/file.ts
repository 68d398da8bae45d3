/**
 * A directory as a file (YAML): what it is first loaded from, and what it is exported to. Pure: the text -> the directory, or
 * everything that is wrong with it, and back.
 */
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { parse, stringify } from 'yaml'
import { flawLines, flawsOf } from '../base/flaws.js'
import { queueKey } from '../base/queue-map.js'
import { no, ok, type Result } from '../base/result.js'
import { KINDS, SCHEMA_OF, type Kind } from '../events/directory.js'
import { twice, wrongIn } from './check.js'
import { NO_DIRECTORY, withEntry, type Directory, type Kept } from './state.js'

const closed = { additionalProperties: false }
/** As `aladdin password` prints it. */
export const PASSWORD_HASH = '^scrypt\\$[0-9]{2}\\$[0-9]{1,2}\\$[0-9]{1,2}\\$[A-Za-z0-9_-]{16,64}\\$[A-Za-z0-9_-]{43}$'
const { hasPassword: _, ...staff } = SCHEMA_OF.staff.properties
const { adopted: __, ...workgroup } = SCHEMA_OF.workgroups.properties
export const KEPT_SCHEMA_OF: Record<Kind, Type.TSchema> = {
  ...SCHEMA_OF,
  staff: Type.Object({ ...staff, passwordHash: Type.Optional(Type.String({ pattern: PASSWORD_HASH })) }, closed),
  workgroups: Type.Object(workgroup, closed),
}

const FileSchema = Type.Object(
  Object.fromEntries(KINDS.map(kind => [kind, Type.Array(KEPT_SCHEMA_OF[kind], { default: [] })])),
  closed,
)

/** A workgroup that the file does not have may be one that the PBX has: whether it does, is only known later. */
export function parseDirectory(text: string): Result<Directory, string[]> {
  let read: unknown
  try {
    read = parse(text) ?? {}
  } catch (error) {
    return no([`not readable as YAML: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''}`])
  }
  const value = Value.Default(FileSchema, read)
  const errors = flawLines(flawsOf(FileSchema, value), 'the file')
  if (errors.length > 0) return no(errors)
  const entries = value as Record<Kind, Kept[]>
  const doubled = KINDS.flatMap(kind =>
    twice(entries[kind].map(({ id }) => (kind === 'workgroups' ? queueKey(id) : id))).map(
      id => `${kind}: two have the id ${id}`,
    ),
  )
  const directory = KINDS.reduce<Directory>(
    (d, kind) => entries[kind].reduce((to, entry) => withEntry(to, kind, entry.id, entry), d),
    NO_DIRECTORY,
  )
  const wrong = [...doubled, ...wrongIn(directory, () => true)]
  return wrong.length > 0 ? no(wrong) : ok(directory)
}

const byId = (a: Kept, b: Kept) => (a.id < b.id ? -1 : 1)

/** Read again, it is the same. */
export const printDirectory = (directory: Directory): string =>
  stringify(Object.fromEntries(KINDS.map(kind => [kind, [...directory[kind].values()].sort(byId)])), { lineWidth: 0 })
