/**
 * Lists by the caller's number, such as the blacklist: looked up for callers from outside, and changed by command, one by one or by
 * whole files. Kept in Redis.
 */
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { inTime, type Clock } from '../base/clock.js'
import type { Columns } from '../base/csv.js'
import type { ErrorCode } from '../base/errors.js'
import type { EpochMs } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import type { Right } from '../events/directory.js'
import { iso } from '../events/event.js'
import type { ListedAsked, ListedCounts, ListedKept } from '../events/listed.js'
import type { Csv } from '../routing/listed-csv.js'
import { idOf, isInForce, scopesOf } from '../routing/listed.js'
import { ANONYMOUS, isAbout, matchOf, numbersOf, shapeOf, strongestFirst } from '../routing/number-match.js'
import { beginningsOf, dialledAs } from '../numbers/beginning.js'
import type { NumberPlan } from '../numbers/read.js'
import { askerOf, type Asker } from './agent-commands.js'
import type { NumberList } from './number-list.js'
import type { PbxState } from './state.js'

export type ListedParts = {
  state: PbxState
  clock: Clock
  site: NumberPlan
  newId: () => string
  may: (by: Asker, right: Right) => ErrorCode | undefined
  isStopping: () => boolean
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
}

/** What is its own of one list. */
type Kind<A extends ListedAsked> = {
  list: NumberList
  /** Of what is kept. */
  schema: TSchema
  csv: Csv<A>
  right: Right
  /** What is wrong with an entry of which each field is as it may be. */
  flawOf: (asked: A) => string | undefined
}

export type EntryRefused = { code: ErrorCode; detail?: string }
/** By the numbers of the lines, from 1: the first one names the columns. */
export type BadLine = { line: number; why: string }
export type Imported = { lines: number; taken: number; added: number; refused: BadLine[] }
export type Importing = {
  lines: (texts: readonly string[]) => Promise<void>
  end: () => Promise<Result<Imported, { code: ErrorCode; refused: BadLine[] }>>
  /** The file is not whole. */
  abort: () => Promise<void>
}

export type ListedView = ListedKept & ListedCounts
/** What may be asked of a list over the API. */
export type ListedCommands<A> = {
  page: (begin: string, after: string | undefined, limit: number) => Promise<{ entries: ListedView[]; next?: string }>
  one: (id: string) => Promise<ListedView | undefined>
  /** `fromCall`: the number is as a call shows it, and the entry is to be about whoever calls with it, and about nobody else. */
  add: (asked: A, by: Asker, fromCall?: 'fromCall') => Promise<Result<ListedView, EntryRefused>>
  remove: (id: string, by: Asker) => Promise<Result<void, EntryRefused>>
  import: (mode: 'refuse' | 'skip', by: Asker) => Promise<Result<Importing, EntryRefused>>
  export: () => AsyncIterable<string>
}

/** The dialplan waits for two seconds in all. */
const FIND_WITHIN_MS = 500
const PAGE = 500
const PREFIXED = 'where trunks put the dial prefix before the numbers of callers, set dialling.prefixedCallers'
/** Lines of one file that cannot be read; with so many, it is given up. */
export const MOST_REFUSED = 250_000

