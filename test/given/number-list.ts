/** A list of numbers that has nothing, and takes nothing. */
import type { NumberList } from '../../src/engine/number-list.js'

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
