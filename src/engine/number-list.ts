/** A list of numbers as the engine uses it; it is kept in Redis by src/store/number-list.ts. Each rejects when Redis does not do it. */
export type ListEntry = { id: string; text: string; until?: number }
export type ListHit = { text: string; hits: number; hitAt?: number }

export type NumberList = {
  mostShapes: number
  /** What the patterns that are there look like. */
  shapes: () => Promise<Set<string>>
  put: (entries: readonly ListEntry[]) => Promise<{ added: number; refused: number[] }>
  remove: (ids: readonly string[]) => Promise<number>
  read: (ids: readonly string[]) => Promise<(ListHit | undefined)[]>
  sweep: (now: number) => Promise<void>
  putTaken: () => Promise<number>
  find: (numbers: readonly string[], suffixes: readonly string[]) => Promise<string[]>
  ids: (begin: string, after: string | undefined, limit: number) => Promise<string[]>
  hit: (id: string, at: number) => Promise<void>
  staging: (id: string) => {
    add: (entries: readonly ListEntry[]) => Promise<void>
    drop: () => Promise<void>
    take: () => Promise<void>
  }
}
