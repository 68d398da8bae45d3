/** A real exchange for a test: a lab, the daemon beside it, and a CRM that knows only the API. Gone when the test is. */
import type { Test } from 'tap'
import { pino, type Logger } from 'pino'
import { WebSocket } from 'ws'
import { labConfig, type LabDaemonOptions } from '../../lab/daemon.js'
import { startLab, type Lab, type LabOptions } from '../../lab/lab.js'
import { openPhone, type Phone, type PhoneOptions } from '../../lab/phone.js'
import { retry, watch } from '../../lab/wait.js'
import type { Config } from '../../src/config.js'
import { startDaemon, type Daemon } from '../../src/daemon.js'
import type { Activity, AgentView, ExtensionView } from '../../src/events/agent.js'
import type { CallView } from '../../src/events/call.js'
import type { EventType } from '../../src/events/event.js'
import type { Pop } from '../../src/events/pop.js'
import type { QueueView } from '../../src/events/queue.js'

export type Told = {
  cursor: string
  id: string
  type: EventType
  subject: string
  time: string
  data: {
    call: CallView
    queue: QueueView
    agent: AgentView
    extension: ExtensionView
    ended?: Activity
    leg?: string
    pop?: Pop
    gap?: { from: string; until: string }
    link?: string
    reason?: string
  }
}
export type Stream = {
  all: readonly Told[]
  /** Waits for the next event of this type after the last one waited for; one of the ARI link is not meant. */
  next: (type: EventType, of?: string) => Promise<Told>
  /** The texts as they came. */
  texts: readonly string[]
  closed: Promise<number>
  close: () => void
}
export type Answer<T> = { status: number; body: T }
export type Crm = {
  get: <T = CallView>(path: string) => Promise<Answer<T>>
  text: (path: string) => Promise<string>
  post: <T = CallView>(path: string, body?: object) => Promise<Answer<T>>
  patch: <T = CallView>(path: string, body: object) => Promise<Answer<T>>
  put: <T = unknown>(path: string, body: object) => Promise<Answer<T>>
  remove: <T = unknown>(path: string) => Promise<Answer<T>>
  webSocket: (query?: string) => Promise<Stream>
  sse: (query?: string, headers?: Record<string, string>) => Promise<Stream>
}
export type Exchange = {
  lab: Lab
  crm: Crm
  daemon: () => Daemon
  phone: (options: PhoneOptions) => Promise<Phone>
  restart: () => Promise<void>
}

export const KEY = 'ak_exchange'
const PATIENCE_MS = 15_000
const headers = { authorization: `Bearer ${KEY}` }

/** `ami`, `ari`: other settings of the daemon's links. */
export type ExchangeOptions = LabOptions &
  Pick<
    LabDaemonOptions,
    | 'ami'
    | 'ari'
    | 'traceHours'
    | 'agents'
    | 'dialling'
    | 'phoneTypes'
    | 'screenPop'
    | 'monitoring'
    | 'routing'
    | 'surveys'
    | 'ivr'
    | 'voicemail'
    | 'prompts'
    | 'mail'
  > & {
    /** Another Redis than the lab's own, as the configuration names it. */
    redis?: (lab: Lab) => Promise<object>
  }

export async function anExchange(
  t: Pick<Test, 'teardown'>,
  {
    ami = {},
    ari = {},
    traceHours = 0,
    agents,
    dialling,
    phoneTypes = [],
    screenPop = {},
    monitoring = {},
    routing = {},
    surveys = [],
    ivr = {},
    voicemail = {},
    prompts,
    mail,
    redis: redisOf,
    ...options
  }: ExchangeOptions = {},
): Promise<Exchange> {
  const lab = await startLab(options)
  t.teardown(() => lab.stop())
  const redis = await redisOf?.(lab)
  const config = labConfig(lab, {
    key: KEY,
    ami,
    ari,
    traceHours,
    ...(agents && { agents }),
    ...(dialling && { dialling }),
    phoneTypes,
    screenPop,
    monitoring,
    routing,
    surveys,
    ivr,
    voicemail,
    ...(prompts && { prompts }),
    ...(mail && { mail }),
    ...(redis && { redis }),
  })
  const { crm, daemon, restart } = await aDaemon(t, lab, config)
  return { lab, crm, daemon, restart, phone: what => openPhone(lab, what) }
}

