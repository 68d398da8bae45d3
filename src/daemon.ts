/** Builds the parts of the daemon, starts them, and stops them in reverse. The only wiring there is; no logic. */
import { QueueMap } from './base/queue-map.js'
import type { CountryCode } from 'libphonenumber-js'
import { amiDriver } from './ami/drivers/choose.js'
import { createAmiLink } from './ami/link.js'
import { createHub } from './api/stream/hub.js'
import type { Pbx } from './api/ports.js'
import { buildServer, closeServer } from './api/server.js'
import { ariDriver } from './ari/drivers/choose.js'
import type { AriAddress } from './ari/connection.js'
import { bridgesMade } from './ari/bridges.js'
import { createAriLink } from './ari/link.js'
import type { PbxId } from './base/ids.js'
import { inTime, sleep, type Clock } from './base/clock.js'
import { random, randomToken, systemClock } from './base/system.js'
import type { Site } from './calls/site.js'
import { menusOf } from './config-rules.js'
import { BadConfig, type Config, type PbxConfig } from './config.js'
import type { AreaOf } from './areas/library.js'
import { areasOf } from './config-areas.js'
import { dialRulesOf, numberPlanOf } from './config-dialling.js'
import { autoAnswersOf } from './config-phones.js'
import { popLinksOf } from './config-pop.js'
import { readDirectory } from './config-directory.js'
import { routeRulesOf } from './config-routing.js'
import { openVoicemailMail } from './daemon-mail.js'
import { voicemailRulesOf } from './config-voicemail.js'
import { createPrompts } from './prompts/folder.js'
import { createRecordingFiles } from './recordings/folder.js'
import { sealedFile } from './recordings/sealed.js'
import { surveyAfter, surveysOf } from './config-surveys.js'
import { createEngine } from './engine/engine.js'
import type { Directory } from './directory/state.js'
import { shapeOfId } from './routing/number-match.js'
import type { StoredThing } from './engine/state.js'
import { isStored } from './engine/stored.js'
import type { Position } from './events/log.js'
import type { Logger } from './logger.js'
import { createMetrics, type Metrics } from './metrics.js'
import { openHistory } from './daemon-history.js'
import { linkGauges, linkTold } from './daemon-links.js'
import { foreignTold, openJournalOf, storeTold } from './daemon-store.js'
import { createEventLog, Fenced } from './store/event-log.js'
import { NewerSchema } from './store/foreign.js'
import { createKeptLog, STORE_STATES } from './store/kept-log.js'
import { createAnswers } from './store/answers.js'
import { keysOf } from './store/keys.js'
import { createNumberList } from './store/number-list.js'
import { lookUp } from './http/look-up.js'
import { connectRedis, type RedisClient } from './store/redis.js'
import { OldServer, refuseOld } from './store/server-version.js'
import { causesOf } from './store/why-not.js'

export type Daemon = {
  /** Where the API listens. */
  address: string
  stop: () => Promise<void>
}

const clock = systemClock
const HOUR_MS = 3_600_000

const REDIS_RETRY_MS = 1_000
/** Once in a while a client has been seen to say nothing more: neither that it is connected, nor why not. */
const CONNECTS_WITHIN_MS = 8_000

/** Waits for a Redis that is not there yet, or takes nothing: whatever starts both need not mind the order. */
async function insisting<T>(logger: Logger, asked: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await asked()
    } catch (error) {
      if (error instanceof NewerSchema || error instanceof OldServer) throw error
      logger.warn({ err: error }, 'redis cannot be used, trying again')
      await sleep(clock, REDIS_RETRY_MS)
    }
  }
}

