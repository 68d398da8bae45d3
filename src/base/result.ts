/** Refusals are values; broken worlds are exceptions. */
export type Result<T, E> = { ok: true; value: T } | { ok: false; error: E }
export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value })
export const no = <E>(error: E): Result<never, E> => ({ ok: false, error })

/** The end of a switch that has named every case: the type checker proves it is never reached. */
export function unreachable(x: never): never {
  throw new Error(`unhandled ${JSON.stringify(x)}`)
}
