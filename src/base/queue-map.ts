/**
 * Names of queues, compared as app_queue compares them: the letters A to Z in either case are the same (`Queue(SALES)` is
 * `[sales]`). The name that a queue has in the PBX is the one that is shown. Pure.
 */

export const queueKey = (name: string): string => name.replace(/[A-Z]+/g, letters => letters.toLowerCase())

export const isSameQueue = (a: string, b: string): boolean => a === b || queueKey(a) === queueKey(b)

/** Under the name of a queue in any letter case; its keys are the names as they were set first. */
export class QueueMap<T> extends Map<string, T> {
  private readonly named = new Map<string, string>()

  constructor(entries: Iterable<readonly [string, T]> = []) {
    super()
    for (const [name, value] of entries) this.set(name, value)
  }

  /** The name under which it is kept; the one asked for, where it is not. */
  nameOf(name: string): string {
    return this.named.get(queueKey(name)) ?? name
  }

  override get(name: string): T | undefined {
    return super.get(this.nameOf(name))
  }

  override has(name: string): boolean {
    return super.has(this.nameOf(name))
  }

  override set(name: string, value: T): this {
    const key = queueKey(name)
    if (!this.named.has(key)) this.named.set(key, name)
    return super.set(this.nameOf(name), value)
  }

  override delete(name: string): boolean {
    const kept = this.nameOf(name)
    this.named.delete(queueKey(name))
    return super.delete(kept)
  }

  override clear(): void {
    this.named.clear()
    super.clear()
  }
}
