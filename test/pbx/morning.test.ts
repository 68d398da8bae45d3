/**
 * A morning of a small call centre: five agents, two workgroups, callers; breaks, wrap-up, a phone that dies, a supervisor, and
 * restarts of the daemon, of Redis and of Asterisk in the middle of calls. In the end members, states, counts and the
 * activity log agree with what Asterisk has written down, and with one another.
 */
import t from 'tap'
import { readFileSync } from 'node:fs'
import type { Phone } from '../../lab/phone.js'
import { callers } from '../../lab/sipp.js'
import { retry } from '../../lab/wait.js'
import type { EpochMs } from '../../src/base/ids.js'
import type { Activity, AgentView } from '../../src/events/agent.js'
import type { AlarmView } from '../../src/events/alarm.js'
import { iso } from '../../src/events/event.js'
import type { Workgroup } from '../../src/events/directory.js'
import type { QueueView } from '../../src/events/queue.js'
import { readQueueLog } from '../../src/reconcile/queue-log.js'
import type { Totals } from '../../src/reports/activity.js'
import { agentsOf, DIRECTORY, stateOf } from '../given/agents.js'
import { anExchange } from '../given/exchange.js'

const agents = { directory: DIRECTORY, missesUntilNotReady: 3, phoneGoneMs: 300 }
const { lab, crm, phone, restart } = await anExchange(t, { agents })
const { agent, ask } = agentsOf(crm)
const begun = iso((lab.clock.now() - 60_000) as EpochMs)
const PATIENCE_MS = 20_000
const TEAMS = ['team-a', 'team-b'] as const
const NUMBERS = { 'team-a': '493012342009', 'team-b': '493012342018' }
const EVERYBODY = ['8001', '8002', '8003', '8004', '8005']

const phones = new Map<string, Phone>()
const opens = async (extension: string) => {
  phones.set(extension, await phone({ extension, answers: { afterMs: 30 } }))
}
const extensionOf = (staff: string) => `10${staff.slice(2)}`
const queue = async (name: string) => (await crm.get<QueueView>(`/v1/queues/lab:${name}`)).body
const comes = (staff: string, state: string) =>
  retry(lab.clock, `${staff} to be ${state}`, PATIENCE_MS, async () =>
    stateOf(await agent(staff)) === state ? true : undefined,
  )
const calling = (team: keyof typeof NUMBERS, calls: number, more: object = {}) =>
  callers(lab, {
    ...{ from: '491701234567', to: NUMBERS[team], outside: true, calls, ratePerSecond: 3, concurrent: 2, talkMs: 900 },
    ...more,
  })
const answered = (team: string, most: number) =>
  retry(lab.clock, `${most} answers`, PATIENCE_MS, async () =>
    (await queue(team)).today.answered >= most ? true : undefined,
  )

t.test('eight o’clock: everybody signs in', async t => {
  for (const team of TEAMS) {
    const had = (await crm.get<Workgroup>(`/v1/workgroups/${team}`)).body
    const change = { ...had, wrapUpMs: team === 'team-a' ? 400 : 0, alarms: { readyAgents: 1 } }
    t.equal((await crm.put(`/v1/workgroups/${team}`, change)).status, 200)
  }
  await Promise.all(EVERYBODY.map(staff => opens(extensionOf(staff))))
  const all = await Promise.all(EVERYBODY.map(staff => ask(staff, 'sign-in', { extension: extensionOf(staff) })))
  t.strictSame(
    all.map(({ status }) => status),
    [200, 200, 200, 200, 200],
  )
  t.match(await ask('8100', 'sign-in'), { status: 200, body: { state: 'not-ready', reason: 'no-telephony' } })
})

t.test('callers come, somebody has a break, the daemon is started again', async t => {
  const both = await Promise.all([calling('team-a', 12), calling('team-b', 12)])
  await answered('team-a', 2)
  t.match(await ask('8002', 'not-ready', { reason: '1' }), { status: 200 })
  await Promise.all(both.map(calls => calls.done))
  // They talk while the daemon is away: what begins and ends in such a gap, nobody could tell it.
  const before = (await queue('team-a')).today.answered
  const long = await calling('team-a', 2, { talkMs: 5_000 })
  await answered('team-a', before + 2)
  await restart()
  await comes('8002', 'not-ready 1')
  await long.done
  t.match(await ask('8002', 'ready'), { status: 200 })
})

