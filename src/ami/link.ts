/**
 * The AMI link to one PBX: two sessions, so that an action can never hold up events. The session of events logs in, waits
 * for FullyBooted, reads every channel there is, and then passes events on; the session of actions has events off.
 * When either ends, both begin anew, for ever, each time with new connections.
 */
import { after, sleeper, type Clock } from '../base/clock.js'
import { keepConnecting, type Ending, type Retry } from '../base/retry.js'
import type { ErrorCode } from '../base/errors.js'
import type { BridgeId, EpochMs, LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import type { ChannelSeen, PbxFact } from '../pbx/facts.js'
import type { Link, LinkTold } from '../pbx/link.js'
import { NAMES } from '../pbx/names.js'
import { trackLink } from '../pbx/link-status.js'
import { openConnection, type AmiAddress, type Connection, type OpenConnection } from './connection.js'
import { fieldsOf, fileOfMix, LISTS, type Fields } from './encode.js'
import { createHearing, type Hear } from './hearing.js'
import { logIn, LoginRefused, type AmiLogin } from './login.js'
import { isListed } from './normalise.js'
import { phoneSeen, queuesSeen } from './normalise-queues.js'
import { channelsSeen, type Lists } from './snapshot.js'
import type { Frame } from './parse.js'
import { callersIn, readWithheld } from './withheld.js'

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
  told?: LinkTold
  /** When each bridge was made, where something else than AMI can tell. */
  bridgesMade?: () => Promise<ReadonlyMap<BridgeId, EpochMs>>
}

type Seen = Extract<PbxFact, { type: 'pbx.seen' }>
type Heard = { frames: readonly Frame[]; at: EpochMs }
type SessionName = 'events' | 'actions'

/** A timer this much too late means that it was we who stood still: the answer may wait to be read. */
const SLEPT_MS = 500

/** Modules may take long to load: Asterisk lets us log in before that. */
const BOOTED_WITHIN_MS = 60_000

const LIST_OF = {
  BridgeList: 'bridges',
  QueueStatus: 'queues',
  ParkedCalls: 'parked',
  DeviceStateList: 'phones',
  CoreShowChannels: 'channels',
} as const
type AllLists = Lists & { phones: readonly Frame[] }
const NO_LISTS: AllLists = { bridges: [], queues: [], parked: [], phones: [], channels: [] }

