/**
 * One connection to ARI: the WebSocket that registers the Stasis application, and the REST calls beside it. Used until
 * its end, never again. The password goes in a header, never in an address, where it would be logged.
 */
import { Pool, request } from 'undici'
import { WebSocket } from 'ws'
import { after, type Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import type { AriRequest } from './encode.js'
import { jsonOf } from './event.js'

export type AriAddress = {
  /** `http://host:port`, with a prefix if Asterisk has one. */
  url: string
  user: string
  password: string
  app: string
  replyWithinMs: number
}

export type AriReply = { status: number; body: unknown }

export type AriConnection = {
  ask: (request: AriRequest) => Promise<Result<AriReply, ErrorCode>>
  /** Resolves when the application is registered; rejects with the reason when it cannot be. */
  opened: Promise<void>
  closed: Promise<string>
  /** Resolves true if the far end answers a ping in time. */
  ping: (withinMs: number) => Promise<boolean>
  close: (why: string) => void
}

/** A driver: registers the application, and hands over its events; undefined is a message that is no JSON. */
export type OpenAriConnection = (address: AriAddress, clock: Clock, onEvent: (event: unknown) => void) => AriConnection

const MAX_BODY_BYTES = 16 << 20

export const openAriConnection: OpenAriConnection = (address, clock, onEvent) => {
  const { url, app, replyWithinMs } = address
  const base = new URL(url.endsWith('/') ? url : `${url}/`)
  const headers = { authorization: authorizationOf(address) }
  const pool = new Pool(base.origin, { connections: 4, headersTimeout: replyWithinMs, bodyTimeout: replyWithinMs })
  const socket = new WebSocket(eventsUrl(base, app), {
    headers,
    maxPayload: MAX_BODY_BYTES,
    handshakeTimeout: replyWithinMs,
  })
  let end: ((why: string) => void) | undefined
  const closed = new Promise<string>(resolve => (end = resolve))

  function close(why: string) {
    socket.terminate()
    void pool.destroy()
    end?.(why)
  }

  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    void closed.then(why => reject(new Error(why)))
  })
  opened.catch(() => undefined)
  socket.on('error', error => close(error.message))
  socket.on('close', () => close('the PBX closed the connection'))
  socket.on('message', (data: Buffer) => onEvent(jsonOf(data.toString('utf8'))))

  return {
    opened,
    closed,
    close,
    ping(withinMs) {
      return new Promise(resolve => {
        const answer = () => settle(true)
        const settle = (alive: boolean) => {
          cancel()
          socket.off('pong', answer)
          resolve(alive)
        }
        const cancel = clock.wake(after(clock, withinMs), () => settle(false))
        socket.once('pong', answer)
        if (socket.readyState === WebSocket.OPEN) socket.ping()
      })
    },
    async ask({ method, path, query }) {
      if (socket.readyState !== WebSocket.OPEN) return no('PBX_DOWN')
      try {
        const target = `${base.pathname}ari${path}`
        const { statusCode, body } = await pool.request({ method, path: target, headers, query: { ...query } })
        return ok({ status: statusCode, body: jsonOf(await body.text()) })
      } catch {
        // It may have been heard.
        return no('PBX_SILENT')
      }
    },
  }
}

/** A file, whole, over a connection of its own. */
export async function downloadFrom(address: AriAddress, path: string): Promise<Result<Buffer, ErrorCode>> {
  const base = new URL(address.url.endsWith('/') ? address.url : `${address.url}/`)
  const timeouts = { headersTimeout: address.replyWithinMs, bodyTimeout: address.replyWithinMs }
  try {
    const { statusCode, body } = await request(`${base.origin}${base.pathname}ari${path}`, {
      headers: { authorization: authorizationOf(address) },
      ...timeouts,
    })
    const bytes = Buffer.from(await body.arrayBuffer())
    return statusCode === 200 ? ok(bytes) : no('RECORDING_NOT_FOUND')
  } catch {
    return no('PBX_DOWN')
  }
}

const authorizationOf = ({ user, password }: AriAddress) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

function eventsUrl(base: URL, app: string) {
  const url = new URL('ari/events', base)
  url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:'
  url.searchParams.set('app', app)
  return url
}
