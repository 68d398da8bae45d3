/** An API over parts that are plain objects: for what never gets as far as a PBX. */
import { pino } from 'pino'
import type { AnswerStore } from '../../src/api/idempotency.js'
import type { KeptAnswer } from '../../src/events/answer.js'
import { hashKey } from '../../src/api/auth.js'
import type { Pbx } from '../../src/api/ports.js'
import { buildServer, type Api } from '../../src/api/server.js'
import { createPrompts } from '../../src/prompts/folder.js'
import { createHub } from '../../src/api/stream/hub.js'
import { no, ok } from '../../src/base/result.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import { NO_DIRECTORY } from '../../src/directory/state.js'
import { START } from '../../src/events/log.js'
import type { QueueView } from '../../src/events/queue.js'
import { aLinkStatus } from './link.js'

export const KEY = 'ak_test'
export const auth = { authorization: `Bearer ${KEY}` }

const nothing = () => Promise.resolve(no('CALL_NOT_FOUND' as const))
const nobody = () => Promise.resolve(no('AGENT_NOT_FOUND' as const))

const anEmptyOne = {
  page: () => Promise.resolve({ entries: [] }),
  one: () => Promise.resolve(undefined),
  add: () => Promise.resolve(no({ code: 'ENTRY_INVALID' as const })),
  remove: () => Promise.resolve(no({ code: 'ENTRY_NOT_FOUND' as const })),
  import: () => Promise.resolve(no({ code: 'IMPORT_UNDER_WAY' as const })),
  async *export() {
    yield await Promise.resolve('match\r\n')
  },
}

/** `sent` collects what would have gone to the PBX. */
export async function anApi(
  change: Partial<Pbx> = {},
  maxStreams = 10,
  {
    answers = someAnswers(),
    dial,
    queues = [],
    staff = [],
  }: {
    answers?: AnswerStore
    dial?: Pbx['engine']['dial']
    queues?: readonly string[]
    staff?: readonly string[]
  } = {},
): Promise<{ api: Api; sent: unknown[]; refused: { count: number } }> {
  const sent: unknown[] = []
  const refused = { count: 0 }
  const pbx: Pbx = {
    engine: {
      pbx: 'hq' as never,
      dial: command => {
        sent.push(command)
        if (dial) return dial(command)
        return Promise.resolve(no('PBX_DOWN'))
      },
      explain: number => Promise.resolve(ok({ number, allowed: false, class: 'other', reasons: [] })),
      hangup: id => {
        sent.push(id)
        return Promise.resolve(no('CALL_NOT_FOUND'))
      },
      softphone: {
        onCall: nothing,
        onTransfer: nothing,
        fromOutside: nothing,
        allowed: () => [],
      },
      routing: {
        preview: () => Promise.resolve({ does: 'dialplan', because: [] }),
        emergency: () => ({ on: false }),
        setEmergency: () => Promise.resolve(ok({ on: true })),
      },
      blacklist: anEmptyOne,
      dedicated: anEmptyOne,
      area: () => ({}),
      menus: { all: () => new Map(), reload: () => ok(new Map()) },
      callBacks: {
        list: () => Promise.resolve([]),
        one: () => undefined,
        waitingBy: () => undefined,
        cancel: () => Promise.resolve(no('CALL_BACK_NOT_FOUND')),
      },
      ringForPrompt: () => Promise.resolve(no('PBX_DOWN')),
      mayChangePrompts: () => undefined,
      voicemail: {
        list: () => Promise.resolve([]),
        boxes: () => [],
        one: () => no('MESSAGE_NOT_FOUND'),
        sound: () => Promise.resolve(no('MESSAGE_NOT_FOUND')),
        mark: () => Promise.resolve(no('MESSAGE_NOT_FOUND')),
        remove: () => Promise.resolve(no('MESSAGE_NOT_FOUND')),
        forward: () => Promise.resolve(no('MESSAGE_NOT_FOUND')),
      },
      recording: () => Promise.resolve(no('RECORDING_NOT_FOUND' as const)),
      trace: () => undefined,
      followedUp: () => Promise.resolve(no('ITEM_NOT_FOUND')),
      note: () => Promise.resolve(no('CALL_NOT_FOUND')),
      snapshot: () => Promise.resolve({ position: START, calls: [], queues: [], agents: [], alarms: [] }),
      call: () => Promise.resolve(undefined),
      agents: {
        signIn: nobody,
        signOut: nobody,
        be: nobody,
        wrapUp: nobody,
        wrapUpCode: nothing,
        workgroup: nobody,
        allowed: () => [],
        at: () => undefined,
        list: () => Promise.resolve([]),
        one: () => Promise.resolve(undefined),
      },
      queues: () => Promise.resolve(queues.map(name => ({ name }) as QueueView)),
      reloadQueues: () => Promise.resolve(no('PBX_DOWN')),
      extensions: { list: () => Promise.resolve([]) },
      alarms: () => Promise.resolve([]),
      caller: () => Promise.resolve(no('QUEUE_NOT_FOUND')),
      directory: {
        now: () => ({
          ...NO_DIRECTORY,
          staff: new Map(staff.map(id => [id, { id, name: id, role: 'agent', workgroups: [] }])),
        }),
        adopted: () => [],
        change: () => Promise.resolve(no({ code: 'ENTRY_NOT_FOUND' })),
      },
      status: () => ({ pbx: 'hq', link: aLinkStatus('connecting'), liveCalls: 0, lag: 0, storeFailing: false }),
    },
    read: () => Promise.resolve({ ok: true, entries: [] }),
    hub: createHub(START),
    prompts: createPrompts({}, systemClock, () => randomToken()),
    timeZone: 'Europe/Berlin',
    store: () => ({ state: 'redis', waiting: 0, readable: true, journalFilled: 0 }),
    recordings: { find: () => Promise.resolve(no('RECORDING_NOT_FOUND')) },
    history: {
      record: () => Promise.resolve(undefined),
      search: () => Promise.resolve({ calls: [] }),
      trace: () => Promise.resolve(undefined),
      item: () => Promise.resolve(undefined),
      items: () => Promise.resolve({ items: [] }),
      activity: () => Promise.resolve({ items: [] }),
      activityWithin: () => Promise.resolve([]),
      audit: () => Promise.resolve({ changes: [] }),
      listening: () => Promise.resolve({ items: [] }),
    },
    ...change,
  }
  const api = await buildServer({
    pbxs: new Map([['hq', pbx]]),
    keys: [{ name: 'test', sha256: hashKey(KEY) }],
    version: '0.0.0',
    ringForMs: 30_000,
    maxStreams,
    clock: systemClock,
    newId: () => randomToken(),
    logger: pino({ level: 'silent' }),
    redisReady: () => true,
    answers,
    metrics: {
      text: () => Promise.resolve(''),
      streams: () => undefined,
      refused: () => refused.count++,
      answered: () => undefined,
    },
  })
  return { api, sent, refused }
}

/** As Redis would keep them. */
export function someAnswers(): AnswerStore & { kept: Map<string, KeptAnswer> } {
  const kept = new Map<string, KeptAnswer>()
  return {
    kept,
    claim: (id, mine) => {
      const was = kept.get(id)
      if (!was) kept.set(id, mine)
      return Promise.resolve(was)
    },
    keep: (id, answer) => Promise.resolve(void kept.set(id, answer)),
    drop: id => Promise.resolve(void kept.delete(id)),
  }
}
