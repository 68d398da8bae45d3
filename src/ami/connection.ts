/**
 * One connection to AMI: a socket from its opening to its end, never used again after that. Every action has a deadline;
 * what answers none is handed to `onEvents`. Retries nothing: link.ts makes a new one. What is here is our own driver; the
 * other ones, in drivers/, open connections that behave alike.
 */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import { no, type Result } from '../base/result.js'
import { encodeFields, type ActionName, type Fields } from './encode.js'
import { createParser, type Frame } from './parse.js'
import { createPending, type OnReply, type Reply } from './pending.js'

export type AmiAddress = { host: string; port: number; tls: boolean }

export type Connection = {
  /**
   * Refuses with BAD_REQUEST, PBX_DOWN or PBX_SILENT; a response that says Error is a reply all the same. A promise tells
   * late: events that came behind the reply may have been handed over by then, but not before `onReply` was called.
   */
  ask: (
    name: ActionName,
    fields: Fields,
    actionId: string,
    withinMs: number,
    onReply?: OnReply,
  ) => Promise<Result<Reply, ErrorCode>>
  close: (why: string) => void
  /** Resolves with the reason when the connection has ended, whoever ended it. */
  closed: Promise<string>
  banner: () => string | undefined
}

/** A driver: makes a connection and hands over, in their order, the frames that answer nothing we asked. */
export type OpenConnection = (address: AmiAddress, clock: Clock, onEvents: (frames: Frame[]) => void) => Connection

const BANNER = 'Asterisk Call Manager/'

export const openConnection: OpenConnection = (address, clock, onEvents) => {
  const parser = createParser()
  const pending = createPending(clock)
  let end: ((why: string) => void) | undefined
  const closed = new Promise<string>(resolve => (end = resolve))
  let open = true
  const socket = openSocket(address)

  function close(why: string) {
    if (!open) return
    open = false
    socket.destroy()
    pending.end()
    end?.(why)
  }

  function receive(chunk: Buffer) {
    if (!open) return
    try {
      const frames = parser.push(chunk)
      const banner = parser.banner()
      if (banner !== undefined && !banner.startsWith(BANNER)) return close('the greeting is not that of AMI')
      passOn(frames)
    } catch (error) {
      close(error instanceof Error ? error.message : 'unreadable')
    }
  }

  /** Together what came together, but nothing from behind an answer before it. */
  function passOn(frames: readonly Frame[]) {
    let events: Frame[] = []
    const pass = () => {
      if (events.length > 0) onEvents(events)
      events = []
    }
    for (const frame of frames) if (!pending.claimed(frame, pass)) events.push(frame)
    pass()
  }

  socket.on('data', receive)
  socket.on('error', error => close(error.message))
  socket.on('close', () => close('the PBX closed the connection'))

  return {
    closed,
    close,
    banner: parser.banner,
    ask(name, fields, actionId, withinMs, onReply) {
      if (!open) return Promise.resolve(no('PBX_DOWN'))
      const text = encodeFields(name, actionId, fields)
      if (!text.ok) return Promise.resolve(text)
      return pending.wait(actionId, withinMs, () => socket.write(text.value), onReply)
    },
  }
}

function openSocket({ host, port, tls }: AmiAddress): Socket {
  const socket: Socket = tls ? connectTls({ host, port, servername: host }) : connectTcp({ host, port })
  socket.setNoDelay(true)
  return socket
}