export function createListed<A extends ListedAsked>(parts: ListedParts, { list, schema, csv, right, flawOf }: Kind<A>) {
  type Kept = A & ListedKept
  type View = Kept & ListedCounts
  const { state, clock, site, newId, may, isStopping, keepRunning } = parts
  let importing = false

  const numbersTo = (to: string | undefined) =>
    to === undefined ? [] : [...state.directory.workgroups.values()].filter(w => w.number === to).map(w => w.id)

  /** As it was put in; what is not ours is none. */
  function keptOf(text: string): Kept | undefined {
    try {
      const entry = JSON.parse(text) as unknown
      return Value.Check(schema, entry) ? (entry as Kept) : undefined
    } catch {
      return undefined
    }
  }

  /** All that is in force for such a call, the strongest first; undefined where Redis has not said it in time. */
  async function fitting(
    shown: string,
    dialled: string,
    to: string | undefined,
    at: EpochMs,
    withheld = false,
  ): Promise<Kept[] | undefined> {
    const suffixes = scopesOf(dialled, numbersTo(to), dialledAs(site, dialled).flat()).map(scope =>
      scope === 'all' ? '' : `@${scope}`,
    )
    const numbers = [...new Set([...numbersOf(shown, site), ...(withheld ? [ANONYMOUS] : [])])]
    const finding = list.find(numbers, suffixes).catch(() => undefined)
    const texts = (await inTime(clock, FIND_WITHIN_MS, finding)) ? await finding : undefined
    const kept = texts?.flatMap(text => keptOf(text) ?? [])
    const entries = kept?.filter(entry => isInForce(entry, at) && isAbout(site, entry.match, numbers))
    return entries && strongestFirst(entries, numbers)
  }

  const allowed = (by: Asker): EntryRefused | undefined => {
    if (isStopping()) return { code: 'STOPPING' }
    const forbidden = may(by, right)
    return forbidden && { code: forbidden }
  }

  /** A workgroup is named as the directory writes it: the scope is looked up by that. */
  function scopeOf(scope: string): Result<string, string> {
    const id = /^workgroup:(.*)$/.exec(scope)?.[1]
    if (id === undefined) return ok(scope)
    const workgroup = state.directory.workgroups.get(id)
    if (workgroup?.number === undefined) return no('scope: the workgroup is not in the directory, or has no number')
    return ok(`workgroup:${workgroup.id}`)
  }

  function kept(asked: A, by: Asker): Result<Kept, string> {
    const match = matchOf(asked.match, site)
    if (!match.ok) return no(`match: ${match.error}`)
    const scope = scopeOf(asked.scope)
    if (!scope.ok) return scope
    const flaw = flawOf(asked)
    if (flaw !== undefined) return no(flaw)
    const entry = { ...asked, match: match.value, scope: scope.value, addedBy: askerOf(by), addedAt: iso(clock.now()) }
    return isInForce(entry, clock.now()) ? ok(entry) : no('expiresAt: is over')
  }

  const stored = (entry: Kept) => ({
    id: idOf(entry),
    text: JSON.stringify(entry),
    ...(entry.expiresAt !== undefined && { until: Date.parse(entry.expiresAt) }),
  })

  async function shown(ids: readonly string[]): Promise<View[]> {
    const read = await list.read(ids)
    return read.flatMap((hit, i) => {
      const entry = hit && keptOf(hit.text)
      if (!entry || !isInForce(entry, clock.now())) return []
      const { hits, hitAt } = hit
      return [{ ...entry, id: ids[i] ?? '', hits, ...(hitAt !== undefined && { lastHitAt: iso(hitAt as EpochMs) }) }]
    })
  }

  /** In their order: none of the beginnings is that of another. */
  async function idsOf(begin: string, after: string | undefined, most: number): Promise<string[]> {
    const ids: string[] = []
    for (const one of begin === '' ? [''] : beginningsOf(site, begin))
      if (ids.length < most) ids.push(...(await list.ids(one, after, most - ids.length)))
    return ids
  }

  /** Page by page; a page may be shorter than asked for, since those whose time is over are left out. */
  async function page(begin: string, after: string | undefined, limit: number) {
    const ids = await idsOf(begin, after, limit + 1)
    const entries = await shown(ids.slice(0, limit))
    return { entries, ...(ids.length > limit && { next: ids[limit - 1] }) }
  }

  function beginImport(mode: 'refuse' | 'skip', by: Asker): Importing {
    const refused: BadLine[] = []
    const staged = mode === 'refuse' ? list.staging(newId()) : undefined
    const shapes = list.shapes()
    let columns: Columns<string> | undefined
    let [line, taken, added] = [0, 0, 0]
    /** Nobody knows what the fields are, or it is no such file at all. */
    const hopeless = () => (line > 0 && !columns) || refused.length >= MOST_REFUSED

    function judge(text: string, known: Set<string>): Kept | undefined {
      line += 1
      if (!columns) {
        const named = csv.columnsOf(text)
        if (named.ok) columns = named.value
        else refused.push({ line, why: named.error })
        return undefined
      }
      const asked = csv.entryOf(columns, text)
      const entry = !asked.ok ? asked : asked.value && kept(asked.value, by)
      if (!entry) return undefined
      const shape = entry.ok ? shapeOf(entry.value.match) : undefined
      if (shape !== undefined && known.size >= list.mostShapes && !known.has(shape))
        refused.push({ line, why: 'match: too many kinds of patterns' })
      else if (entry.ok) return (shape !== undefined && known.add(shape), entry.value)
      else refused.push({ line, why: entry.error })
      return undefined
    }

    return {
      async lines(texts) {
        const known = await shapes
        // Beside calls: a large file is read in small steps, and Redis is waited for after each.
        for (let from = 0; from < texts.length && !hopeless(); from += PAGE) {
          const entries = texts.slice(from, from + PAGE).flatMap(text => (hopeless() ? [] : (judge(text, known) ?? [])))
          taken += entries.length
          if (staged) await staged.add(refused.length > 0 ? [] : entries.map(stored))
          else added += (await list.put(entries.map(stored))).added
        }
      },
      async end() {
        importing = false
        if (hopeless() || line === 0 || (staged && refused.length > 0)) {
          await staged?.drop()
          const empty = line === 0 ? [{ line: 1, why: 'the file is empty' }] : refused
          return no({ code: 'IMPORT_REFUSED', refused: empty })
        }
        if (staged && taken > 0) {
          await staged.take()
          added = await keepRunning(list.putTaken())
        }
        return ok({ lines: line, taken, added, refused })
      },
      async abort() {
        importing = false
        await staged?.drop()
      },
    }
  }

  /** An entry may be asked for in any writing of its number. */
  async function ownId(id: string): Promise<string> {
    if ((await list.read([id]))[0] !== undefined) return id
    const at = id.indexOf('@')
    const [written, asked] = at < 0 ? [id, 'all'] : [id.slice(0, at), id.slice(at + 1)]
    const match = matchOf(written, site)
    const scope = scopeOf(asked)
    return idOf({ match: match.ok ? match.value : written, scope: scope.ok ? scope.value : asked })
  }

  return {
    fitting,
    /** It has decided a call. */
    hit: (entry: Kept, at: EpochMs) => void keepRunning(list.hit(idOf(entry), at).catch(() => undefined)),
    /** What an import had said it would put in when its daemon was stopped. */
    begin: () => void keepRunning(list.putTaken().catch(() => undefined)),
    asked: {
      page,
      one: async (id: string): Promise<View | undefined> => (await shown([await ownId(id)]))[0],
      async add(asked: A, by: Asker, fromCall?: 'fromCall'): Promise<Result<View, EntryRefused>> {
        const refused = allowed(by)
        if (refused) return no(refused)
        const entry = kept(asked, by)
        if (!entry.ok) return no({ code: 'ENTRY_INVALID', detail: entry.error })
        if (fromCall && !isAbout(site, entry.value.match, numbersOf(asked.match, site)))
          return no({ code: 'ENTRY_INVALID', detail: `in a list this number means ${entry.value.match}; ${PREFIXED}` })
        await list.sweep(clock.now())
        const put = await list.put([stored(entry.value)])
        if (put.refused.length > 0) return no({ code: 'ENTRY_INVALID', detail: 'match: too many kinds of patterns' })
        const [view] = await shown([idOf(entry.value)])
        return view ? ok(view) : no({ code: 'ENTRY_NOT_FOUND' })
      },
      async remove(id: string, by: Asker): Promise<Result<void, EntryRefused>> {
        const refused = allowed(by)
        if (refused) return no(refused)
        return (await list.remove([await ownId(id)])) > 0 ? ok(undefined) : no({ code: 'ENTRY_NOT_FOUND' })
      },
      /** One file at a time. */
      async import(mode: 'refuse' | 'skip', by: Asker): Promise<Result<Importing, EntryRefused>> {
        const refused = allowed(by)
        if (refused) return no(refused)
        if (importing) return no({ code: 'IMPORT_UNDER_WAY' })
        importing = true
        try {
          await list.sweep(clock.now())
          await list.putTaken()
          return ok(beginImport(mode, by))
        } catch (error) {
          importing = false
          throw error
        }
      },
      /** All of it, line by line. */
      async *export(): AsyncGenerator<string> {
        yield csv.header
        let after: string | undefined
        do {
          const { entries, next }: Awaited<ReturnType<typeof page>> = await page('', after, PAGE)
          yield entries.map(csv.lineOf).join('')
          after = next
        } while (after !== undefined)
      },
    },
  }
}
