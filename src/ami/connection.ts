/**
 * One connection to AMI: a socket from its opening to its end, never used again after that. Gathers responses and lists by
 * ActionID, gives every action a deadline, and hands everything else to `onEvents`. Retries nothing: link.ts makes a new one.
 */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { after, type Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import { encodeFields, type ActionName, type Fields } from './encode.js'
import { createParser, type Frame } from './parse.js'

export type AmiAddress = { host: string; port: number; tls: boolean }

/** A response, and the items of the list that it announced, if it did. */
export type Reply = { response: Frame; items: Frame[] }

export type Connection = {
  /** Refuses with BAD_REQUEST, PBX_DOWN or PBX_SILENT; a response that says Error is a reply all the same. */
  ask: (name: ActionName, fields: Fields, actionId: string, withinMs: number) => Promise<Result<Reply, ErrorCode>>
  close: (why: string) => void
  /** Resolves with the reason when the connection has ended, whoever ended it. */
  closed: Promise<string>
  banner: () => string | undefined
}

type Pending = { reply: Partial<Reply> & { items: Frame[] }; settle: (result: Result<Reply, ErrorCode>) => void }

const MAX_PENDING = 1_000
const BANNER = 'Asterisk Call Manager/'

export function openConnection(address: AmiAddress, clock: Clock, onEvents: (frames: Frame[]) => void): Connection {
  const parser = createParser()
  const pending = new Map<string, Pending>()
  let end: ((why: string) => void) | undefined
  const closed = new Promise<string>(resolve => (end = resolve))
  let open = true
  const socket = openSocket(address)

  function close(why: string) {
    if (!open) return
    open = false
    socket.destroy()
    for (const { settle } of pending.values()) settle(no('PBX_SILENT'))
    pending.clear()
    end?.(why)
  }

  function receive(chunk: Buffer) {
    if (!open) return
    try {
      const frames = parser.push(chunk)
      const banner = parser.banner()
      if (banner !== undefined && !banner.startsWith(BANNER)) return close('the greeting is not that of AMI')
      const events = frames.filter(frame => !claimed(frame))
      if (events.length > 0) onEvents(events)
    } catch (error) {
      close(error instanceof Error ? error.message : 'unreadable')
    }
  }

  /** Takes a frame that answers one of our actions: a response, or an item of a list that a response has announced. */
  function claimed(frame: Frame): boolean {
    const actionId = frame.get('ActionID')
    const waiting = actionId === undefined ? undefined : pending.get(actionId)
    if (actionId === undefined || !waiting) return frame.kind !== 'Event'
    const { reply, settle } = waiting
    if (frame.kind === 'Response') {
      if (reply.response) return true
      reply.response = frame
      if (frame.get('EventList') !== 'start') finish(actionId, settle, { response: frame, items: [] })
      return true
    }
    // An event that only reports on an action (OriginateResponse) comes when the action is no longer pending.
    if (!reply.response) return false
    const complete = frame.get('EventList') === 'Complete' || frame.get('EventList') === 'cancelled'
    if (complete) finish(actionId, settle, { response: reply.response, items: reply.items })
    else reply.items.push(frame)
    return true
  }

  function finish(actionId: string, settle: Pending['settle'], reply: Reply) {
    pending.delete(actionId)
    settle(ok(reply))
  }

  socket.on('data', receive)
  socket.on('error', error => close(error.message))
  socket.on('close', () => close('the PBX closed the connection'))

  return {
    closed,
    close,
    banner: parser.banner,
    ask(name, fields, actionId, withinMs) {
      if (!open) return Promise.resolve(no('PBX_DOWN'))
      const text = encodeFields(name, actionId, fields)
      if (!text.ok) return Promise.resolve(text)
      if (pending.size >= MAX_PENDING || pending.has(actionId)) return Promise.resolve(no('PBX_SILENT'))
      return new Promise(resolve => {
        const cancel = clock.wake(after(clock, withinMs), () => {
          pending.delete(actionId)
          resolve(no('PBX_SILENT'))
        })
        const settle: Pending['settle'] = result => {
          cancel()
          resolve(result)
        }
        pending.set(actionId, { reply: { items: [] }, settle })
        socket.write(text.value)
      })
    },
  }
}

function openSocket({ host, port, tls }: AmiAddress): Socket {
  const socket: Socket = tls ? connectTls({ host, port, servername: host }) : connectTcp({ host, port })
  socket.setNoDelay(true)
  return socket
}
