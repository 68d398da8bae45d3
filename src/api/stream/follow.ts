/**
 * One client's stream: what it missed since its cursor, then what happens, without a gap and without anything twice.
 * WebSocket and SSE differ only in the sink. A client that does not keep up is let go: its cursor takes it on later.
 */
import { Refusal } from '../../base/errors.js'
import type { LogEntry, Position } from '../../events/log.js'
import type { Pbx, Pbxs } from '../ports.js'
import { cursorPart, joinCursor, type Positions } from './cursor.js'
import type { Matches } from './filter.js'
import { messageOf, partAfter, type Message } from './message.js'

export type End = 'slow' | 'gone' | 'stopping' | 'failed'

export type Sink = {
  /** Together, what came together. */
  send: (messages: readonly Message[]) => void
  /** Bytes that the client has not taken yet. */
  backlog: () => number
  /** Resolves when the client has taken what was sent, or is gone. */
  drained: () => Promise<void>
  end: (why: End) => void
}

const PAGE = 500
export const MAX_BACKLOG_BYTES = 1 << 20

/** Where the stream begins: after its cursor, or with what happens next. Refuses a cursor that cannot be gone on from. */
export async function beginAt(pbxs: Pbxs, after: Positions | undefined): Promise<Positions> {
  if (!after) return new Map([...pbxs].map(([name, { hub }]) => [name, hub.last()]))
  const unknown = [...after.keys()].some(name => !pbxs.has(name))
  if (unknown) throw new Refusal('CURSOR_INVALID')
  const begin: Positions = new Map()
  for (const [name, pbx] of pbxs) {
    // A PBX that was configured after the cursor was handed out begins with what happens next.
    const position = after.get(name) ?? pbx.hub.last()
    await check(pbx, position)
    begin.set(name, position)
  }
  return begin
}

async function check({ read, hub }: Pbx, position: Position) {
  const last = hub.last()
  if (position.seq === last.seq && position.ms === last.ms) return
  const page = await read(position, 1)
  if (page.ok) return
  // A log that has been emptied no longer knows what there was.
  throw new Refusal(page.why === 'gone' || position.seq < last.seq ? 'CURSOR_GONE' : 'CURSOR_INVALID')
}

export type Followed = {
  /** Right after all that has been sent, or passed over. */
  cursor: () => string
  close: () => void
}

/** Starts the stream. Never rejects: what goes wrong ends the sink. */
export function follow(pbxs: Pbxs, begin: Positions, matches: Matches, sink: Sink): Followed {
  const parts = new Map([...begin].map(([name, position]) => [name, cursorPart(name, position)]))
  const undo: (() => void)[] = []
  let open = true
  const isOpen = () => open

  function close() {
    open = false
    for (const end of undo) end()
  }

  function end(why: End) {
    if (!open) return
    close()
    sink.end(why)
  }

  function deliver(name: string, entries: readonly LogEntry[], beyond = 0) {
    if (!open) return
    const messages: Message[] = []
    for (const entry of entries) {
      if (entry.position.seq <= beyond) continue
      parts.set(name, partAfter(name, entry))
      if (matches(entry, name)) messages.push(messageOf(entry, joinCursor(parts.values())))
    }
    if (messages.length > 0) sink.send(messages)
    if (sink.backlog() > MAX_BACKLOG_BYTES) end('slow')
  }

  /** Reads on until there is nothing left to read; from that very moment on, news come from the hub. */
  async function catchUp(name: string, { read, hub }: Pbx, from: Position) {
    let position = from
    while (isOpen() && position.seq < hub.last().seq) {
      const page = await read(position, PAGE)
      if (!page.ok || page.entries.length === 0) return end('gone')
      deliver(name, page.entries)
      position = page.entries.at(-1)?.position ?? position
      await sink.drained()
    }
    // What has been read may be published only now.
    const { seq } = position
    if (isOpen()) undo.push(hub.listen(entries => deliver(name, entries, seq)))
  }

  for (const [name, pbx] of pbxs) {
    const from = begin.get(name)
    if (from) catchUp(name, pbx, from).catch(() => end('failed'))
  }
  return { cursor: () => joinCursor(parts.values()), close }
}
