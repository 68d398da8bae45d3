/** May the directory be changed like this? Pure: the directory and what is asked, the next one or a refusal. */
import { isSameQueue } from '../base/queue-map.js'
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import { isSameId, type Dictionary, type Kind } from '../events/directory.js'
import { wrongIn } from './check.js'
import { withEntry, type Directory, type Kept } from './state.js'

/** `replace` is of one that there is, `create` of one that there is not; the entry fits its schema. */
export type Change = { kind: Kind; id: string } & ({ do: 'create' | 'replace'; entry: Kept } | { do: 'delete' })

/** What the rest of the daemon knows: which queues the PBX has, and whether somebody has signed in. */
export type Around = { isQueue: (name: string) => boolean; isSignedIn: (staff: string) => boolean }

export type Refused = { code: ErrorCode; detail?: string }

export function decideChange(directory: Directory, change: Change, around: Around): Result<Directory, Refused> {
  const { kind, id } = change
  const was = directory[kind].get(id)
  if (change.do === 'create' && was) return no({ code: 'ENTRY_EXISTS' })
  if (change.do !== 'create' && !was) return no({ code: 'ENTRY_NOT_FOUND' })
  if (change.do === 'delete') return decideDelete(directory, kind, id, around)
  if (!isSameId(kind, change.entry.id, id))
    return no({ code: 'ENTRY_INVALID', detail: 'id: is not the one in the address' })
  const broken = kind === 'dictionaries' && was ? gone(was as Dictionary, change.entry as Dictionary) : []
  if (broken.length > 0)
    return no({ code: 'ENTRY_IN_USE', detail: `codes can be retired, not taken out: ${broken.join(', ')}` })
  const next = withEntry(directory, kind, id, change.entry)
  const wrong = wrongIn(next, around.isQueue)
  return wrong.length > 0 ? no({ code: 'ENTRY_INVALID', detail: wrong.slice(0, 5).join('; ') }) : ok(next)
}

const gone = (was: Dictionary, now: Dictionary) =>
  was.entries.map(({ code }) => code).filter(code => !now.entries.some(entry => entry.code === code))

function decideDelete(directory: Directory, kind: Kind, id: string, around: Around): Result<Directory, Refused> {
  const users = usersOf(directory, kind, id)
  if (kind === 'staff' && around.isSignedIn(id)) return no({ code: 'ENTRY_IN_USE', detail: 'has signed in' })
  if (users.length > 0) return no({ code: 'ENTRY_IN_USE', detail: users.slice(0, 5).join(', ') })
  return ok(withEntry(directory, kind, id, undefined))
}

/** What would be left without what it names. */
function usersOf({ staff, roles, dictionaries, workgroups }: Directory, kind: Kind, id: string): string[] {
  const people = [...staff.values()]
  switch (kind) {
    case 'staff':
      return []
    case 'workgroups':
      return people.filter(p => p.workgroups.some(w => isSameQueue(w.workgroup, id))).map(p => `staff ${p.id}`)
    case 'roles':
      return [
        ...people.filter(p => p.role === id).map(p => `staff ${p.id}`),
        ...[...roles.values()].filter(r => r.includes.includes(id)).map(r => `roles ${r.id}`),
      ]
    case 'dictionaries':
      return [
        ...[...workgroups.values()].filter(w => w.wrapUpCodes?.dictionary === id).map(w => `workgroups ${w.id}`),
        ...(dictionaries.get(id)?.entries ?? []).map(({ code }) => `code ${code}`),
      ]
  }
}
