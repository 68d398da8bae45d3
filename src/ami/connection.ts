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
import { createPending, type Reply } from './pending.js'

export type AmiAddress = { host: string; port: number; tls: boolean }

export type Connection = {
  /** Refuses with BAD_REQUEST, PBX_DOWN or PBX_SILENT; a response that says Error is a reply all the same. */
  ask: (name: ActionName, fields: Fields, actionId: string, withinMs: number) => Promise<Result<Reply, ErrorCode>>
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
      const events = frames.filter(frame => !pending.claimed(frame))
      if (events.length > 0) onEvents(events)
    } catch (error) {
      close(error instanceof Error ? error.message : 'unreadable')
    }
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
      return pending.wait(actionId, withinMs, () => socket.write(text.value))
    },
  }
}

function openSocket({ host, port, tls }: AmiAddress): Socket {
  const socket: Socket = tls ? connectTls({ host, port, servername: host }) : connectTcp({ host, port })
  socket.setNoDelay(true)
  return socket
}
