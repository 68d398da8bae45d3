/** The pages by which calls are found, on a real Valkey: one that cannot be cut, and one that is gone while a script runs. */
import t from 'tap'
import { Redis } from 'ioredis'
import { startLab } from '../../lab/lab.js'
import { madeCalls } from '../../lab/made-calls.js'
import type { EpochMs } from '../../src/base/ids.js'
import type { CallView } from '../../src/events/call.js'
import { iso } from '../../src/events/event.js'
import type { HistorySearch } from '../../src/events/history.js'
import { searchable } from '../given/searchable.js'

const lab = await startLab()
const redis = new Redis(lab.redis.url)
t.teardown(async () => {
  redis.disconnect()
  await lab.stop()
})

const day = Date.parse('2026-03-01T00:00:00Z')
const starting = (call: CallView, second: number): CallView => ({
  ...call,
  startedAt: iso((day + second * 1_000) as EpochMs),
})
const idsOf = (calls: readonly CallView[]) => calls.map(({ id }) => id).sort()

t.test('calls of one start, whose page cannot be cut, among others: none is lost, in either order', async t => {
  const { write, all, keys } = searchable(redis)
  const noon = 250
  const calls = [...madeCalls(11, 900)].map((call, n) => starting(call, n % 3 === 0 ? noon : (n * 7_919) % 500))
  for (let i = 0; i < calls.length; i += 90) await write(calls.slice(i, i + 90))

  const at = day + noon * 1_000
  const [page] = await redis.zrevrangebyscore(`${keys.history}d:t`, at, '-inf', 'LIMIT', 0, 1)
  t.ok((await redis.zcard(`${keys.history}i:t/${String(page)}`)) >= 300, 'they are in one page, whatever its size')

  const asked: [Omit<HistorySearch, 'limit'>, (call: CallView) => boolean][] = [
    [{}, () => true],
    [{ from: at as EpochMs, until: (at + 1) as EpochMs }, call => Date.parse(call.startedAt) === at],
    [{ direction: 'inbound' }, call => call.direction === 'inbound'],
    [{ direction: 'inbound', outcome: 'answered' }, c => c.direction === 'inbound' && c.outcome === 'answered'],
  ]
  for (const [query, isMeant] of asked) {
    for (const limit of [7, 50, 127, 200]) {
      const oldest = await all({ ...query, order: 'oldest' }, limit)
      const said = `${JSON.stringify(query)}, ${limit} at a time`
      t.strictSame([...oldest].sort(), idsOf(calls.filter(isMeant)), said)
      t.strictSame(await all(query, limit), oldest.reverse(), `${said}: the same backwards`)
    }
  }
})

t.test('the last page of a queue goes with its last call, while another comes to that queue', async t => {
  const { write, all } = searchable(redis)
  const made = [...madeCalls(12, 130)]
  const of = (n: number, second: number, queue: string, revision = 5): CallView => ({
    ...starting(made[n] as CallView, second),
    revision,
    queues: [{ queue, leg: '1.1', joinedAt: iso(day as EpochMs) }],
  })
  const first = Array.from({ length: 128 }, (_, n) => of(n, n, 'one'))
  await write([...first, of(128, 300, 'other')])
  await write(Array.from({ length: 15 }, (_, n) => of(113 + n, 113 + n, 'other', 6)))
  await write([of(129, 5, 'one'), of(112, 112, 'other', 6), of(128, 300, 'one', 6)])
  t.strictSame([...(await all({ queue: 'one' }))].sort(), idsOf([...made.slice(0, 112), ...made.slice(128)]))
})

t.end()
