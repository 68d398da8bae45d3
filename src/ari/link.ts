/**
 * The ARI link to one PBX: the Stasis application registered, and again after each reconnect, for ever. Calls are followed
 * over AMI; into the application come the daemon's own tools, and callers whom the dialplan hands to the daemon.
 */
import { sleeper, type Clock } from '../base/clock.js'
import { keepConnecting, type Ending, type Retry } from '../base/retry.js'
import { no, ok } from '../base/result.js'
import type { PbxFact } from '../pbx/facts.js'
import type { Link, LinkTold } from '../pbx/link.js'
import { trackLink } from '../pbx/link-status.js'
import {
  downloadFrom,
  openAriConnection,
  type AriAddress,
  type AriConnection,
  type OpenAriConnection,
} from './connection.js'
import { CHANNELS, INFO, RECORDINGS, recordingFile, requestOf } from './encode.js'
import { ariEventOf, factOfEvent, handedIn, namesIn } from './event.js'

export type AriSettings = AriAddress & { pingEveryMs: number }

type Parts = {
  settings: AriSettings
  clock: Clock
  retry: Retry
  /** The driver; our own unless told. */
  open?: OpenAriConnection
  told?: LinkTold
}

/** One client may have an application: who registers it again takes it from the former one, who is told so and no more. */
const REPLACED = 'another client has registered the application'
const REFUSED = /\b40[13]\b/
/** A timer this much too late means that it was we who stood still, and not the PBX. */
const SLEPT_MS = 500

export function createAriLink({ settings, clock, retry, open = openAriConnection, told = {} }: Parts): Link {
  const track = trackLink(clock, ['events'], told)
  let connection: AriConnection | undefined
  let keeping: ReturnType<typeof keepConnecting> | undefined
  let seeing: (facts: PbxFact[]) => void = () => undefined

  async function session(see: (facts: PbxFact[]) => void): Promise<Ending> {
    let ending: Ending = 'failed'
    let why: string
    try {
      const current = open(settings, clock, hear)
      connection = current
      await current.opened
      track.opened('events')
      const info = await current.ask(INFO)
      if (!info.ok || info.value.status !== 200) throw new Error(info.ok ? `HTTP ${info.value.status}` : info.error)
      const version = versionOf(info.value.body)
      track.version(version)
      track.become('ready')
      see([{ type: 'link.up', at: clock.now(), version: version ?? '', link: 'ari' }])
      // Whoever came while nobody listened, or is left over from before, is told of by no event.
      const channels = await current.ask(CHANNELS)
      if (channels.ok)
        see([{ type: 'callers.seen', at: clock.now(), callers: handedIn(channels.value.body, settings.app) }])
      ending = 'lived'
      void keepAlive(current)
      why = await current.closed
    } catch (error) {
      // Why the connection has ended tells more than what could not be done because of it.
      const closed = await Promise.race([connection?.closed, Promise.resolve(undefined)])
      why = closed ?? (error instanceof Error ? error.message : String(error))
    }
    connection?.close(why)
    connection = undefined
    track.closed()
    if (why === REPLACED || (ending === 'failed' && REFUSED.test(why))) ending = 'refused'
    const refused = why === REPLACED ? 'replaced' : 'refused'
    const stopped = keeping?.isRunning() === false
    track.become(stopped ? 'stopped' : ending === 'refused' ? refused : 'connecting', why)
    see([{ type: 'link.down', at: clock.now(), reason: why, link: 'ari' }])
    return ending
  }

  function hear(message: unknown) {
    const event = ariEventOf(message)
    if (!event) told.refused?.('unreadable')
    else if (event.type === 'ApplicationReplaced' && event.application === settings.app) connection?.close(REPLACED)
    const fact = event && factOfEvent(event, clock.now())
    if (fact) seeing([fact])
  }

  async function keepAlive(current: AriConnection) {
    const sleep = sleeper(clock, current.closed)
    while (connection === current) {
      await sleep(settings.pingEveryMs)
      const sent = clock.now()
      const alive = await current.ping(settings.pingEveryMs)
      const tookMs = clock.now() - sent
      if (alive) track.ponged('events', tookMs)
      else if (tookMs < settings.pingEveryMs + SLEPT_MS) return current.close('the PBX no longer answers')
    }
  }

  return {
    start(see) {
      seeing = see
      track.become('connecting')
      keeping = keepConnecting(retry, () => session(see))
    },
    async send(action) {
      const request = requestOf(action, settings.app)
      if (!request.ok) return request
      if (!connection || track.status().state !== 'ready') return no('PBX_DOWN')
      const reply = await connection.ask(request.value)
      if (!reply.ok) return reply
      if (reply.value.status < 300) return ok(undefined)
      const isGone = action.do === 'drop-recording' || action.do === 'copy-recording'
      return no(isGone && reply.value.status === 404 ? 'RECORDING_NOT_FOUND' : 'COMMAND_REFUSED')
    },
    async recordings() {
      if (!connection || track.status().state !== 'ready') return no('PBX_DOWN')
      const reply = await connection.ask(RECORDINGS)
      if (!reply.ok) return reply
      return reply.value.status === 200 ? ok(namesIn(reply.value.body)) : no('COMMAND_REFUSED')
    },
    async recording(name) {
      const path = recordingFile(name)
      return path.ok ? downloadFrom(settings, path.value) : no('RECORDING_NOT_FOUND')
    },
    status: track.status,
    async stop() {
      const stopped = keeping?.stop()
      connection?.close('stopped')
      await stopped
      track.become('stopped')
    },
  }
}

export function versionOf(info: unknown): string | undefined {
  if (typeof info !== 'object' || info === null || !('system' in info)) return undefined
  const { system } = info
  if (typeof system !== 'object' || system === null || !('version' in system)) return undefined
  return typeof system.version === 'string' ? system.version : undefined
}
