/** Entries of lists by the caller's number: what they are called, for which calls they are, and until when. Pure. */
import type { EpochMs } from '../base/ids.js'
import type { ListedAsked } from '../events/listed.js'

export const isInForce = ({ expiresAt }: Pick<ListedAsked, 'expiresAt'>, at: EpochMs) =>
  expiresAt === undefined || Date.parse(expiresAt) > at

export const idOf = ({ match, scope }: Pick<ListedAsked, 'match' | 'scope'>) =>
  scope === 'all' ? match : `${match}@${scope}`

/** In which scopes there may be something about such a call. `writings`: of the number that was dialled. */
export const scopesOf = (dialled: string, workgroups: readonly string[], writings: readonly string[] = []) => [
  'all',
  ...[...new Set([dialled, ...writings])].map(number => `dialled:${number}`),
  ...workgroups.map(id => `workgroup:${id}`),
]
