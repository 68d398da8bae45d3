/**
 * One connection to AMI: a socket from its opening to its end, never used again after that. Every action has a deadline;
 * what answers none is handed to `onEvents`. Retries nothing: link.ts makes a new one. What is here is our own driver; the
 * other ones, in drivers/, open connections that behave alike.
 */
import { readFileSync } from 'node:fs'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import { no, type Result } from '../base/result.js'
import { thisTurn } from '../base/system.js'
import type { RefusalReason } from '../pbx/link.js'
import { encodeFields, type ActionName, type Fields } from './encode.js'
import { AmiProtocolError, createParser, type Frame } from './parse.js'
import { createPending, type OnReply, type Reply } from './pending.js'

export type AmiAddress = {
  host: string
  port: number
  tls: boolean
  /** A file of certificates (PEM) to trust instead of those that Node knows; for TLS. */
  caFile?: string
}

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
  /** How many times something has come. */
  heard: () => number
}

/**
 * A driver: makes a connection and hands over, in their order, the frames that answer nothing we asked; what can be
 * neither, it refuses. Throws when the address is of no use (a `caFile` that cannot be read).
 */
export type OpenConnection = (
  address: AmiAddress,
  clock: Clock,
  onEvents: (frames: Frame[]) => void,
  refused?: (reason: RefusalReason) => void,
) => Connection

const BANNER = 'Asterisk Call Manager/'

export const openConnection: OpenConnection = (address, clock, onEvents, refused = () => undefined) => {
  const parser = createParser()
  const pending = createPending(clock, refused)
  /** What is to be sent when the greeting has come: a secret is not for whoever else listens there. */
  let early: string[] | undefined = []
  let end: ((why: string) => void) | undefined
  const closed = new Promise<string>(resolve => (end = resolve))
  let open = true
  let heard = 0
  let outgoing: string[] = []
  const socket = openSocket(address, receive)

  function close(why: string) {
    if (!open) return
    open = false
    socket.destroy()
    pending.end()
    end?.(why)
  }

  function receive(chunk: Buffer) {
    if (!open) return
    heard += 1
    try {
      const frames = parser.push(chunk)
      if (early && !greeted(early)) return
      passOn(frames)
    } catch (error) {
      if (error instanceof AmiProtocolError) refused(early ? 'banner' : 'too-large')
      close(error instanceof Error ? error.message : 'unreadable')
    }
  }

  /** What is sent in one turn goes in one go: each way to the kernel costs more than the text, and wakes the PBX. */
  function write(text: string) {
    if (outgoing.push(text) > 1) return
    thisTurn(() => {
      if (open) socket.write(outgoing.join(''))
      outgoing = []
    })
  }

  function greeted(waiting: string[]): boolean {
    const banner = parser.banner()
    if (banner === undefined) return false
    if (!banner.startsWith(BANNER)) {
      refused('banner')
      close('the greeting is not that of AMI')
      return false
    }
    early = undefined
    for (const text of waiting) socket.write(text)
    return true
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

  socket.on('error', error => close(error.message))
  socket.on('close', () => close('the PBX closed the connection'))

  return {
    closed,
    close,
    banner: parser.banner,
    heard: () => heard,
    ask(name, fields, actionId, withinMs, onReply) {
      if (!open) return Promise.resolve(no('PBX_DOWN'))
      const text = encodeFields(name, actionId, fields)
      if (!text.ok) return Promise.resolve(text)
      const send = () => {
        if (early) early.push(text.value)
        else write(text.value)
      }
      return pending.wait(actionId, withinMs, send, onReply)
    },
  }
}

const MOST_READ = 1 << 16

/**
 * Without TLS all is read into the same room, past the stream: a chunk is only good until `receive` returns. A busy PBX is
 * read from some hundred times a second, and new room for each, made ready for 64 KB, cost more than the parser.
 */
function openSocket(address: AmiAddress, receive: (chunk: Buffer) => void): Socket {
  const onread = {
    buffer: Buffer.allocUnsafeSlow(MOST_READ),
    callback(read: number, room: Uint8Array) {
      receive(Buffer.from(room.buffer, room.byteOffset, read))
      return true
    },
  }
  const socket: Socket = address.tls ? openTls(address) : connectTcp({ host: address.host, port: address.port, onread })
  if (address.tls) socket.on('data', receive)
  socket.setNoDelay(true)
  return socket
}

function openTls({ host, port, caFile }: AmiAddress): Socket {
  const trusted = caFile === undefined ? {} : { ca: readFileSync(caFile) }
  // An address cannot be named in the handshake; the certificate is compared with it all the same.
  const name = isIP(host) === 0 ? { servername: host } : {}
  return connectTls({ host, port, ...trusted, ...name })
}