/** `fenced`: another daemon has taken over a PBX, so this one must end. */
export async function startDaemon(
  config: Config,
  version: string,
  logger: Logger,
  fenced: () => void,
): Promise<Daemon> {
  const metrics = createMetrics()
  const areaOf = areasOf(config.areas)
  const pbxs = new Map<string, RunningPbx>()
  // A client of its own for each attempt: nothing that one of them waits for is waited for by the next.
  const redis = await insisting(logger, () =>
    connected(
      connectRedis(config.redis, (state, why) => {
        logger.info({ state, why }, 'redis')
        if (state !== 'down') for (const { look } of pbxs.values()) look()
      }),
    ),
  )
  try {
    for (const pbx of config.pbxs)
      pbxs.set(pbx.name, await startPbx(pbx, config, redis, logger, metrics, fenced, areaOf))
    const server = await buildServer({
      pbxs: new Map([...pbxs].map(([name, { pbx }]) => [name, pbx])),
      keys: config.api.keys,
      version,
      ringForMs: config.commands.ringForMs,
      maxStreams: config.api.maxStreams,
      clock,
      newId: () => randomToken(),
      logger,
      redisReady: () => redis.status === 'ready',
      answers: createAnswers(redis, config.redis.prefix),
      metrics: {
        text: () => {
          for (const { gauges } of pbxs.values()) gauges()
          return metrics.text()
        },
        streams: open => metrics.streams.set(open),
        refused: () => metrics.connectionsRefused.inc(),
        answered: (route, method, status) => metrics.requests.inc({ route, method, status }),
      },
    })
    const address = await server.listen({ host: config.api.host, port: config.api.port })
    for (const { start } of pbxs.values()) start()
    return {
      address,
      async stop() {
        await closeServer(server, clock)
        await stopAll(pbxs, redis)
      },
    }
  } catch (error) {
    await stopAll(pbxs, redis)
    throw error
  }
}

async function stopAll(pbxs: Map<string, RunningPbx>, redis: RedisClient) {
  await Promise.all([...pbxs.values()].map(({ stop }) => stop()))
  redis.disconnect()
}

/** A Cluster that is not whole yet is tried again by its client, without a word to whoever asked first. */
async function connected(redis: RedisClient): Promise<RedisClient> {
  const ready = new Promise<void>(resolve => redis.once('ready', resolve))
  const causeOf = causesOf(redis)
  try {
    const done = Promise.race([ready, redis.connect()])
    if (!(await inTime(clock, CONNECTS_WITHIN_MS, done))) throw new Error('no connection in time')
    await refuseOld(redis)
    return redis
  } catch (error) {
    redis.disconnect()
    throw error instanceof OldServer ? error : causeOf(error)
  }
}

type RunningPbx = {
  pbx: Pbx
  start: () => void
  stop: () => Promise<void>
  gauges: () => void
  /** Redis is connected again. */
  look: () => void
}

