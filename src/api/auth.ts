/**
 * API keys. A key is 256 random bits, so its plain SHA-256 cannot be guessed back and a slow hash would add nothing; only
 * the hash is in the configuration. Comparing hashes by lookup tells an attacker nothing about the key.
 */
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Refusal } from '../base/errors.js'

export type ApiKey = { name: string; sha256: string }

export const KEY_PREFIX = 'ak_'
export const hashKey = (key: string) => createHash('sha256').update(key).digest('hex')

/** For browsers, whose WebSocket cannot set a header: the subprotocols `aladdin` and `bearer.KEY`. */
const PROTOCOL = /(?:^|,)\s*bearer\.([A-Za-z0-9_-]+)\s*(?:,|$)/
export const STREAM_PROTOCOL = 'aladdin'

export function authenticator(keys: readonly ApiKey[]) {
  const names = new Map(keys.map(({ name, sha256 }) => [sha256, name]))
  return ({ headers }: FastifyRequest): string => {
    const bearer = /^Bearer ([A-Za-z0-9_-]{1,200})$/i.exec(headers.authorization ?? '')?.[1]
    const key = bearer ?? PROTOCOL.exec(headers['sec-websocket-protocol'] ?? '')?.[1]
    const name = key === undefined ? undefined : names.get(hashKey(key))
    if (name === undefined) throw new Refusal('UNAUTHORIZED')
    return name
  }
}
