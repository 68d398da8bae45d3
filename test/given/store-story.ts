/**
 * Calls under load while something happens to Redis, and what must be so afterwards: each call once in stream, log and
 * history, and nothing left over.
 */
import type { Test } from 'tap'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { load } from '../../lab/sipp.js'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { keysOf } from '../../src/store/keys.js'
import type { RedisClient } from '../../src/store/redis.js'
import type { Exchange, Stream } from './exchange.js'

const CALLS = 20
const LOAD = { calls: CALLS, ratePerSecond: 10, talkMs: 300 }

export type Ready = {
  ready: boolean
  status: string
  redis: boolean
  missing: string[]
  pbxs: { store: string; lag: number; missing: string[] }[]
}

/** `admin`: a client of the same Redis that waits as long as it takes. */
export function aStoreStory({ lab, crm }: Pick<Exchange, 'lab' | 'crm'>, admin: Pick<RedisClient, 'xrange' | 'hkeys'>) {
  const { clock } = lab
  const keys = keysOf('aladdin', 'lab')
  const readiness = () => crm.get<Ready>('/readyz')
  const snapshot = async () => (await crm.get<{ cursor: string; calls: CallView[] }>('/v1/snapshot')).body

  const isReady = (withinMs = 15_000) =>
    retry(clock, 'the store to have healed', withinMs, async () =>
      (await readiness()).body.status === 'ready' ? true : undefined,
    )
  const isDegraded = () =>
    retry(clock, 'the store to be away', 15_000, async () =>
      (await readiness()).body.status === 'degraded' ? true : undefined,
    )
  const begin = async () => {
    const { cursor } = await snapshot()
    return { cursor, stream: await crm.webSocket(`after=${cursor}`) }
  }
  const recorded = async (stream: Stream, times = 1) => {
    for (let i = 0; i < CALLS * times; i++) await stream.next('call.recorded')
  }
  async function rows(): Promise<string[]> {
    const ids: string[] = []
    for (let more = ''; ;) {
      const { body } = await crm.get<{ calls: CallView[]; next?: string }>(`/v1/history?limit=200${more}`)
      ids.push(...body.calls.map(c => c.id))
      if (body.next === undefined) return ids
      more = `&after=${body.next}`
    }
  }

  /** Every call once, everywhere, and who reads the log anew reads what the stream told. */
  async function nothingLostOrDoubled(t: Test, { stream, cursor }: { stream: Stream; cursor: string }, times = 1) {
    const of = (type: string) => stream.all.filter(e => e.type === type).map(e => e.subject)
    for (const type of ['call.started', 'call.answered', 'call.ended', 'call.recorded'])
      t.equal(new Set(of(type)).size, CALLS * times, type)
    t.equal(new Set(stream.all.map(e => e.id)).size, stream.all.length, 'no event twice')
    const told = of('call.recorded')
    const history = await retry(clock, 'the history to have all', 15_000, async () => {
      const found = await rows()
      return told.every(id => found.includes(id)) ? found : undefined
    })
    t.equal(new Set(history).size, history.length, 'no row twice')
    const anew = await crm.webSocket(`after=${cursor}`)
    await retry(clock, 'the log to be read again', 5_000, async () =>
      anew.texts.length >= stream.texts.length ? true : undefined,
    )
    t.strictSame(anew.texts, stream.texts, 'the log says what the stream told')
    const log = await admin.xrange(keys.log, '-', '+')
    const stored = log.map(([, fields]) => (JSON.parse(fields[7] ?? '{}') as { id: string }).id)
    t.equal(new Set(stored).size, stored.length, 'no event is in the log twice')
    t.ok(
      stream.all.every(e => stored.includes(e.id)),
      'each event is in the log',
    )
    const seqs = log.map(([id]) => Number(id.split('-')[1]))
    t.ok(
      seqs.every((seq, i) => i === 0 || seq === (seqs[i - 1] ?? 0) + 1),
      'no hole',
    )
    t.strictSame((await snapshot()).calls, [], 'no call is left over')
    const left = (await admin.hkeys(keys.live)).filter(key => !key.includes('/'))
    t.strictSame(left, [], 'nor in the store, but for the numbers of queues and of phones')
    const journals = readdirSync(join(lab.dir, 'journal')).filter(name => name.includes('.journal'))
    t.strictSame(journals, [], 'the journal is empty, and gone')
    anew.close()
    stream.close()
  }

  return {
    CALLS,
    keys,
    calls: (times = 1) => load(lab, { ...LOAD, calls: CALLS * times }),
    readiness,
    isReady,
    isDegraded,
    begin,
    recorded,
    rows,
    snapshot,
    nothingLostOrDoubled,
  }
}
