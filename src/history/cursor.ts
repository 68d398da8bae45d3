/**
 * The place where a page of a search ended, as a text that says nothing to anybody else and that nobody else can make: a
 * changed one, and one of another search, is CURSOR_INVALID. Pure.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { Refusal } from '../base/errors.js'

type Query = { limit: number; after?: string }

/** A call by its start and its number in the store, which orders those of one millisecond; or an item by its last attempt and id. */
export type Place = { start: number; serial: string }

const SEAL_BYTES = 12

/** What the search asks for but how many and from where: only with the same may it go on. */
const askedBy = ({ limit: _, after: __, ...asked }: Query) =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(asked).sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('base64url')

const sealOf = (secret: string, text: string, query: Query) =>
  createHmac('sha256', secret)
    .update(`${text} ${askedBy(query)}`)
    .digest()
    .subarray(0, SEAL_BYTES)

export function cursorOf(secret: string, { start, serial }: Place, query: Query): string {
  const text = `${start} ${serial}`
  return Buffer.concat([sealOf(secret, text, query), Buffer.from(text)]).toString('base64url')
}

export function placeOf(secret: string, cursor: string, query: Query): Place {
  const bytes = Buffer.from(cursor, 'base64url')
  const text = bytes.subarray(SEAL_BYTES).toString('utf8')
  const match = /^(-?\d{1,15}) (\S{1,200})$/.exec(text)
  const sealed = match && timingSafeEqual(bytes.subarray(0, SEAL_BYTES), sealOf(secret, text, query))
  if (!sealed || bytes.toString('base64url') !== cursor) throw new Refusal('CURSOR_INVALID')
  return { start: Number(match[1]), serial: match[2] ?? '' }
}
