/** Lists of numbers without Redis: one that has nothing and takes nothing, and one that keeps what it is given. */
import type { ListEntry, NumberList } from '../../src/engine/number-list.js'

const nothing = () => Promise.resolve()

export const anEmptyList: NumberList = {
  mostShapes: 0,
  shapes: () => Promise.resolve(new Set()),
  put: () => Promise.resolve({ added: 0, refused: [] }),
  remove: () => Promise.resolve(0),
  read: ids => Promise.resolve(ids.map(() => undefined)),
  sweep: nothing,
  putTaken: () => Promise.resolve(0),
  find: () => Promise.resolve([]),
  ids: () => Promise.resolve([]),
  hit: nothing,
  staging: () => ({ add: nothing, drop: nothing, take: nothing }),
}

export function aKeptList(): NumberList & { kept: Map<string, ListEntry> } {
  const kept = new Map<string, ListEntry>()
  return {
    ...anEmptyList,
    kept,
    put: entries => {
      for (const entry of entries) kept.set(entry.id, entry)
      return Promise.resolve({ added: entries.length, refused: [] })
    },
    remove: ids => Promise.resolve(ids.filter(id => kept.delete(id)).length),
    read: ids => Promise.resolve(ids.map(id => kept.get(id)).map(entry => entry && { text: entry.text, hits: 0 })),
    ids: (begin, after = '', limit) => {
      const ids = [...kept.keys()].filter(id => id.startsWith(begin) && id > after).sort()
      return Promise.resolve(ids.slice(0, limit))
    },
    find: (numbers, suffixes) => {
      const ids = numbers.flatMap(number => suffixes.map(suffix => `${number}${suffix}`))
      return Promise.resolve(ids.flatMap(id => kept.get(id)?.text ?? []))
    },
  }
}
