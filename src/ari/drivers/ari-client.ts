/**
 * A connection to ARI through the package ari-client, the only file that imports it: when it is chosen, since it is an
 * optional peer that a site installs. A new client for each connection; its own reconnecting, which gives up for good, is
 * taken out. What it cannot do is told in docs/decisions/0007-second-drivers.md.
 */
import type { Client } from 'ari-client'
import { request } from 'undici'
import { after, type Clock } from '../../base/clock.js'
import { no, ok } from '../../base/result.js'
import type { AriConnection, OpenAriConnection } from '../connection.js'
import { INFO, type AriRequest } from '../encode.js'

/** Resolves with the driver; rejects with what to do when the package is not installed. */
export async function loadAriClient(): Promise<OpenAriConnection> {
  try {
    const { default: ariClient } = await import('ari-client')
    return openWith((url, user, password) => ariClient.connect(url, user, password))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw cause
    const text =
      'ari.driver is ari-client, which is not installed: npm install ari-client@2.2.0, or choose the driver own'
    throw new Error(text, { cause })
  }
}

type Connect = (url: string, user: string, password: string) => PromiseLike<Client>

const openWith =
  (connect: Connect): OpenAriConnection =>
  ({ url, user, password, app, replyWithinMs }, clock, onEvent) => {
    let client: Client | undefined
    let open = true
    let end: ((why: string) => void) | undefined
    const closed = new Promise<string>(resolve => (end = resolve))

    function close(why: string) {
      if (!open) return
      open = false
      if (client) retire(client)
      end?.(why)
    }

    async function start() {
      if (new URL(url).pathname !== '/') throw new Error('ari-client knows no prefix in ari.url')
      await inTime(clock, replyWithinMs, mustLoad(url, user, password, replyWithinMs))
      const fresh = await inTime(clock, replyWithinMs, settled(connect(url, user, password)))
      if (!open) return retire(fresh)
      client = fresh
      client.on('*', event => (open ? onEvent(event) : undefined))
      // It tells of an end only by trying again.
      client.on('WebSocketReconnecting', error => close(error?.message ?? 'the PBX closed the connection'))
      await inTime(clock, replyWithinMs, Promise.race([settled(client.start(app)), closed.then(fail)]))
    }

    const opened = start()
    opened.catch((error: unknown) => close(reasonOf(error)))

    return {
      opened,
      closed,
      close,
      ping(withinMs) {
        if (!client || !open) return Promise.resolve(false)
        const ponged = new Promise<boolean>(resolve => client?.on('pong', () => resolve(true)))
        client.ping()
        return inTime(clock, withinMs, ponged).catch(() => false)
      },
      async ask(asked) {
        if (!client || !open) return no('PBX_DOWN')
        const doing = operationOf(client, asked)
        if (!doing) return no('BAD_REQUEST')
        try {
          const answer = settled(doing()).then(body => ({ status: 200, body }), refusal)
          return ok(await inTime(clock, replyWithinMs, Promise.race([answer, closed.then(fail)])))
        } catch {
          return no('PBX_SILENT')
        }
      },
    } satisfies AriConnection
  }

/**
 * It reads the PBX's own description of ARI first, and a refusal there is thrown where nobody can catch it: it would end the
 * daemon. So the same page is asked for before.
 */
async function mustLoad(url: string, user: string, password: string, withinMs: number) {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const page = new URL('/ari/api-docs/resources.json', url)
  const timeouts = { headersTimeout: withinMs, bodyTimeout: withinMs }
  const { statusCode, body } = await request(page, { headers: { authorization }, ...timeouts })
  await body.dump()
  if (statusCode !== 200) throw new Error(`Unexpected server response: ${statusCode}`)
}

/** It hands over the text of a refusal and not its status. */
const refusal = (error: unknown) => ({ status: 400, body: { message: reasonOf(error) } })

const fail = (why: string): never => {
  throw new Error(why)
}

/** What of our requests it can be asked, under its own names. */
function operationOf(client: Client, { method, path, query = {} }: AriRequest) {
  if (path === INFO.path) return () => client.asterisk.getInfo(query)
  const leg = method === 'DELETE' ? /^\/channels\/([^/]+)$/.exec(path)?.[1] : undefined
  if (leg === undefined) return undefined
  return () => client.channels.hangup({ channelId: decodeURIComponent(leg), ...query })
}

/**
 * Ends it for good. When its WebSocket has ended, it has set a timer already that opens the next one, which would put the
 * connection that has come after it out: that one is ended before it is sent, and said to be wanted so.
 */
function retire(client: Client) {
  Object.defineProperty(client, '_wsClosed', { get: () => true, set: () => undefined })
  const socket = (client as unknown as { _ws?: Socket })._ws
  socket?.terminate()
  let next: Socket | undefined
  Object.defineProperty(client, '_ws', {
    get: () => next,
    set(socket: Socket) {
      next = socket
      queueMicrotask(() => socket.terminate())
    },
  })
}
type Socket = { terminate: () => void }

/** Its promises are bluebird's. */
const settled = <T>(doing: PromiseLike<T>) => new Promise<T>((resolve, reject) => void doing.then(resolve, reject))

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

async function inTime<T>(clock: Clock, withinMs: number, doing: Promise<T>): Promise<T> {
  let cancel: () => void = () => undefined
  const late = new Promise<never>((_, reject) => {
    cancel = clock.wake(after(clock, withinMs), () => reject(new Error('the PBX did not answer in time')))
  })
  return Promise.race([doing, late]).finally(() => cancel())
}
