/** The activity log and the audit trail, on a real Valkey: found page by page, each once, and gone when they are old. */
import t from 'tap'
import { Redis } from 'ioredis'
import { startLab } from '../../lab/lab.js'
import type { EpochMs } from '../../src/base/ids.js'
import { randomToken } from '../../src/base/system.js'
import type { ActivitySearch } from '../../src/events/activity.js'
import type { Activity, AgentState } from '../../src/events/agent.js'
import type { DirectoryChange } from '../../src/events/directory.js'
import { iso } from '../../src/events/event.js'
import { createActivity } from '../../src/history/activity.js'
import { createAudit } from '../../src/history/audit.js'
import { createSeal } from '../../src/history/seal.js'
import { keysOf } from '../../src/store/keys.js'

const lab = await startLab()
const redis = new Redis(lab.redis.url)
t.teardown(async () => {
  redis.disconnect()
  await lab.stop()
})

const DAY = 86_400_000
const start = Math.floor(lab.clock.now() / DAY) * DAY - 5 * DAY
const time = (hours: number) => (start + hours * 3_600_000) as EpochMs
const stretch = (agent: string, state: AgentState, from: number, to: number): Activity => ({
  agent,
  state,
  cause: 'call',
  from: iso(time(from)),
  to: iso(time(to)),
})

function theLogs(keepDays = 400, now: number = lab.clock.now()) {
  const keys = keysOf(`test-${randomToken(4)}`, 'hq')
  const seal = createSeal(redis, keys, () => randomToken())
  const keepMs = keepDays * DAY
  return {
    keys,
    activity: createActivity({ redis, keys, seal, keepMs, now: lab.clock.now }),
    audit: createAudit({ redis, keys, seal, keepMs, now: () => now }),
  }
}

/** Three agents, an hour in each state for three days; one was signed out for all of it. */
const all = [
  ...Array.from({ length: 72 }, (_, h) => stretch('hq:1', h % 2 ? 'ready' : 'talking', h, h + 1)),
  ...Array.from({ length: 36 }, (_, h) => stretch('hq:2', h % 2 ? 'ready' : 'not-ready', h * 2, h * 2 + 2)),
  stretch('hq:3', 'signed-out', -10, 90),
]

async function pages({ activity }: ReturnType<typeof theLogs>, query: Omit<ActivitySearch, 'after'>) {
  const found: Activity[] = []
  for (let after: string | undefined; ;) {
    const page = await activity.find({ ...query, ...(after === undefined ? {} : { after }) })
    found.push(...page.items)
    if (page.next === undefined) return found
    after = page.next
  }
}

t.test('every page, in both orders, of one agent and of all, each once', async t => {
  const logs = theLogs()
  await logs.activity.write(all)
  await logs.activity.write(all)
  const byTime = (a: Activity, b: Activity) => (a.from + a.agent < b.from + b.agent ? -1 : 1)
  for (const agent of [undefined, 'hq:1', 'hq:3'])
    for (const state of [undefined, 'ready'] as const)
      for (const [from, until] of [
        [-20, 100],
        [0, 72],
        [25.5, 49.5],
        [30, 30.25],
      ] as const) {
        const wanted = all
          .filter(a => (agent === undefined || a.agent === agent) && (state === undefined || a.state === state))
          .filter(a => Date.parse(a.to) > time(from) && Date.parse(a.from) < time(until))
          .sort(byTime)
        const query = {
          from: time(from),
          until: time(until),
          limit: 7,
          ...(agent && { agent }),
          ...(state && { state }),
        }
        const what = `${agent ?? 'all'} ${state ?? 'all'} ${from} to ${until}`
        t.strictSame(await pages(logs, { ...query, order: 'oldest' }), wanted, `${what}, oldest first`)
        t.strictSame(await pages(logs, { ...query, order: 'newest' }), wanted.toReversed(), `${what}, newest first`)
      }
  t.equal((await logs.activity.within(time(10.5), time(11.5))).length, 4)
})

t.test('a cursor is good for its own question alone', async t => {
  const { activity } = theLogs()
  await activity.write(all)
  const { next = '' } = await activity.find({ from: time(0), until: time(72), limit: 5 })
  await t.rejects(activity.find({ from: time(1), until: time(72), limit: 5, after: next }), { code: 'CURSOR_INVALID' })
})

t.test('as long as the history is kept', async t => {
  const { activity, keys } = theLogs(3)
  await activity.write(all)
  t.equal((await activity.within(time(0), time(24))).length, 0, 'of days that are over')
  t.ok((await activity.within(time(48), time(72))).length > 0)
  const [key = ''] = await redis.keys(`${keys.history}a:*`)
  const left = await redis.ttl(key)
  t.ok(left > 0 && left <= 4 * 86_400)
})

t.test('the audit trail', async t => {
  const { audit } = theLogs()
  const change = (n: number): DirectoryChange => ({
    id: `hq:${n}`,
    pbx: 'hq',
    at: iso((lab.clock.now() - (n === 1 ? 401 : 1) * DAY) as EpochMs),
    by: n % 2 ? 'key:crm' : 'staff:8100',
    kind: n % 3 ? 'staff' : 'roles',
    entry: String(n % 5),
  })
  const changes = Array.from({ length: 1_200 }, (_, n) => change(n + 1))
  await audit.write(changes)
  await audit.write(changes)
  const found: DirectoryChange[] = []
  for (let after: string | undefined; ;) {
    const page = await audit.find({
      by: 'key:crm',
      kind: 'staff',
      limit: 50,
      ...(after === undefined ? {} : { after }),
    })
    found.push(...page.changes)
    if (page.next === undefined) break
    after = page.next
  }
  t.strictSame(found, changes.filter(c => c.by === 'key:crm' && c.kind === 'staff' && c.id !== 'hq:1').reverse())
  const [sales, ana] = [
    { kind: 'workgroups', entry: 'Sales' },
    { kind: 'staff', entry: 'Ana' },
  ] as const
  await audit.write([sales, ana].map((what, n) => ({ ...change(2_000 + n), ...what })))
  const of = async (entry: string) => (await audit.find({ entry, limit: 50 })).changes.map(c => c.entry)
  t.strictSame([await of('SALES'), await of('Ana'), await of('ANA')], [['Sales'], ['Ana'], []], 'as ids are compared')
})

t.end()
