/**
 * One connection of the package ari-client, in a thread of its own: the only file that imports it. The package throws where
 * nobody can catch it (a page that is refused while it loads, an event that it does not know), which ends this thread and
 * nothing else; and it keeps passwords for all of a program, which here is one connection.
 */
import ariClient, { type Client } from 'ari-client'
import { parentPort, workerData } from 'node:worker_threads'

/** What the thread is begun with. */
export type Begin = { url: string; user: string; password: string; app: string }
export type Asked = { id: number } & (
  | { do: 'ping' }
  | { do: 'info'; query: Readonly<Record<string, string>> }
  | { do: 'hangup'; leg: string; query: Readonly<Record<string, string>> }
)
export type Told =
  | { is: 'opened' }
  | { is: 'event'; type?: unknown; application?: unknown }
  | { is: 'closed'; why: string }
  | { is: 'answer'; id: number; status: number; body: unknown }

const tell = (told: Told) => parentPort?.postMessage(told)
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
/** What it hands over has functions, which cannot leave the thread. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null)) as unknown

async function answer(client: Client, asked: Asked): Promise<unknown> {
  switch (asked.do) {
    case 'info':
      return client.asterisk.getInfo(asked.query)
    case 'hangup':
      return client.channels.hangup({ channelId: asked.leg, ...asked.query })
    case 'ping':
      return new Promise<void>(resolve => {
        client.once('pong', () => resolve())
        client.ping()
      })
  }
}

/** It hands over the text of a refusal and not its status. */
async function hear(client: Client, asked: Asked) {
  const { id } = asked
  try {
    tell({ is: 'answer', id, status: 200, body: plain(await answer(client, asked)) })
  } catch (error) {
    tell({ is: 'answer', id, status: 400, body: { message: reasonOf(error) } })
  }
}

const { url, user, password, app } = workerData as Begin
try {
  const client = await ariClient.connect(url, user, password)
  client.on('*', event => {
    const { type, application } = (event ?? {}) as { type?: unknown; application?: unknown }
    tell({ is: 'event', type, application })
  })
  // It tells of an end only by trying again, which it gives up after 43 s.
  client.on('WebSocketReconnecting', error =>
    tell({ is: 'closed', why: error?.message ?? 'the PBX closed the connection' }),
  )
  parentPort?.on('message', (asked: Asked) => void hear(client, asked))
  await client.start(app)
  tell({ is: 'opened' })
} catch (error) {
  tell({ is: 'closed', why: reasonOf(error) })
}
