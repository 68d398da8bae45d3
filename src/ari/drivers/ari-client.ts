/**
 * A connection to ARI through the package ari-client, which is an optional peer that a site installs. Each connection is a
 * thread of its own (ari-client-thread.ts), ended with it: so the package's reconnecting, which gives up for good, and
 * whatever it throws, end there. What it cannot do is told in docs/decisions/0007-second-drivers.md.
 */
import { request } from 'undici'
import { Worker } from 'node:worker_threads'
import { after, type Clock } from '../../base/clock.js'
import { no, ok } from '../../base/result.js'
import type { AriConnection, AriReply, OpenAriConnection } from '../connection.js'
import { INFO, type AriRequest } from '../encode.js'
import type { Asked, Begin, Told } from './ari-client-thread.js'

/** Throws, saying what to do, when the package is not installed. */
export function loadAriClient(): OpenAriConnection {
  try {
    import.meta.resolve('ari-client')
    return openAriClient
  } catch (cause) {
    if (!/^ERR_MODULE_NOT_FOUND$|^ERR_PACKAGE/.test((cause as NodeJS.ErrnoException).code ?? '')) throw cause
    const text =
      'ari.driver is ari-client, which is not installed: npm install ari-client@2.2.0, or choose the driver own'
    throw new Error(text, { cause })
  }
}

/** `Asked` without the number that the answer bears. */
type Question = { do: 'ping' } | { do: 'info'; query: AriQuery } | { do: 'hangup'; leg: string; query: AriQuery }
type AriQuery = Readonly<Record<string, string>>

/** The package brings 54 others, which take a while to be read. */
const LOAD_WITHIN_MS = 10_000

const THREAD = new URL('./ari-client-thread.js', import.meta.url)

const openAriClient: OpenAriConnection = ({ url, user, password, app, replyWithinMs }, clock, onEvent) => {
  let thread: Worker | undefined
  let [open, asking] = [true, 0]
  const waiting = new Map<number, (reply: AriReply | undefined) => void>()
  let end: ((why: string) => void) | undefined
  const closed = new Promise<string>(resolve => (end = resolve))

  function close(why: string) {
    if (!open) return
    open = false
    void thread?.terminate()
    for (const settle of waiting.values()) settle(undefined)
    waiting.clear()
    end?.(why)
  }

  async function start() {
    if (new URL(url).pathname !== '/') throw new Error('ari-client knows no prefix in ari.url')
    await inTime(clock, replyWithinMs, mustLoad(url, user, password, replyWithinMs))
    if (!open) return
    const workerData: Begin = { url, user, password, app }
    const started = (thread = new Worker(THREAD, { workerData }))
    started.on('error', error => close(reasonOf(error)))
    started.on('exit', () => close('the thread of ari-client has ended'))
    const opening = new Promise<void>(resolve => started.on('message', told => hear(told as Told, resolve)))
    await inTime(clock, LOAD_WITHIN_MS + replyWithinMs, Promise.race([opening, closed.then(fail)]))
  }

  function hear(told: Told, opened: () => void) {
    if (!open) return
    if (told.is === 'opened') opened()
    else if (told.is === 'closed') close(told.why)
    else if (told.is === 'event') onEvent({ type: told.type, application: told.application })
    else settle(told.id, { status: told.status, body: told.body })
  }

  function settle(id: number, reply: AriReply | undefined) {
    waiting.get(id)?.(reply)
    waiting.delete(id)
  }

  /** Undefined when there is no answer in time, or none will come. */
  function question(what: Question, withinMs: number): Promise<AriReply | undefined> {
    const id = (asking += 1)
    return new Promise(resolve => {
      const cancel = clock.wake(after(clock, withinMs), () => settle(id, undefined))
      waiting.set(id, reply => {
        cancel()
        resolve(reply)
      })
      thread?.postMessage({ id, ...what } satisfies Asked)
    })
  }

  const opened = start()
  opened.catch((error: unknown) => close(reasonOf(error)))

  return {
    opened,
    closed,
    close,
    async ping(withinMs) {
      return open && (await question({ do: 'ping' }, withinMs)) !== undefined
    },
    async ask(asked) {
      if (!open) return no('PBX_DOWN')
      const what = questionOf(asked)
      if (!what) return no('BAD_REQUEST')
      const reply = await question(what, replyWithinMs)
      return reply ? ok(reply) : no('PBX_SILENT')
    },
  } satisfies AriConnection
}

/** What of our requests it can be asked, under its own names. */
function questionOf({ method, path, query = {} }: AriRequest): Question | undefined {
  if (path === INFO.path) return { do: 'info', query }
  const leg = method === 'DELETE' ? /^\/channels\/([^/]+)$/.exec(path)?.[1] : undefined
  return leg === undefined ? undefined : { do: 'hangup', leg: decodeURIComponent(leg), query }
}

/** It reads the PBX's own description of ARI first; what is wrong is asked before, since it tells less of it. */
async function mustLoad(url: string, user: string, password: string, withinMs: number) {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const page = new URL('/ari/api-docs/resources.json', url)
  const timeouts = { headersTimeout: withinMs, bodyTimeout: withinMs }
  const { statusCode, body } = await request(page, { headers: { authorization }, ...timeouts })
  await body.dump()
  if (statusCode !== 200) throw new Error(`Unexpected server response: ${statusCode}`)
}

const fail = (why: string): never => {
  throw new Error(why)
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

async function inTime<T>(clock: Clock, withinMs: number, doing: Promise<T>): Promise<T> {
  let cancel: () => void = () => undefined
  const late = new Promise<never>((_, reject) => {
    cancel = clock.wake(after(clock, withinMs), () => reject(new Error('the PBX did not answer in time')))
  })
  return Promise.race([doing, late]).finally(() => cancel())
}
