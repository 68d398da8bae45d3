/** Entries of lists by the caller's number: what they are called, for which calls they are, and until when. Pure. */
import type { EpochMs } from '../base/ids.js'
import type { ListedAsked } from '../events/listed.js'

export const isInForce = ({ expiresAt }: Pick<ListedAsked, 'expiresAt'>, at: EpochMs) =>
  expiresAt === undefined || Date.parse(expiresAt) > at

export const idOf = ({ match, scope }: Pick<ListedAsked, 'match' | 'scope'>) =>
  scope === 'all' ? match : `${match}@${scope}`

/** In which scopes there may be something about such a call. */
export const scopesOf = (dialled: string, workgroups: readonly string[], e164?: string) => [
  'all',
  ...[...new Set([dialled, ...(e164 === undefined ? [] : [e164, e164.slice(1)])])].map(number => `dialled:${number}`),
  ...workgroups.map(id => `workgroup:${id}`),
]
