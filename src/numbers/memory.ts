/** Answers that were found once, of a plan and a text: the same questions come several times for each call. */
const MAX_KNOWN = 10_000

export function memoryOf<T>() {
  const memory = new WeakMap<object, Map<string, T>>()
  return (plan: object, id: string, find: () => T): T => {
    const known = memory.get(plan) ?? new Map<string, T>()
    memory.set(plan, known)
    const was = known.get(id)
    if (was !== undefined || known.has(id)) return was as T
    const found = find()
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(id, found)
    return found
  }
}