async function startPbx(
  settings: PbxConfig,
  config: Config,
  redis: RedisClient,
  parent: Logger,
  metrics: Metrics,
  fenced: () => void,
  areaOf: AreaOf,
): Promise<RunningPbx> {
  const label = { pbx: settings.name }
  const logger = parent.child(label)
  const keys = keysOf(config.redis.prefix, settings.name)
  const reader: { again?: (from: Position) => void } = {}
  const told = { ...storeTold(label, logger, metrics, fenced), restored: (from: Position) => reader.again?.(from) }
  const foreign = foreignTold(label, logger, metrics)
  const edge = { isCall: isStored, foreign }
  const events = createEventLog(redis, keys, config.events.keepHours * HOUR_MS, clock.now, edge)
  const journal = await openJournalOf(settings.name, config, logger)
  const log = createKeptLog({ log: events, journal, clock, told })
  const { calls, ...stored } = await insisting(logger, log.open)
  const hub = createHub(stored.last)
  const site = siteOf(settings)
  const history = openHistory({
    site,
    config,
    redis,
    keys,
    read: log.read,
    heard: () => (log.status().state === 'redis' ? hub.last() : undefined),
    clock,
    logger,
    metrics,
    foreign,
  })
  reader.again = from => history.again(from)
  const retry = { clock, random }
  const link = createAmiLink({
    settings: settings.ami,
    clock,
    newId: () => randomToken(),
    retry: { ...retry, atMostMs: settings.ami.retryAtMostMs },
    open: amiDriver(settings.ami.driver),
    told: linkTold('ami', label, clock, logger, metrics),
    ...(settings.ari && { bridgesMade: bridgesOf(settings.ari, clock) }),
  })
  const ari =
    settings.ari &&
    createAriLink({
      settings: settings.ari,
      clock,
      retry: { ...retry, atMostMs: settings.ari.retryAtMostMs },
      open: await ariDriver(settings.ari.driver),
      told: linkTold('ari', label, clock, logger, metrics),
    })
  const mail = openVoicemailMail({ settings, config, keys, logger, engine: () => engine })
  const listOf = (name: string) => createNumberList({ redis, keys, name, shapeOf: shapeOfId })
  const prompts = createPrompts(settings.prompts, clock, () => randomToken())
  const engine = createEngine({
    site,
    autoAnswerOf: autoAnswersOf(settings.phoneTypes),
    dialRules: dialRulesOf(settings, areaOf),
    dialsPerHour: settings.dialling.perHour,
    routeRules: routeRulesOf(settings.routing, settings.timeZone),
    surveys: surveysOf(settings.surveys),
    blacklist: { list: listOf('blacklist'), rules: settings.routing.blacklist },
    dedicated: listOf('dedicated'),
    areaOf,
    ivr: { read: () => menusOf(settings), lookUp },
    voicemail: { ...voicemailRulesOf(settings.voicemail), ...(mail && { mail: mail.send }) },
    promptFile: prompts.fileOf,
    queueKeys: new QueueMap(settings.routing.queueKeys.map(({ queue, keys }) => [queue, keys])),
    callBacks: settings.routing.callBacks,
    callersWaitMs: settings.ari?.callersWaitMs ?? 0,
    link,
    ...(ari && { ari }),
    stored: { ...stored, calls: calls as StoredThing[] },
    append: log.append,
    recordOf: history.record,
    sealFile: async (file, recording, numbers) => sealedFile(await history.seal(), file, recording, numbers),
    callsWith: history.callsWith,
    popLinks: popLinksOf(config.screenPop),
    tellListened: settings.monitoring.tellAgent,
    itemOf: history.item,
    ...directoryOf(settings),
    traces: history.tracing,
    clock,
    newId: () => randomToken(),
    commandTimeoutMs: config.commands.timeoutMs,
    auditEveryMs: settings.ami.auditEveryMs,
    told: {
      traced: history.traced,
      written(entries) {
        hub.publish(entries)
        history.notify(entries)
      },
      writeFailed(error) {
        metrics.storeErrors.inc(label)
        logger.warn({ err: error }, 'event log cannot be written')
        if (error instanceof Fenced) fenced()
      },
      applied(facts, events) {
        metrics.facts.inc(label, facts)
        metrics.events.inc(label, events)
      },
      found(facts) {
        metrics.audited.inc(label, facts.length)
        logger.warn({ facts: facts.length }, 'an audit found what the PBX had not told')
      },
    },
  })
  return {
    pbx: {
      engine,
      hub,
      prompts,
      recordings: createRecordingFiles(settings.recordings, history.seal),
      timeZone: settings.timeZone,
      store: log.status,
      read: log.read,
      history,
    },
    start() {
      engine.start()
      void history.start()
    },
    look: () => void log.look(),
    async stop() {
      await mail?.stop()
      await engine.stop()
      await Promise.all([history.stop(), log.stop()])
    },
    gauges() {
      const status = engine.status()
      metrics.liveCalls.set(label, status.liveCalls)
      const store = log.status()
      metrics.lag.set(label, status.lag + store.waiting)
      metrics.journalBytes.set(label, journal.size())
      metrics.tailEvents.set(label, store.inMemory)
      for (const state of STORE_STATES) metrics.storeState.set({ ...label, state }, store.state === state ? 1 : 0)
      linkGauges('ami', label, status.link, metrics)
      if (status.ari) linkGauges('ari', label, status.ari, metrics)
    },
  }
}

export const siteOf = ({
  name,
  trunks,
  extensions,
  phones,
  endpoint,
  country,
  timeZone,
  ...rest
}: PbxConfig): Site => ({
  ...numberPlanOf({ ...rest, extensions, ...(country !== undefined && { country }) }),
  pbx: name as PbxId,
  trunks: new Set(trunks),
  extension: new RegExp(extensions),
  extensionOf: new Map(Object.entries(phones)),
  endpoint,
  ...(country === undefined ? {} : { country: country as CountryCode }),
  counting: { timeZone, serviceLevelMs: rest.queues.serviceLevelMs },
  surveyAfter: surveyAfter(rest.surveys),
  agents: rest.agents,
})

/** How long the list of calls waits for ARI; it is read even if ARI does not answer. */
const BRIDGES_WITHIN_MS = 2_000
const bridgesOf = (ari: AriAddress, clock: Clock) => () => bridgesMade(ari, clock, BRIDGES_WITHIN_MS)

/** It was read when the configuration was: what is wrong with it now, was not then. */
function directoryOf({ agents: { directory } }: PbxConfig): { directory?: Directory } {
  const read = directory === undefined ? undefined : readDirectory(directory)
  if (read?.ok === false) throw new BadConfig(read.error)
  return read ? { directory: read.value } : {}
}