t.test('Redis is killed and comes back while they talk', async t => {
  const first = (await queue('team-a')).today.answered
  const both = await Promise.all([calling('team-a', 10), calling('team-b', 10)])
  await answered('team-a', first + 2)
  await lab.redis.kill()
  t.match(await ask('8003', 'not-ready', { reason: '2' }), { status: 200 }, 'the work goes on')
  await lab.redis.start()
  await Promise.all(both.map(calls => calls.done))
  t.match(await ask('8003', 'ready'), { status: 200 })
})

t.test('a phone dies; a supervisor steps in', async t => {
  await phones.get('1004')?.close()
  await comes('8004', 'not-ready phone-gone')
  // While the PBX is asked something else about an agent, that may be tried again.
  const added = await retry(lab.clock, '8002 to be free', PATIENCE_MS, async () => {
    const { status, body } = await ask('8002', 'workgroups/add', { workgroup: 'team-b', level: 2, by: '8100' })
    return body.code === 'AGENT_BUSY' ? undefined : { status, code: body.code }
  })
  t.match(added, { status: 200, code: undefined })
  t.match(await ask('8005', 'not-ready', { reason: '2', by: '8100' }), { status: 200, body: { by: 'staff:8100' } })
  await opens('1004')
  t.match(await ask('8004', 'ready'), { status: 200, body: { state: 'ready' } })
  await (
    await calling('team-b', 6)
  ).done
  t.match(await ask('8005', 'ready', { by: '8100' }), { status: 200 })
})

t.test('nobody is ready, and callers give up', async t => {
  await Promise.all(EVERYBODY.map(staff => comes(staff, 'ready')))
  await Promise.all(EVERYBODY.map(staff => ask(staff, 'not-ready', { reason: '1' })))
  const quiet = await calling('team-b', 3, { talkMs: undefined, concurrent: 3 })
  await retry(lab.clock, 'three to wait', PATIENCE_MS, async () =>
    (await queue('team-b')).counts.waiting === 3 ? true : undefined,
  )
  const { alarms } = (await crm.get<{ alarms: AlarmView[] }>('/v1/alarms')).body
  t.match(
    alarms.find(a => a.id === 'lab:team-b:readyAgents'),
    { kind: 'readyAgents', threshold: 1, value: 0 },
  )
  await quiet.kill()
  const { waiting } = await queue('team-b')
  for (const { call } of waiting) await crm.post(`/v1/calls/${call}/hangup`)
  await retry(lab.clock, 'nobody to wait', PATIENCE_MS, async () =>
    (await queue('team-b')).counts.waiting === 0 ? true : undefined,
  )
  await Promise.all(EVERYBODY.map(staff => ask(staff, 'ready')))
})

t.test('Asterisk is killed in the middle of calls, and comes back as it was', async t => {
  const before = (await queue('team-a')).today.answered
  // All of them talk, and nobody is just being connected: what both sides have heard by then, is certain.
  const lost = await calling('team-a', 3, { talkMs: 60_000, concurrent: 3 })
  await answered('team-a', before + 3)
  await lab.asterisk.kill()
  await lost.kill()
  await comes('8001', 'unknown')
  await lab.asterisk.start()
  for (const [extension, old] of phones) {
    await old.close()
    await opens(extension)
  }
  for (const staff of EVERYBODY) {
    const { state, reason } = await retry(lab.clock, `${staff} to be known`, PATIENCE_MS, async () => {
      const now = await agent(staff)
      return now.state === 'ready' || now.state === 'not-ready' ? now : undefined
    })
    // Without Asterisk the phones could not register: for some that was too long.
    if (state === 'not-ready') t.equal(reason, 'phone-gone')
    t.match(await ask(staff, 'ready'), { status: 200, body: { state: 'ready' } }, staff)
  }
  await (
    await calling('team-a', 8)
  ).done
  await Promise.all(EVERYBODY.map(staff => comes(staff, 'ready')))
})

