/**
 * The engine of one PBX: the only one that decides and writes for it. Facts go in one at a time, events go to the log,
 * commands are sent and proved. Holds the state, the timers and nothing else; sockets and Redis are behind its arguments.
 */
import type { ErrorCode } from '../base/errors.js'
import type { CallId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { deviceFor } from '../calls/phones.js'
import { SETTLE_MS } from '../calls/reduce.js'
import type { Call } from '../calls/state.js'
import { viewCall } from '../calls/view.js'
import type { CallView } from '../events/call.js'
import type { Position } from '../events/log.js'
import type { FollowUp, FollowUpKind } from '../events/follow-up.js'
import type { QueueView } from '../events/queue.js'
import type { NotesChange } from '../events/notes.js'
import type { AgentView } from '../events/agent.js'
import type { AlarmView } from '../events/alarm.js'
import type { Action } from '../pbx/actions.js'
import type { Fact } from '../pbx/facts.js'
import type { LinkStatus } from '../pbx/link.js'
import { isPbxUp } from './agents.js'
import { alarmsKey, createAlarmTeller, storedAlarms } from './alarm-teller.js'
import { applyFact, closeItem, nothingApplied, type Applied } from './apply.js'
import type { Asker } from './agent-commands.js'
import { createAudit } from './audit.js'
import { createCallerCommands } from './caller-commands.js'
import { confirm, type Judge, type Verdict } from './confirm.js'
import { createDialplanRecordings } from './dialplan-recordings.js'
import { dialledBack } from '../routing/numbers.js'
import { eachDevice } from './devices.js'
import { createDialling, storedDials } from './dialling.js'
import { createHangup } from './hangup.js'
import { createHanded } from './handed.js'
import { publishChanges } from './publish.js'
import { createPops } from './pops.js'
import { createPromptCalls } from './prompt-calls.js'
import { beginDay } from './lines.js'
import { createMidnight } from './midnight.js'
import { createPeople } from './people.js'
import { createNotes } from './notes.js'
import { createQueueTeller } from './queue-teller.js'
import { publishedKey, storedPublished, storedTally, tallyKey } from './queues.js'
import { restoreState } from './restore.js'
import { staffedSince } from './staffing.js'
import { callBy } from './state.js'
import { createSoftphone } from './softphone.js'
import { createTraces, type Trace } from './trace.js'
import { createTimers } from './timers.js'
import { createWriter } from './writer.js'
import type { EngineParts } from './parts.js'

export type EngineStatus = {
  pbx: string
  link: LinkStatus
  ari?: LinkStatus
  liveCalls: number
  /** When nothing was heard of the PBX, the last time that it was so. */
  lastGap?: { from: string; until: string }
  /** Events not in the log yet. */
  lag: number
  storeFailing: boolean
}

/** What there is, and the position in the log up to which it is told: events after it are news. */
export type Snapshot = {
  position: Position
  calls: CallView[]
  queues: QueueView[]
  agents: AgentView[]
  alarms: AlarmView[]
}

export type Engine = ReturnType<typeof createEngine>

export function createEngine(parts: EngineParts) {
  const { site, link, ari, clock, stored, told } = parts
  const state = restoreState(site, stored)
  const queues = createQueueTeller({
    site,
    state,
    clock,
    tell: names => write({ ...nothingApplied(), queues: new Set(names) }),
  })
  const writer = createWriter(parts.append, clock, stored.last, { written: told.written, failed: told.writeFailed })
  const settled = () => writer.settled()
  /** The device that is rung for an extension. */
  const endpointOf = (extension: string) => deviceFor(site, state.phones, extension)
  const isStopping = () => stopping
  const traces = parts.traces ? createTraces(state.calls.keys()) : undefined
  const alarms = createAlarmTeller({
    site,
    state,
    clock,
    tell: name => write({ ...nothingApplied(), queues: new Set([name]) }),
  })
  const people = createPeople({
    ...{ site, state, clock, link, take, keepRunning },
    ...{ newId: parts.newId, endpointOf, commandTimeoutMs: parts.commandTimeoutMs },
    ...{ directory: parts.directory, settled, isStopping, notes: () => notes },
  })
  const watchers = new Set<(fact: Fact) => void>()
  const timers = createTimers(clock, see)
  const notes = createNotes({
    state,
    clock,
    see,
    push: events => writer.push(events, []),
    settled,
    recordOf: parts.recordOf,
  })
  const running = new Set<Promise<unknown>>()
  let stopping = false

  function see(facts: readonly Fact[]) {
    const applied = nothingApplied()
    for (const fact of facts) {
      for (const offered of pops.before(fact)) applyFact(site, state, offered, applied)
      applyFact(site, state, fact, applied)
      for (const recording of recordingFacts(fact)) applyFact(site, state, recording, applied)
      for (const watcher of watchers) watcher(fact)
    }
    publishChanges(state, applied)
    told.applied(facts.length, applied.events.length)
    trace(applied)
    if (facts.some(({ type }) => type === 'pbx.seen')) {
      queues.heard()
      for (const name of [...alarms.resumed(), ...state.queues.keys()]) applied.queues.add(name)
    }
    take(applied)
    people.see(facts)
    handed.see(facts)
    softphone.look(applied.changed)
    pops.look(facts.some(({ type }) => type === 'pbx.seen') ? [...state.calls.keys()] : applied.changed)
  }

  /** What has come of facts and commands: timers are set, it is told and stored, and whoever waits for it, goes on. */
  function take(applied: Applied) {
    for (const wake of applied.wakes) timers.set(wake)
    write(applied)
    for (const staff of applied.agents) people.look(staff)
    const staffed = staffedSince(state, applied.agents)
    if (staffed.length > 0) see(staffed)
  }

  function keepRunning<T>(doing: Promise<T>): Promise<T> {
    running.add(doing)
    return doing.finally(() => running.delete(doing))
  }

  function trace({ about, recorded }: Applied) {
    if (!traces) return
    for (const { call, fact } of about) traces.hear(call, fact)
    for (const call of recorded) {
      const found = traces.of(call)
      if (found) told.traced(call.id, found)
      traces.drop(call)
    }
  }

  function write(applied: Applied, atOnce = false) {
    const { changed, items, tallied, agents } = applied
    // The directory may write them in other letters.
    const names = new Set([...applied.queues].map(name => state.queues.nameOf(name)))
    const news = names.size > 0 ? queues.news(names, atOnce) : []
    const alarmed = [...names].map(name => [name, alarms.look(name)] as const).filter(([, { changed: is }]) => is)
    const events = [...applied.events, ...people.news(applied), ...alarmed.flatMap(([, { events: told }]) => told)]
    const quiet = changed.size + agents.size + alarmed.length + applied.dials.size === 0
    if (events.length === 0 && news.length === 0 && quiet) return
    const calls = [...changed].map(id => [id, state.calls.get(id)] as const)
    const numbers = new Set([...tallied, ...news.map(([name]) => name)])
    const tallies = [...numbers].map(name => [tallyKey(name), storedTally(state, name)] as const)
    const published = news.map(([name]) => [publishedKey(name), storedPublished(state, name)] as const)
    const open = [...items].map(id => {
      const item = state.followUps.get(id)
      return [id, item && { id, item }] as const
    })
    writer.push(news.length > 0 ? [...events, ...news.map(([, event]) => event)] : events, [
      ...calls,
      ...open,
      ...tallies,
      ...published,
      ...people.stored(applied),
      ...[...applied.dials].map(key => [key, storedDials(state, key)] as const),
      ...alarmed.map(([name]) => [alarmsKey(name), storedAlarms(state, name)] as const),
    ])
  }

  /** Of a PBX that is away nothing is new. */
  function queuesNow(): QueueView[] {
    if (isPbxUp(state)) write({ ...nothingApplied(), queues: new Set(queues.names()) }, true)
    return queues.views()
  }

  const watch = (watcher: (fact: Fact) => void) => {
    watchers.add(watcher)
    return () => void watchers.delete(watcher)
  }

  /** The answer waits until the log has what proved it, so that whoever asks next sees it too. */
  async function command(
    action: Result<Action, ErrorCode>,
    judgeOf: (actionId: string) => Judge,
    taken?: () => void,
  ): Promise<Verdict> {
    if (stopping) return no('STOPPING')
    if (!action.ok) return action
    const confirmed = (sent: Action, actionId: string) =>
      confirm({ link, watch, clock, withinMs: parts.commandTimeoutMs, taken }, sent, actionId, judgeOf(actionId))
    const doing = eachDevice(site, state, action.value, sent => confirmed(sent, parts.newId()))
    const verdict = await keepRunning(doing)
    await writer.settled()
    return verdict
  }

  const dialling = createDialling({
    ...{ state, site, clock, take, may: people.may, command, settled },
    ...{ rules: parts.dialRules, perHour: parts.dialsPerHour, endpointOf, newId: parts.newId },
    isReady: () => link.status().state === 'ready',
    autoAnswerOf: parts.autoAnswerOf,
  })
  const softphone = createSoftphone({
    ...{ state, site, clock, link, ari, see, watch, command, keepRunning, may: people.may, dialling },
    ...{ newId: parts.newId, endpointOf, timeoutMs: parts.commandTimeoutMs },
    autoAnswerOf: parts.autoAnswerOf,
    ...{ tellListened: parts.tellListened, surveys: parts.surveys, isStopping, settled },
  })
  const recordingFacts = createDialplanRecordings({ ...parts, state, see, keepRunning })
  const pops = createPops({
    ...{
      state,
      site,
      clock,
      see,
      keepRunning,
      callsWith: parts.callsWith,
      links: parts.popLinks,
      areaOf: parts.areaOf,
      isStopping,
    },
  })
  const handed = createHanded({
    ...parts,
    ...{ endpointOf, state, see, keepRunning, isStopping, settled, may: people.may, rules: parts.routeRules, ari },
    push: (events, things) => writer.push(events, things),
    note: (call, data) => notes.change(call, { data }),
    dialOf: number => dialledBack(dialling.judged(number, undefined, {})),
  })
  const ringForPrompt = createPromptCalls({
    ...{ state, site, may: people.may, command },
    ...{ newId: parts.newId, endpointOf },
  })
  const askCaller = createCallerCommands({ state, callBacks: handed.callBacksOf, link, may: people.may, command })

  const audit = createAudit({
    link,
    clock,
    everyMs: parts.auditEveryMs,
    calls: () => [...state.calls.values()].filter(call => !isEnded(call)),
    found: facts => {
      told.found(facts)
      see(facts)
    },
  })

  const midnight = createMidnight(clock, site.counting.timeZone, () => {
    const applied = nothingApplied()
    beginDay(site, state, clock.now(), applied)
    // A queue is published only where it looks different from before.
    for (const name of state.queues.keys()) applied.queues.add(name)
    take(applied)
  })

  const isEnded = (call: Call | undefined) => !call || call.progress.state === 'ended'
  const live = (id: CallId) => state.calls.get(state.mergedInto.get(id) ?? id)

  const hangup = createHangup({
    ...{ state, link, newId: parts.newId, clock, see, command, isStopping },
    forbidden: softphone.forbiddenToEnd,
  })

  return {
    pbx: site.pbx,
    ...people.asked,
    /** Has the PBX read what is configured of queues; answers the queues as it has them then. */
    async reloadQueues(): Promise<Result<QueueView[], ErrorCode>> {
      const isRead: Judge = fact => (fact.type === 'queues.seen' ? ok(undefined) : undefined)
      const done = await command(
        ok({ do: 'queue-reload' }),
        () => isRead,
        () => void link.queues?.(),
      )
      return done.ok ? ok(queuesNow()) : done
    },
    /** The alarms that are up. */
    async alarms(): Promise<AlarmView[]> {
      const views = alarms.views()
      await writer.settled()
      return views
    },
    /** About a caller who waits in a queue. */
    caller: askCaller,
    start: () => {
      for (const call of state.calls.values())
        if (isEnded(call)) timers.set({ call: call.id, timer: 'settled', inMs: SETTLE_MS })
      const stale = state.stale.splice(0).map(key => [key, undefined] as const)
      const up = [...state.alarms.keys()].map(name => [alarmsKey(name), storedAlarms(state, name)] as const)
      if (stale.length > 0) writer.push([], [...stale, ...up])
      people.begin()
      const began = nothingApplied()
      // Of days that ended while the daemon was away; queues are published when the PBX is known.
      beginDay(site, state, clock.now(), began)
      take(began)
      midnight.begin()
      handed.begin()
      ari?.start(see)
      link.start(see)
      audit.start()
    },
    dial: dialling.dial,
    /** What would be dialled, and why, or why not. */
    explain: dialling.explain,
    /** Where calls from outside go. */
    routing: handed.asked,
    blacklist: handed.blacklist,
    dedicated: handed.dedicated,
    area: handed.area,
    menus: handed.menus,
    voicemail: handed.voicemail,
    callBacks: handed.callBacks,
    mailed: handed.mailed,
    ringForPrompt,
    mayChangePrompts: (by: Asker) => people.may(by, 'prompts'),
    /** What agents do with calls. */
    softphone: softphone.commands,
    hangup,
    /** The sound of a recording that is over. */
    recording: (name: string): Promise<Result<Buffer, ErrorCode>> =>
      ari?.recording?.(name) ?? Promise.resolve(no('RECORDING_NOT_FOUND')),
    /** The facts of a live call so far. */
    trace: (id: CallId): Trace | undefined => {
      const call = live(id)
      return call && traces?.of(call)
    },
    /** Answers the call with what is noted on it now, when that is in the log. */
    note: (id: CallId, change: NotesChange): Promise<Result<CallView, ErrorCode>> =>
      stopping ? Promise.resolve(no('STOPPING')) : notes.change(id, change),
    /** Says that nothing is to be done any more; answers the item as it is then. */
    async followedUp(kind: FollowUpKind, id: string): Promise<Result<FollowUp, ErrorCode>> {
      if (stopping) return no('STOPPING')
      const applied = nothingApplied()
      const done = closeItem(state, kind, id, clock.now(), applied)
      if (!done) return (await parts.itemOf(kind, id).then(item => item && ok(item))) ?? no('ITEM_NOT_FOUND')
      write(applied)
      await writer.settled()
      return ok(done)
    },
    /** The live calls and the queues, and the position in the log up to which they are told: events after it are news. */
    async snapshot(): Promise<Snapshot> {
      const position = writer.position()
      const calls = [...state.calls.values()].filter(c => c.revision > 0 && !isEnded(c)).map(viewCall)
      const now = { queues: queues.views(), agents: people.views(), alarms: alarms.views() }
      await writer.settled()
      return { position, calls, ...now }
    },
    /** The queues as they are; what has not been told of them yet, is told before. */
    async queues(): Promise<QueueView[]> {
      const views = queuesNow()
      await writer.settled()
      return views
    },
    /** One call, live or of late; undefined when it is neither (the history has what is recorded). */
    async call(id: CallId): Promise<CallView | undefined> {
      const call = callBy(state, id)
      await writer.settled()
      return call && call.revision > 0 ? viewCall(call) : notes.kept(id)
    },
    status(): EngineStatus {
      const { events, failing } = writer.lag()
      const live = [...state.calls.values()].filter(c => !isEnded(c)).length
      const status = { pbx: site.pbx, link: link.status(), liveCalls: live, lag: events, storeFailing: failing }
      const gap = state.lastGap === undefined ? {} : { lastGap: state.lastGap }
      return { ...status, ...gap, ...(ari && { ari: ari.status() }) }
    },
    /** Takes no more commands, finishes those it has, and leaves everything in the log. */
    async stop() {
      stopping = true
      audit.stop()
      handed.stop()
      await Promise.allSettled(running)
      people.stop()
      await Promise.all([link.stop(), ari?.stop()])
      // What commands and the links have left to be looked at later, is not.
      for (const timed of [queues, alarms, midnight]) timed.stop()
      timers.cancel()
      await writer.settled()
    },
  }
}
