/**
 * The AMI link to one PBX: two sessions, so that an action can never hold up events. The session of events logs in, waits
 * for FullyBooted, reads every channel there is, and then passes events on; the session of actions has events off.
 * When either ends, both begin anew, for ever, each time with new connections.
 */
import { after, sleep, type Clock } from '../base/clock.js'
import { keepConnecting, type Retry } from '../base/retry.js'
import type { ErrorCode } from '../base/errors.js'
import type { EpochMs } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import type { ChannelSeen, PbxFact } from '../pbx/facts.js'
import type { Link, LinkState } from '../pbx/link.js'
import { openConnection, type AmiAddress, type Connection, type OpenConnection } from './connection.js'
import { fieldsOf } from './encode.js'
import { createHearing } from './hearing.js'
import { logIn, type AmiLogin } from './login.js'
import { channelSeen } from './normalise.js'
import type { OnReply, Reply } from './pending.js'

export type AmiSettings = AmiAddress &
  AmiLogin & {
    /** Each session is asked this often whether it lives; a silent one is given up after as long again. */
    pingEveryMs: number
  }

type Parts = {
  settings: AmiSettings
  clock: Clock
  newId: () => string
  retry: Retry
  /** The driver; our own unless told. */
  open?: OpenConnection
}

/** Modules may take long to load: Asterisk lets us log in before that. */
const BOOTED_WITHIN_MS = 60_000

export function createAmiLink({ settings, clock, newId, retry, open: connect = openConnection }: Parts): Link {
  let state: LinkState = 'stopped'
  let version: string | undefined
  let lastError: string | undefined
  let actions: Connection | undefined
  let open: Connection[] = []
  let keeping: ReturnType<typeof keepConnecting> | undefined

  /** Resolves when the session has ended, with whether it had been ready. */
  async function session(see: (facts: PbxFact[]) => void): Promise<boolean> {
    let booted: (() => void) | undefined
    const fullyBooted = new Promise<void>(resolve => (booted = resolve))
    let live = false
    const hear = createHearing()
    const events = connect(settings, clock, frames => {
      if (frames.some(frame => frame.name === 'FullyBooted')) booted?.()
      const facts = frames.flatMap(frame => hear(frame, clock.now()))
      if (facts.length > 0) see(facts)
    })
    const commands = connect(settings, clock, () => undefined)
    open = [events, commands]
    const ended = Promise.race(open.map(connection => connection.closed))
    try {
      await logIn(events, settings, 'on', newId())
      await logIn(commands, settings, 'off', newId())
      await inTime(Promise.race([fullyBooted, ended]), BOOTED_WITHIN_MS, 'the PBX is still loading')
      const told = await readVersion(commands)
      version = told
      await readChannels(events, seen => see([{ type: 'link.up', at: seen.at, version: told }, seen]))
      live = true
      actions = commands
      state = 'ready'
      lastError = undefined
      for (const connection of open) void keepAlive(connection)
      lastError = await ended
    } catch (error) {
      lastError = error instanceof Error ? error.message : String(error)
    }
    actions = undefined
    for (const connection of open) connection.close('given up with the other session')
    return live
  }

  /** Asterisk's own; the greeting has only that of the protocol, which is told where the user may not ask. */
  async function readVersion(commands: Connection): Promise<string> {
    const reply = await commands.ask('CoreSettings', [], newId(), settings.replyWithinMs)
    const told = reply.ok ? reply.value.response.get('AsteriskVersion') : undefined
    return told ?? commands.banner() ?? ''
  }

  /**
   * On the session of events, and at its place among them: what is older than the list was passed on before it, what is
   * younger is passed on behind it, so the order tells the truth.
   */
  async function readChannels(events: Connection, read: (seen: PbxFact) => void): Promise<void> {
    const listed = await askChannels(events, reply => {
      const at = clock.now()
      if (isList(reply)) read({ type: 'pbx.seen', at, channels: channelsIn(reply, at) })
    })
    if (!listed.ok || !isList(listed.value)) throw new Error('the list of channels could not be read')
  }

  const askChannels = (connection: Connection, onReply?: OnReply) =>
    connection.ask('CoreShowChannels', [], newId(), settings.replyWithinMs * 2, onReply)
  const isList = ({ response }: Reply) => response.name === 'Success'
  const channelsIn = ({ items }: Reply, at: EpochMs) =>
    items.map(item => channelSeen(item, at)).filter(channel => channel !== undefined)

  async function listChannels(connection: Connection): Promise<Result<ChannelSeen[], ErrorCode>> {
    const reply = await askChannels(connection)
    if (!reply.ok) return reply
    return isList(reply.value) ? ok(channelsIn(reply.value, clock.now())) : no('COMMAND_REFUSED')
  }

  async function keepAlive(connection: Connection) {
    while (open.includes(connection)) {
      await sleep(clock, settings.pingEveryMs)
      const reply = await connection.ask('Ping', [], newId(), settings.pingEveryMs)
      if (!reply.ok) return connection.close('the PBX no longer answers')
    }
  }

  async function inTime<T>(doing: Promise<T>, withinMs: number, otherwise: string): Promise<T> {
    let cancel = () => {}
    const late = new Promise<never>((_, reject) => {
      cancel = clock.wake(after(clock, withinMs), () => reject(new Error(otherwise)))
    })
    return Promise.race([doing, late]).finally(() => cancel())
  }

  return {
    start(see) {
      state = 'connecting'
      keeping = keepConnecting(retry, async () => {
        const live = await session(see)
        open = []
        if (keeping?.isRunning() !== false) state = 'connecting'
        see([{ type: 'link.down', at: clock.now(), reason: lastError ?? 'unknown' }])
        return live
      })
    },
    async send(action, actionId): Promise<Result<void, ErrorCode>> {
      const encoded = fieldsOf(action)
      if (!encoded.ok) return encoded
      if (!actions) return no('PBX_DOWN')
      const { name, fields } = encoded.value
      const reply = await actions.ask(name, fields, actionId, settings.replyWithinMs)
      if (!reply.ok) return reply
      return reply.value.response.name === 'Success' ? ok(undefined) : no('COMMAND_REFUSED')
    },
    /** Asked where it cannot hold up events. */
    channels: () => (actions ? listChannels(actions) : Promise.resolve(no('PBX_DOWN'))),
    status: () => ({
      state,
      ...(version === undefined ? {} : { version }),
      ...(lastError === undefined ? {} : { lastError }),
    }),
    async stop() {
      state = 'stopped'
      const stopped = keeping?.stop()
      for (const connection of open) connection.close('stopped')
      await stopped
    },
  }
}