export function createAmiLink({
  settings,
  clock,
  newId,
  retry,
  open: connect = openConnection,
  told = {},
  bridgesMade = () => Promise.resolve(new Map()),
}: Parts): Link {
  const track = trackLink(clock, ['events', 'actions'] satisfies SessionName[], told)
  const asking = { clock, newId, withinMs: settings.replyWithinMs }
  let actions: Connection | undefined
  /** The context in which the phones of the site dial, when it was last asked. */
  let outgoing = ''
  let open: Connection[] = []
  let keeping: ReturnType<typeof keepConnecting> | undefined
  /**
   * Until when everything was heard: the time of the last event, or when the last ping was sent that was answered on the
   * session of events. A connection that ends was often of no more use for some time before.
   */
  let heardUntil = 0
  let seeing: (facts: PbxFact[]) => void = () => undefined

  /** What came together, as facts; what should have been a fact and is none, is refused. */
  function factsOf(frames: readonly Frame[], hear: Hear, now: EpochMs): PbxFact[] {
    const facts: PbxFact[] = []
    for (const frame of frames) {
      const heard = hear(frame, now)
      if (heard.length === 0 && isListed(frame)) told.refused?.('incomplete')
      for (const fact of heard) facts.push(fact)
    }
    const [first, last] = [facts[0], facts.at(-1)]
    if (first) told.heard?.(now - first.at)
    if (last) heardUntil = Math.max(heardUntil, last.at)
    return facts
  }

  /** Resolves when the session has ended. */
  async function session(see: (facts: PbxFact[]) => void): Promise<Ending> {
    let booted: (() => void) | undefined
    const fullyBooted = new Promise<void>(resolve => (booted = resolve))
    let withheld: ReadonlySet<LegId> = new Set()
    const hear = createHearing(leg => withheld.has(leg))
    let ending: Ending = 'failed'
    let why: string
    let announced: string | undefined
    let bootedAt: EpochMs | undefined
    /** What came before it was known whose number must not be shown. */
    let early: Heard[] | undefined = []
    const pass = ({ frames, at }: Heard) => {
      const facts = factsOf(frames, hear, at)
      if (facts.length > 0) see(facts)
    }
    try {
      const events = opening(frames => {
        for (const frame of frames) {
          if (frame.name === 'FullyBooted') {
            booted?.()
            bootedAt = bootOf(frame)
          }
          if (frame.name === 'Shutdown') announced = shutdownOf(frame)
          if (actions && isReloadOfQueues(frame)) void readQueuesAgain(events, see)
        }
        const heard = { frames, at: clock.now() }
        if (early) early.push(heard)
        else pass(heard)
      })
      const commands = opening(() => undefined)
      const ended = Promise.race(open.map(connection => connection.closed))
      await logIn(events, settings, 'on', newId())
      track.opened('events')
      await logIn(commands, settings, 'off', newId())
      track.opened('actions')
      const gone = await inTime(Promise.race([fullyBooted, ended]), BOOTED_WITHIN_MS, 'the PBX is still loading')
      if (gone !== undefined) throw new Error(gone)
      const version = await readVersion(commands)
      withheld = await withheldNow(commands)
      const waited = early
      early = undefined
      waited.forEach(pass)
      await readChannels(events, withheld, seen => {
        ending = 'lived'
        actions = commands
        heardUntil = clock.now()
        track.version(version)
        track.become('ready')
        see([{ type: 'link.up', at: seen.at, version }, bootedAt === undefined ? seen : { ...seen, bootedAt }])
      })
      void keepAlive(events, 'events')
      void keepAlive(commands, 'actions')
      why = await ended
    } catch (error) {
      // Why a connection has ended tells more than what could not be done because of it.
      const closed = await Promise.race([...open.map(connection => connection.closed), Promise.resolve(undefined)])
      if (error instanceof LoginRefused) ending = 'refused'
      why = (ending === 'refused' ? undefined : closed) ?? (error instanceof Error ? error.message : String(error))
    }
    actions = undefined
    why = announced ?? why
    for (const connection of open) connection.close('given up with the other session')
    open = []
    track.closed()
    const stopped = keeping?.isRunning() === false
    track.become(stopped ? 'stopped' : ending === 'refused' ? 'refused' : 'connecting', why)
    see([{ type: 'link.down', at: stopped ? clock.now() : downSince(), reason: why }])
    return ending
  }

  /** Uptime is in whole seconds: a second later than it says is surely after the beginning. */
  function bootOf(frame: Frame): EpochMs | undefined {
    const seconds = /^\d{1,10}$/.test(frame.get('Uptime') ?? '') ? Number(frame.get('Uptime')) : undefined
    return seconds === undefined ? undefined : ((clock.now() - (seconds + 1) * 1_000) as EpochMs)
  }

  const shutdownOf = (frame: Frame) =>
    frame.get('Restart') === 'True' ? 'the PBX is being restarted' : 'the PBX is being shut down'

  const isReloadOfQueues = (frame: Frame) =>
    frame.name === 'Reload' && /^(All|app_queue(\.so)?)$/.test(frame.get('Module') ?? '')

  /** By the clock of the PBX, which may be ahead of ours. */
  const downSince = () => (heardUntil === 0 ? clock.now() : Math.min(clock.now(), heardUntil)) as EpochMs

  function opening(onEvents: (frames: Frame[]) => void): Connection {
    const connection = connect(settings, clock, onEvents, told.refused)
    open.push(connection)
    return connection
  }

  /** Asterisk's own; the greeting has only that of the protocol, which is told where the user may not ask. */
  async function readVersion(commands: Connection): Promise<string> {
    const reply = await commands.ask('CoreSettings', [], newId(), settings.replyWithinMs)
    const told = reply.ok ? reply.value.response.get('AsteriskVersion') : undefined
    return told ?? commands.banner() ?? ''
  }

  /**
   * Asked where it cannot hold up events, and before anything is told of a channel. Of whoever comes later, the session of events is
   * told everything.
   */
  async function withheldNow(commands: Connection): Promise<ReadonlySet<LegId>> {
    const reply = await commands.ask('CoreShowChannels', [], newId(), settings.replyWithinMs * 2)
    const channels = reply.ok ? channelsSeen({ ...NO_LISTS, channels: reply.value.items }, clock.now()) : []
    return readWithheld(commands, callersIn(channels), asking)
  }

  /**
   * On the session of events, and at its place among them: what is older than the list of channels was passed on before it,
   * what is younger is passed on behind it, so the order tells the truth.
   */
  async function readChannels(
    events: Connection,
    withheld: ReadonlySet<LegId>,
    read: (seen: Seen) => void,
  ): Promise<void> {
    const made = await bridgesMade()
    const listed = await askLists(events, (all, { queues, phones: devices }) => {
      const channels = all
        .map(channel => withBridge(channel, made))
        .map(channel => (withheld.has(channel.leg) ? { ...channel, withheld: true as const } : channel))
      const phones = devices.flatMap(frame => phoneSeen(frame) ?? [])
      read({ type: 'pbx.seen', at: clock.now(), channels, queues: queuesSeen(queues), phones })
    })
    if (!listed.ok) throw new Error('the list of channels could not be read')
  }

  /** Which there are, no event tells. Again, at its place among the events. */
  async function readQueues(events: Connection, see: (facts: PbxFact[]) => void) {
    await events.ask('QueueStatus', [], newId(), settings.replyWithinMs * 2, ({ response, items }) => {
      if (response.name !== 'Success') return
      see([{ type: 'queues.seen', at: clock.now(), queues: queuesSeen(items) }])
    })
  }

  let isAskedAgain = false
  let reading: Promise<void> | undefined
  /** One reading at a time, and one more for whatever has come meanwhile: a PBX may be reloaded again and again. */
  async function readQueuesAgain(events: Connection, see: (facts: PbxFact[]) => void) {
    isAskedAgain = true
    reading ??= (async () => {
      while (isAskedAgain) {
        isAskedAgain = false
        await readQueues(events, see)
      }
    })().finally(() => (reading = undefined))
    await reading
  }

  /** The channels are asked for last. A PBX without queues or parking refuses those lists. */
  async function askLists(
    connection: Connection,
    read: (channels: ChannelSeen[], lists: AllLists) => void = () => undefined,
  ): Promise<Result<ChannelSeen[], ErrorCode>> {
    const lists: Partial<AllLists> = {}
    let seen: ChannelSeen[] | undefined
    const asked = LISTS.map(name =>
      connection.ask(name, [], newId(), settings.replyWithinMs * 2, ({ response, items }) => {
        if (response.name !== 'Success') return
        lists[LIST_OF[name]] = items
        if (name !== 'CoreShowChannels') return
        const all = { ...NO_LISTS, ...lists }
        read((seen = channelsSeen(all, clock.now())), all)
      }),
    )
    const [last] = (await Promise.all(asked)).slice(-1)
    if (last?.ok === false) return last
    return seen ? ok(seen) : no('COMMAND_REFUSED')
  }

  async function readVariable(connection: Connection, asked: string | Fields): Promise<Result<string, ErrorCode>> {
    const fields: Fields = typeof asked === 'string' ? [['Variable', asked]] : asked
    const reply = await connection.ask('Getvar', fields, newId(), settings.replyWithinMs)
    if (!reply.ok) return reply
    const { response } = reply.value
    return response.name === 'Success' ? ok(response.get('Value') ?? '') : no('COMMAND_REFUSED')
  }

  async function keepAlive(connection: Connection, name: SessionName) {
    const sleep = sleeper(clock, connection.closed)
    while (open.includes(connection)) {
      await sleep(settings.pingEveryMs)
      const [sent, heard] = [clock.now(), connection.heard()]
      const reply = await connection.ask('Ping', [], newId(), settings.pingEveryMs)
      const tookMs = clock.now() - sent
      if (reply.ok) {
        track.ponged(name, tookMs)
        if (name === 'events') heardUntil = Math.max(heardUntil, sent)
        continue
      }
      // Whoever sends is alive, though the answer is behind what we have not read yet.
      const alive = connection.heard() > heard || tookMs > settings.pingEveryMs + SLEPT_MS
      if (!alive) return connection.close('the PBX no longer answers')
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
      seeing = see
      track.become('connecting')
      keeping = keepConnecting(retry, () => session(see))
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
    channels: () => (actions ? askLists(actions) : Promise.resolve(no('PBX_DOWN'))),
    withheld: callers =>
      actions ? readWithheld(actions, callersIn(callers), asking) : Promise.resolve(new Set<LegId>()),
    async mixFile(leg) {
      return actions ? readVariable(actions, fileOfMix(leg)) : no('PBX_DOWN')
    },
    async reach(number) {
      if (!actions) return no('PBX_DOWN')
      const session = actions
      const existsIn = (context: string) => readVariable(session, `DIALPLAN_EXISTS(${context},${number},1)`)
      // Both at once, since it is mostly the same as before.
      const [guess, asked] = [outgoing, readVariable(session, NAMES.outgoingContextGlobal)]
      const guessed = guess === '' ? undefined : existsIn(guess)
      const context = await asked
      if (!context.ok) return context
      outgoing = context.value
      if (context.value === '') return ok({ context: '', exists: false })
      const exists = await (context.value === guess && guessed ? guessed : existsIn(context.value))
      return exists.ok ? ok({ context: context.value, exists: exists.value === '1' }) : exists
    },
    async hasContext(context) {
      if (!actions) return no('PBX_DOWN')
      const found = await readVariable(actions, `DIALPLAN_EXISTS(${context})`)
      return found.ok ? ok(found.value === '1') : found
    },
    async queues() {
      const events = open[0]
      if (actions && events) await readQueuesAgain(events, seeing)
    },
    status: track.status,
    async stop() {
      const stopped = keeping?.stop()
      for (const connection of open) connection.close('stopped')
      await stopped
      track.become('stopped')
    },
  }
}

function withBridge(channel: ChannelSeen, made: ReadonlyMap<BridgeId, EpochMs>): ChannelSeen {
  const bridgeMadeAt = channel.bridge === undefined ? undefined : made.get(channel.bridge)
  return bridgeMadeAt === undefined ? channel : { ...channel, bridgeMadeAt }
}
