/** The directory of one PBX: read back from the store, changed by commands, told of and stored. Touches nothing else. */
import { newAgent } from '../agents/state.js'
import type { EpochMs } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import type { Site } from '../calls/site.js'
import { decideChange, type Change, type Refused } from '../directory/decide.js'
import { idIn, shown, withEntry, type Directory, type Kept, type KeptStaff } from '../directory/state.js'
import { STRATEGIES, type DirectoryChange, type Kind, type Workgroup } from '../events/directory.js'
import { directoryEvent, iso } from '../events/event.js'
import type { Applied } from './apply.js'
import { isQueue, requireCodes } from './agents.js'
import { isEntry, type PbxState, type StoredEntry, type StoredThing } from './state.js'

export const entryKey = (kind: Kind, id: string) => `directory/${kind}/${id}`

export function restoreDirectory(state: PbxState, stored: Iterable<StoredThing>) {
  let changes = 0
  // A workgroup may have been stored in two writings: the one that was changed last counts.
  for (const { kind, entry, changes: made } of [...stored].filter(isEntry).sort((a, b) => a.changes - b.changes)) {
    const was = state.directory[kind].get(entry.id)?.id
    if (was !== undefined && was !== entry.id) {
      state.stale.push(entryKey(kind, was))
      state.directory = withEntry(state.directory, kind, was, undefined)
    }
    state.directory = withEntry(state.directory, kind, entry.id, entry)
    changes = Math.max(changes, made)
  }
  state.directory = { ...state.directory, changes }
}

export function storedEntry(state: PbxState, key: string): StoredEntry | undefined {
  const [, kind, id] = key.split('/') as [string, Kind, string]
  const entry = state.directory[kind].get(id)
  return entry && { id: key, kind, entry, changes: state.directory.changes }
}

type Around = { site: Site; at: EpochMs; by: string }

/** Whether it may be, and what comes of it. */
export const decideIn = (state: PbxState, change: Change): Result<Directory, Refused> =>
  decideChange(state.directory, change, {
    isQueue: name => isQueue(state, name),
    isSignedIn: staff => state.agents.get(staff)?.signedIn !== undefined,
  })

export function changeDirectory(
  state: PbxState,
  change: Change,
  { site, at, by }: Around,
  into: Applied,
): Result<Kept | undefined, Refused> {
  const { kind } = change
  const decided = decideIn(state, change)
  if (!decided.ok) return no(decided.error)
  const id = idIn(state.directory, kind, change.id)
  const was = state.directory[kind].get(id)
  take(state, kind, id, decided.value, { site, at, by }, was, into)
  if (kind === 'workgroups' || kind === 'dictionaries') requireCodes(site, state, at, into)
  return ok(decided.value[kind].get(id))
}

/** What a file says, where the store has none. */
export function loadDirectory(state: PbxState, loaded: Directory, around: Around, into: Applied) {
  for (const kind of ['roles', 'dictionaries', 'workgroups', 'staff'] as const)
    for (const entry of loaded[kind].values())
      take(state, kind, entry.id, withEntry(state.directory, kind, entry.id, entry), around, undefined, into)
}

function take(
  state: PbxState,
  kind: Kind,
  id: string,
  next: Directory,
  { site, at, by }: Around,
  was: Kept | undefined,
  into: Applied,
) {
  const now = next[kind].get(id)
  state.directory = next
  into.entries.add(entryKey(kind, id))
  into.events.push(
    directoryEvent(at, {
      id: `${site.pbx}:${next.changes}`,
      pbx: site.pbx,
      at: iso(at),
      by,
      kind,
      entry: id,
      ...(was && { was: shown(was) }),
      ...(now && { now: shown(now) }),
      ...passwordOf(was as KeptStaff | undefined, now as KeptStaff | undefined),
    }),
  )
  // Nothing is left of whoever is gone; what they did is in the activity log.
  if (kind === 'staff' && !now && state.agents.delete(id)) into.agents.add(id)
  if (kind === 'staff' && now) known(state, id, at, into)
  if (kind === 'workgroups' && state.queues.has(id)) into.queues.add(id)
  // Names, penalties and workgroups of whoever has signed in may be others now.
  const whom = kind === 'staff' ? [id] : kind === 'workgroups' ? [...state.agents.keys()] : []
  for (const staff of whom) if (state.agents.has(staff)) into.agents.add(staff)
}

/** Somebody who has never signed in is signed out since the daemon knows of them. */
function known(state: PbxState, staff: string, at: EpochMs, into: Applied) {
  if (state.agents.has(staff)) return
  state.agents.set(staff, newAgent(staff, at))
  into.agents.add(staff)
}

/** Staff of before such moments were kept. */
export function knowAll(state: PbxState, at: EpochMs, into: Applied) {
  for (const staff of state.directory.staff.keys()) known(state, staff, at, into)
}

/** Only that it is another, never which. */
function passwordOf(was: KeptStaff | undefined, now: KeptStaff | undefined): Pick<DirectoryChange, 'password'> {
  if (was?.passwordHash === now?.passwordHash || !now) return {}
  return { password: now.passwordHash === undefined ? 'removed' : 'set' }
}

/** As the PBX has them, and no entry says otherwise. */
export function adoptedOf(state: PbxState): Workgroup[] {
  return [...state.queues.values()]
    .filter(({ name }) => isQueue(state, name) && !state.directory.workgroups.has(name) && QUEUE_NAME.test(name))
    .map(({ name, strategy, serviceLevelMs }) => ({
      id: name,
      name,
      strategy: STRATEGIES.find(s => s === strategy) ?? 'ringall',
      ringForMs: 15_000,
      wrapUpMs: 0,
      serviceLevelMs,
      adopted: true,
    }))
}
const QUEUE_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,78}$/
