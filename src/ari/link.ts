/**
 * The ARI link to one PBX: the Stasis application registered, and again after each reconnect, for ever. It reports no
 * facts yet: channels are followed over AMI, and no call is sent into the application so far.
 */
import { sleep, type Clock } from '../base/clock.js'
import { keepConnecting, type Retry } from '../base/retry.js'
import { no, ok } from '../base/result.js'
import type { Link, LinkState } from '../pbx/link.js'
import { openAriConnection, type AriAddress, type AriConnection, type OpenAriConnection } from './connection.js'
import { INFO, requestOf } from './encode.js'

export type AriSettings = AriAddress & { pingEveryMs: number }

type Parts = {
  settings: AriSettings
  clock: Clock
  retry: Retry
  /** The driver; our own unless told. */
  open?: OpenAriConnection
}

export function createAriLink({ settings, clock, retry, open = openAriConnection }: Parts): Link {
  let state: LinkState = 'stopped'
  let version: string | undefined
  let lastError: string | undefined
  let connection: AriConnection | undefined
  let keeping: ReturnType<typeof keepConnecting> | undefined

  async function session(): Promise<boolean> {
    const current = open(settings, clock, () => undefined)
    connection = current
    try {
      await current.opened
      const info = await current.ask(INFO)
      if (!info.ok || info.value.status !== 200) throw new Error(info.ok ? `HTTP ${info.value.status}` : info.error)
      version = versionOf(info.value.body) ?? version
      state = 'ready'
      lastError = undefined
      void keepAlive(current)
      lastError = await current.closed
      return true
    } catch (error) {
      lastError = error instanceof Error ? error.message : String(error)
      current.close(lastError)
      return false
    }
  }

  async function keepAlive(current: AriConnection) {
    while (connection === current) {
      await sleep(clock, settings.pingEveryMs)
      if (!(await current.ping(settings.pingEveryMs))) return current.close('the PBX no longer answers')
    }
  }

  return {
    start() {
      state = 'connecting'
      keeping = keepConnecting(retry, async () => {
        const live = await session()
        connection = undefined
        if (keeping?.isRunning() !== false) state = 'connecting'
        return live
      })
    },
    async send(action) {
      const request = requestOf(action)
      if (!request.ok) return request
      if (!connection || state !== 'ready') return no('PBX_DOWN')
      const reply = await connection.ask(request.value)
      if (!reply.ok) return reply
      return reply.value.status < 300 ? ok(undefined) : no('COMMAND_REFUSED')
    },
    status: () => ({
      state,
      ...(version === undefined ? {} : { version }),
      ...(lastError === undefined ? {} : { lastError }),
    }),
    async stop() {
      state = 'stopped'
      const stopped = keeping?.stop()
      connection?.close('stopped')
      await stopped
    },
  }
}

export function versionOf(info: unknown): string | undefined {
  if (typeof info !== 'object' || info === null || !('system' in info)) return undefined
  const { system } = info
  if (typeof system !== 'object' || system === null || !('version' in system)) return undefined
  return typeof system.version === 'string' ? system.version : undefined
}
