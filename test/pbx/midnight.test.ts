/** Midnight on the real PBX, with calls that last over it, in a time zone whose midnight comes a minute or so after the phones are there. */
import t from 'tap'
import { labConfig } from '../../lab/daemon.js'
import { startLab } from '../../lab/lab.js'
import { openCustomer, openPhone } from '../../lab/phone.js'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import type { ExtensionView } from '../../src/events/agent.js'
import type { QueueView } from '../../src/events/queue.js'
import { dateOf } from '../../src/queues/tally.js'
import { agentsOf, DIRECTORY } from '../given/agents.js'
import { aDaemon, KEY } from '../given/exchange.js'
import { midnightIn } from '../given/minute-zone.js'
import { wholeHistory } from '../given/whole-history.js'

const TEAM_B = '493012342018'
/** What has to have happened before midnight takes some ten seconds of it. */
const EVENING_MS = 45_000

const lab = await startLab()
t.teardown(() => lab.stop())
const [ana, mia, tom] = await Promise.all([
  openPhone(lab, { extension: '1001' }),
  openCustomer(lab, '491701234567'),
  openCustomer(lab, '491701234568'),
])
const { timeZone, midnight } = midnightIn(EVENING_MS, lab.clock)
const [date, tomorrow] = [dateOf(lab.clock.now(), timeZone), dateOf(midnight, timeZone)]
const { crm } = await aDaemon(t, lab, labConfig(lab, { key: KEY, timeZone, agents: { directory: DIRECTORY } }))
const { agent, ask } = agentsOf(crm)
const queue = async () => (await crm.get<QueueView>('/v1/queues/lab:team-b')).body
const extension = async () => (await crm.get<ExtensionView>('/v1/extensions/lab:1001')).body
const until = <T>(what: string, look: () => Promise<T | undefined>, looks: (seen: T) => boolean = () => true) =>
  retry(lab.clock, what, 20_000, async () => {
    const seen = await look()
    return seen !== undefined && looks(seen) ? seen : undefined
  })
const stream = await crm.webSocket('types=queue.changed,agent.changed,extension.changed')

t.test('before midnight Ana answers Mia; then she talks to her again, while Tom waits', async t => {
  t.ok(date < tomorrow, `${date} ${timeZone}`)
  t.match(await ask('8001', 'sign-in', { extension: '1001' }), { status: 200 })
  const talk = async () => {
    await mia.dial(TEAM_B)
    await ana.until('ringing')
    await ana.answer()
    await mia.until('established')
  }
  await talk()
  await mia.hangup()
  await Promise.all([ana.until('closed'), mia.until('closed')])
  await until('the call to be counted', extension, ({ today }) => today.answered === 1)
  await talk()
  await tom.dial(TEAM_B)
  const waiting = await until('Tom to wait', queue, ({ counts }) => counts.waiting === 1)
  t.match(waiting.today, { date, offered: 3, answered: 2, abandoned: 0 })
  t.match((await agent('8001')).today, { date, answered: 1 })
  t.ok(lab.clock.now() < midnight, 'midnight is still to come')
})

const KINDS = ['agent', 'extension', 'queue'] as const

t.test('at midnight the counters of the new day are published, with nothing in them', async t => {
  await sleep(lab.clock, midnight - lab.clock.now())
  for (const kind of KINDS) {
    const { time, data } = await until(`the new day of the ${kind}`, () =>
      Promise.resolve(
        stream.all.find(({ type, data }) => type === `${kind}.changed` && data[kind].today?.date === tomorrow),
      ),
    )
    const lateMs = Date.parse(time) - midnight
    t.ok(lateMs >= 0 && lateMs < 5_000, `${kind}: ${lateMs} ms after midnight`)
    t.match(data[kind].today, kind === 'queue' ? { offered: 0, answered: 0 } : { answered: 0, dialled: 0, missed: 0 })
  }
  t.match(await queue(), {
    counts: { waiting: 1 },
    today: { date: tomorrow, offered: 0 },
    lastHalfHour: { offered: 3 },
  })
})

t.test('a visit or a call that began before midnight adds nothing to the day in which it ends', async t => {
  await tom.hangup()
  const left = await until('Tom to be gone', queue, ({ counts }) => counts.waiting === 0)
  t.match(left.today, { date: tomorrow, offered: 0, answered: 0, abandoned: 0 })
  t.match(left.lastHalfHour, { offered: 3, answered: 2, abandoned: 1 })
  await Promise.all([mia.hangup(), mia.until('closed')])
  await until(
    'both calls to be final',
    () => wholeHistory(crm),
    calls => calls.length === 3,
  )
  t.match((await extension()).today, { date: tomorrow, answered: 0 })
  t.match((await agent('8001')).today, { date: tomorrow, answered: 0 })
})

t.test('what begins after midnight counts for the new day', async t => {
  await Promise.all([ana.clear(), mia.clear()])
  await mia.dial(TEAM_B)
  await ana.until('ringing')
  await ana.answer()
  await mia.until('established')
  await mia.hangup()
  t.match((await until('the call to be counted', extension, ({ today }) => today.answered === 1)).today, {
    date: tomorrow,
  })
  t.match((await queue()).today, { date: tomorrow, offered: 1, answered: 1 })
  stream.close()
  await Promise.all([ana, mia, tom].map(phone => phone.close()))
})

t.end()
