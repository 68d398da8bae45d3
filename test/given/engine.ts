/** An engine with a link that does as it is told and a log that only remembers: for what a real PBX will not do on demand. */
import type { ErrorCode } from '../../src/base/errors.js'
import { ok, type Result } from '../../src/base/result.js'
import type { Clock } from '../../src/base/clock.js'
import { backgroundClock, systemClock } from '../../src/base/system.js'
import { createEngine } from '../../src/engine/engine.js'
import type { EngineParts } from '../../src/engine/parts.js'
import type { StoredThing } from '../../src/engine/state.js'
import type { Batch } from '../../src/engine/writer.js'
import { START, type LogEntry } from '../../src/events/log.js'
import type { Action } from '../../src/pbx/actions.js'
import type { Fact, PbxFact } from '../../src/pbx/facts.js'
import { at, site } from './calls.js'
import { aLinkStatus } from './link.js'
import { anEmptyList } from './number-list.js'
import { rulesOf } from './numbers.js'

/** What is far off, such as midnight, does not keep a test's process alive. */
const FAR_MS = 60_000
const clock: Clock = {
  now: systemClock.now,
  wake: (at, run) => (at - systemClock.now() > FAR_MS ? backgroundClock : systemClock).wake(at, run),
}

type Answer = (action: Action, actionId: string, tell: (facts: Fact[]) => void) => Result<void, ErrorCode>

export function anEngine(answer: Answer = () => ok(undefined), change: Partial<EngineParts> = {}) {
  let tell: (facts: PbxFact[]) => void = () => undefined
  const log: LogEntry[] = []
  const sent: Action[] = []
  let ids = 0
  const append = async ({ entries }: Batch) => void log.push(...entries)
  const engine = createEngine({
    site,
    autoAnswerOf: () => 'both',
    dialRules: rulesOf(),
    dialsPerHour: { outside: 0, costly: 0 },
    routeRules: { routes: [], calendars: new Map() },
    surveys: new Map(),
    blacklist: { list: anEmptyList, rules: { message: ['no'], priority: -10 } },
    dedicated: anEmptyList,
    areaOf: () => ({}),
    ivr: { read: () => ok(new Map()), lookUp: () => Promise.resolve(undefined) },
    voicemail: { boxes: new Map(), minMs: 1_500 },
    promptFile: () => undefined,
    queueKeys: new Map(),
    callBacks: { attempts: 3, retryMs: 600_000 },
    callersWaitMs: 3_500,
    link: {
      start: see => (tell = see),
      send(action, actionId) {
        sent.push(action)
        return Promise.resolve(answer(action, actionId, facts => tell(facts as PbxFact[])))
      },
      status: () => aLinkStatus('ready'),
      stop: () => Promise.resolve(),
    },
    stored: { last: START, calls: [] },
    append,
    traces: true,
    itemOf: () => Promise.resolve(undefined),
    recordOf: () => Promise.resolve(undefined),
    sealFile: file => Promise.resolve(file),
    callsWith: () => Promise.resolve([]),
    popLinks: () => ({}),
    tellListened: false,
    clock,
    newId: () => `id${++ids}`,
    commandTimeoutMs: 100,
    auditEveryMs: 3_600_000,
    told: {
      traced: () => undefined,
      written: () => undefined,
      writeFailed: () => undefined,
      applied: () => undefined,
      found: () => undefined,
    },
    ...change,
  })
  engine.start()
  return { engine, log, sent, tell: (facts: Fact[]) => tell(facts as PbxFact[]), types: () => log.map(e => e.type) }
}

export const seen = (s: number, channels: Extract<PbxFact, { type: 'pbx.seen' }>['channels'] = []): PbxFact => ({
  type: 'pbx.seen',
  at: at(s),
  channels,
})
export const down = (s: number): PbxFact => ({ type: 'link.down', at: at(s), reason: 'cut' })
export const up = (s: number): PbxFact => ({ type: 'link.up', at: at(s), version: '22' })

/** Keeps what an engine stores, for the next one. */
export function aStore() {
  const kept = new Map<string, object>()
  const append = ({ calls }: Batch) => {
    for (const [id, thing] of calls) {
      if (thing) kept.set(id, JSON.parse(JSON.stringify(thing)) as object)
      else kept.delete(id)
    }
    return Promise.resolve()
  }
  return { kept, append, stored: () => ({ last: START, calls: [...kept.values()] as StoredThing[] }) }
}