/** The daemon beside a lab that runs, ready, and a CRM. */
export async function aDaemon(
  t: Pick<Test, 'teardown'>,
  lab: Lab,
  config: Config,
  logger: Logger = pino({ level: process.env['LOG'] ?? 'silent' }),
) {
  let daemon: Daemon | undefined
  t.teardown(() => daemon?.stop())
  const address = () => daemon?.address ?? ''
  const start = async () => {
    daemon = await startDaemon(config, 'test', logger, () => undefined)
    await retry(lab.clock, 'the daemon to be ready', PATIENCE_MS, async () =>
      (await fetch(`${address()}/readyz`)).status === 200 ? true : undefined,
    )
  }
  await start()
  return {
    crm: aCrm(lab, address),
    daemon: () => daemon as Daemon,
    restart: async () => {
      await daemon?.stop()
      await start()
    },
  }
}

export function aCrm(lab: Lab, address: () => string): Crm {
  const ask = async <T>(path: string, init: RequestInit = {}): Promise<Answer<T>> => {
    const answer = await fetch(`${address()}${path}`, {
      ...init,
      headers: { ...headers, ...(init.body ? { 'content-type': 'application/json' } : {}) },
    })
    const text = await answer.text()
    return { status: answer.status, body: (text === '' ? undefined : JSON.parse(text)) as T }
  }
  return {
    get: path => ask(path),
    text: async path => (await fetch(`${address()}${path}`, { headers })).text(),
    post: (path, body) => ask(path, { method: 'POST', ...(body ? { body: JSON.stringify(body) } : {}) }),
    put: (path, body) => ask(path, { method: 'PUT', body: JSON.stringify(body) }),
    remove: path => ask(path, { method: 'DELETE' }),
    patch: (path, body) => ask(path, { method: 'PATCH', body: JSON.stringify(body) }),
    webSocket: query => overWebSocket(lab, `${address().replace('http', 'ws')}/v1/events?${query ?? ''}`),
    sse: (query, more = {}) => overSse(lab, `${address()}/v1/events?${query ?? ''}`, more),
  }
}

function collecting(lab: Lab) {
  const texts: string[] = []
  const told = watch<Told>(lab.clock, e => `${e.type} ${e.subject}`)
  let since = 0
  const next = async (type: EventType, of?: string) => {
    const found = await told.until(
      `${type} ${of ?? ''}`,
      e => e.type === type && e.data.link !== 'ari' && (of === undefined || e.subject === of),
      PATIENCE_MS,
      since,
    )
    since = told.history.indexOf(found) + 1
    return found
  }
  const hear = (text: string) => {
    texts.push(text)
    told.tell(JSON.parse(text) as Told)
  }
  return { texts, all: told.history, next, hear }
}

async function overWebSocket(lab: Lab, url: string): Promise<Stream> {
  const { hear, ...stream } = collecting(lab)
  const socket = new WebSocket(url, { headers })
  const closed = new Promise<number>(resolve => socket.on('close', code => resolve(code)))
  socket.on('message', (data: Buffer) => hear(data.toString()))
  await new Promise<void>((resolve, reject) => {
    socket.on('open', resolve)
    socket.on('error', reject)
  })
  return { ...stream, closed, close: () => socket.close() }
}

async function overSse(lab: Lab, url: string, more: Record<string, string>): Promise<Stream> {
  const { hear, ...stream } = collecting(lab)
  const stop = new AbortController()
  const answer = await fetch(url, { headers: { ...headers, ...more }, signal: stop.signal })
  if (answer.status !== 200 || !answer.body) throw new Error(`no stream: ${answer.status}`)
  const read = async (body: ReadableStream<Uint8Array>) => {
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = new Map(
          block.split('\n').map(line => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
        )
        const data = fields.get('data')
        if (fields.has('id') && data !== undefined) hear(data)
      }
    }
  }
  const closed = read(answer.body).then(
    () => 0,
    () => 1,
  )
  return { ...stream, closed, close: () => stop.abort() }
}
