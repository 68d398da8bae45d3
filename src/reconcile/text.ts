/** A difference as a line for people. Pure. */
import type { Difference } from './compare.js'

export function asLine({ kind, call, ours, theirs, reason }: Omit<Difference, 'kind'> & { kind: string }): string {
  const said = theirs === undefined ? '' : `, the PBX: ${theirs}`
  const why = reason === undefined ? '' : ` (${reason})`
  return `${reason === undefined ? 'UNEXPLAINED' : 'explained'} ${call} ${kind}: we: ${ours ?? 'nothing'}${said}${why}`
}
