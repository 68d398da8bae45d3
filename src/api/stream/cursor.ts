/**
 * Where a stream is: a position in the log of each PBX it reads. To a client it is one opaque text, the same for WebSocket,
 * SSE and the snapshot.
 */
import { Refusal } from '../../base/errors.js'
import { positionOf, positionText, type Position } from '../../events/log.js'

export type Positions = Map<string, Position>

export const MAX_CURSOR = 4_000

/** One part for each PBX, so that a stream of several only re-makes the part that moved. */
export const cursorPart = (pbx: string, position: Position) =>
  Buffer.from(`${pbx}/${positionText(position)}`).toString('base64url')

export function joinCursor(parts: Iterable<string>): string {
  let cursor = ''
  for (const part of parts) cursor = cursor === '' ? part : `${cursor}.${part}`
  return cursor
}

export const cursorOf = (positions: Positions) =>
  joinCursor([...positions].map(([pbx, position]) => cursorPart(pbx, position)))

export function positionsOf(cursor: string): Positions {
  if (cursor.length > MAX_CURSOR) throw new Refusal('CURSOR_INVALID')
  const positions: Positions = new Map()
  for (const part of cursor.split('.')) {
    const [pbx = '', at = ''] = Buffer.from(part, 'base64url').toString('utf8').split('/')
    const position = positionOf(at)
    if (!position || cursorPart(pbx, position) !== part || positions.has(pbx)) throw new Refusal('CURSOR_INVALID')
    positions.set(pbx, position)
  }
  return positions
}
