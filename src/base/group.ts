/** What belongs together, by whatever `keyOf` says; `Map.groupBy` is younger than the oldest Node that runs this. */
export function groupBy<T, K>(all: Iterable<T>, keyOf: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const one of all) {
    const key = keyOf(one)
    const others = groups.get(key)
    if (others) others.push(one)
    else groups.set(key, [one])
  }
  return groups
}