t.test('noon: all agree', async t => {
  // A call is in the history and in the status lines two seconds after its end.
  const { rows } = readQueueLog(readFileSync(lab.asterisk.files.queueLog, 'utf8'))
  const connected = rows.filter(row => row.event === 'CONNECT').length
  await retry(lab.clock, 'every call to be final', PATIENCE_MS, async () => {
    const all = await Promise.all(EVERYBODY.map(agent))
    return all.reduce((sum, { today }) => sum + (today?.answered ?? 0), 0) >= connected ? true : undefined
  })
  const count = (event: string, of: { queue?: string; agent?: string }) =>
    rows.filter(
      row => row.event === event && (!of.queue || row.queue === of.queue) && (!of.agent || row.agent === of.agent),
    ).length

  for (const team of TEAMS) {
    const { today, members, waiting } = await queue(team)
    const { offered, answered: taken, abandoned } = today
    t.strictSame(
      { offered, taken, abandoned },
      {
        offered: count('ENTERQUEUE', { queue: team }),
        taken: count('CONNECT', { queue: team }),
        abandoned: count('ABANDON', { queue: team }),
      },
      `${team}, as Asterisk has counted`,
    )
    t.strictSame(waiting, [])
    const shown = await lab.asterisk.cli(`queue show ${team}`)
    t.strictSame(
      members.map(m => `${m.name} ${m.interface}`).sort(),
      [...shown.matchAll(/^\s+(\d+) \((PJSIP\/\d+)\)/gm)].map(([, name = '', at = '']) => `${name} ${at}`).sort(),
      `${team}: the members`,
    )
    t.ok(members.every(m => m.state === 'ready' && m.agent === m.name))
  }
  t.match(
    (await agent('8002')).workgroups.find(w => w.workgroup === 'team-b'),
    { member: true, forNow: true, penalty: 8 },
  )

  const now = lab.clock.now()
  const log = await everything()
  for (const staff of EVERYBODY) {
    const own = log.filter(a => a.agent === `lab:${staff}`)
    const gaps = own.slice(1).filter((a, i) => a.from !== own[i]?.to)
    t.strictSame(gaps, [], `${staff}: each second in one state`)
    t.ok(Date.parse(own.at(-1)?.to ?? '') >= now, 'up to now')
    const talked = new Set(own.filter(a => a.state === 'talking').map(a => a.call))
    t.equal(talked.size, count('CONNECT', { agent: staff }), `${staff}: as many calls as Asterisk says`)
    t.equal((await agent(staff)).today?.answered, talked.size, `${staff}: and as the status line`)
    t.notOk(
      own.some((a, i) => a.state === 'wrap-up' && own[i + 1]?.state === 'ringing'),
      'no call in a wrap-up',
    )
  }
  const totals = (await crm.get<{ totals: Totals[] }>(`/v1/activity/totals?from=${begun}&by=all`)).body.totals
  for (const { agent: id, states, totalMs } of totals) {
    const own = log.filter(a => a.agent === id)
    const first = Math.max(Date.parse(begun), Date.parse(own[0]?.from ?? ''))
    t.equal(
      Object.values(states).reduce((sum, ms) => sum + ms, 0),
      totalMs,
    )
    t.ok(Math.abs(totalMs - (lab.clock.now() - first)) < 2_000, `${id}: all of the morning`)
  }
  const pauses = rows.filter(row => row.event === 'PAUSE' && row.agent === '8002').map(row => row.data[0])
  t.ok(pauses.includes('1') && pauses.includes('wrap-up'), 'why, in the words of Asterisk’s own log')
})

t.test('everybody goes home', async t => {
  const all = await Promise.all(EVERYBODY.map(staff => ask(staff, 'sign-out')))
  t.ok(all.every(({ body }: { body: AgentView }) => body.state === 'signed-out'))
  for (const team of TEAMS) t.strictSame((await queue(team)).members, [])
  await Promise.all([...phones.values()].map(one => one.close()))
})

async function everything(): Promise<Activity[]> {
  const found: Activity[] = []
  for (let after = ''; ;) {
    const query = `from=${begun}&order=oldest&limit=200${after && `&after=${after}`}`
    const page = (await crm.get<{ items: Activity[]; next?: string }>(`/v1/activity?${query}`)).body
    found.push(...page.items)
    if (page.next === undefined) return found
    after = page.next
  }
}

t.end()
