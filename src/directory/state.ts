/** The directory: who works here and by what rules. Pure data, by kind and id. */
import { QueueMap } from '../base/queue-map.js'
import type { Dictionary, Entry, Kind, Right, Role, Staff, Workgroup } from '../events/directory.js'
import { KINDS, REASONS, WRAP_UP_CODES } from '../events/directory.js'

/** As they are kept: with the hash of the password, where they have one. */
export type KeptStaff = Omit<Staff, 'hasPassword'> & { passwordHash?: string }
export type KeptOf = { staff: KeptStaff; workgroups: Workgroup; dictionaries: Dictionary; roles: Role }
export type Kept = KeptOf[Kind]

export type Directory = { readonly [K in Kind]: ReadonlyMap<string, KeptOf[K]> } & {
  /** How many changes there were. */
  readonly changes: number
}

export const NO_DIRECTORY: Directory = {
  staff: new Map(),
  workgroups: new QueueMap(),
  dictionaries: new Map(),
  roles: new Map(),
  changes: 0,
}

export const isEmpty = (directory: Directory) => KINDS.every(kind => directory[kind].size === 0)

/** The id with the letters that it was made with; the one asked for, where there is no such entry. */
export const idIn = (directory: Directory, kind: Kind, id: string): string => directory[kind].get(id)?.id ?? id

/** `undefined` takes it out. An entry keeps the letters of its id. */
export function withEntry(directory: Directory, kind: Kind, id: string, entry: Kept | undefined): Directory {
  const entries = kind === 'workgroups' ? new QueueMap<Kept>(directory[kind]) : new Map<string, Kept>(directory[kind])
  const named = entries.get(id)?.id ?? id
  if (entry) entries.set(named, entry.id === named ? entry : { ...entry, id: named })
  else entries.delete(named)
  return { ...directory, [kind]: entries, changes: directory.changes + 1 }
}

/** What everybody may see: of a password, only that there is one. */
export function shown(entry: Kept): Entry {
  const { passwordHash, ...rest } = entry as Kept & { passwordHash?: string }
  return passwordHash === undefined ? rest : { ...rest, hasPassword: true }
}

/** Its own rights, and those of the roles that it includes. */
export function rightsOf(directory: Directory, role: string | undefined, seen = new Set<string>()): Set<Right> {
  const own = role === undefined || seen.has(role) ? undefined : directory.roles.get(role)
  if (!own) return new Set()
  seen.add(own.id)
  return new Set([...own.rights, ...own.includes.flatMap(other => [...rightsOf(directory, other, seen)])])
}

export const mayStaff = (directory: Directory, id: string, right: Right) =>
  rightsOf(directory, directory.staff.get(id)?.role).has(right)

/** Of not being ready: one that can be chosen. Without a dictionary, any code will do. */
export function isReason(directory: Directory, code: string): boolean {
  const reasons = directory.dictionaries.get(REASONS)
  return reasons ? reasons.entries.some(entry => entry.code === code && entry.retired !== true) : true
}

/** What became of a call of this queue: one that can be chosen. */
export const isWrapUpCode = (directory: Directory, queue: string | undefined, code: string): boolean =>
  wrapUpCodesOf(directory, queue).some(entry => entry.code === code)

/** A wrap-up after a call of this queue is not to end without a code. Where there is none to choose, nobody can be held to it. */
export const requiresWrapUpCode = (directory: Directory, queue: string): boolean =>
  directory.workgroups.get(queue)?.wrapUpCodes?.required === true && wrapUpCodesOf(directory, queue).length > 0

function wrapUpCodesOf({ workgroups, dictionaries }: Directory, queue: string | undefined) {
  const named = queue === undefined ? undefined : workgroups.get(queue)?.wrapUpCodes?.dictionary
  const codes = dictionaries.get(named ?? WRAP_UP_CODES)?.entries ?? []
  return codes.filter(entry => entry.retired !== true)
}
