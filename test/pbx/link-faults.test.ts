/** The link to a real Asterisk, when the PBX is silent, refuses, restarts, is slow, or has much to do. */
import t from 'tap'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { openAmi } from '../../lab/ami.js'
import { labConfig } from '../../lab/daemon.js'
import { startLab } from '../../lab/lab.js'
import { openPhone } from '../../lab/phone.js'
import { load, ringLoad } from '../../lab/sipp.js'
import { retry } from '../../lab/wait.js'
import { after as later, sleep } from '../../src/base/clock.js'
import { aDaemon, KEY, type Stream } from '../given/exchange.js'
import { freeze } from '../given/freeze.js'
import { aTcpRelay } from '../given/tcp-relay.js'

const PATIENCE_MS = 30_000
const MEMBERS = 5_000
const members = Array.from({ length: MEMBERS }, (_, i) => `member => Local/${i}@nowhere,0,Agent ${i}`).join('\n')
const lab = await startLab({ more: { 'queues.conf': `[big]\nstrategy = ringall\n${members}` } })
t.teardown(() => lab.stop())
const { clock, asterisk } = lab
const relay = await aTcpRelay(t, asterisk.ami)
const log: { level: number; msg: string; link?: string; state?: string; why?: string }[] = []
const logger = pino({ level: 'info' }, { write: line => void log.push(JSON.parse(line) as (typeof log)[number]) })
const { crm, daemon } = await aDaemon(t, lab, labConfig(lab, { key: KEY, ami: { port: relay.port } }), logger)

type LinkView = {
  state: string
  lastError?: string
  reconnects: number
  sessions: Record<string, { open: boolean; pingMs?: number }>
}
type PbxView = { name: string; ami: LinkView; ari: LinkView; lastGap?: { from: string; until: string } }
const view = async () => {
  const [pbx] = (await crm.get<{ pbxs: PbxView[] }>('/v1/pbxs')).body.pbxs
  if (!pbx) throw new Error('no PBX')
  return pbx
}
const toBe = (state: string) =>
  retry(clock, `the link to be ${state}`, PATIENCE_MS, async () =>
    (await view()).ami.state === state ? true : undefined,
  )
const allReady = () =>
  retry(clock, 'all to be ready', PATIENCE_MS, async () =>
    (await crm.get('/readyz')).status === 200 ? true : undefined,
  )
async function metric(name: string, having = ''): Promise<number> {
  const text = await (await fetch(`${daemon().address}/metrics`)).text()
  const lines = text.split('\n').filter(line => line.startsWith(name) && line.includes(having))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
const lateEvents = async () =>
  (await metric('aladdin_event_age_seconds_count')) - (await metric('aladdin_event_age_seconds_bucket', 'le="2"'))
const ofType = (stream: Stream, type: string) => stream.all.filter(e => e.type === type && e.data.link !== 'ari')

t.test('both links, their sessions and their pings are seen', async t => {
  const pbx = await retry(clock, 'pings', PATIENCE_MS, async () => {
    const pbx = await view()
    const sessions = [...Object.values(pbx.ami.sessions), ...Object.values(pbx.ari.sessions)]
    return sessions.every(({ pingMs }) => pingMs !== undefined) ? pbx : undefined
  })
  t.match(pbx, {
    name: 'lab',
    ami: {
      state: 'ready',
      version: /^22\./,
      reconnects: 0,
      sessions: { events: { open: true }, actions: { open: true } },
    },
    ari: { state: 'ready', version: /^22\./, reconnects: 0, sessions: { events: { open: true } } },
  })
  t.equal(await metric('aladdin_link_ready'), 2)
  for (const session of ['link="ami",session="events"', 'link="ami",session="actions"', 'link="ari"'])
    t.ok((await metric('aladdin_link_ping_seconds', session)) < 1, session)
})

t.test('the link falls silent without an end: noticed within 5 s, and taken up again (F4)', async t => {
  const stream = await crm.webSocket()
  const since = clock.now()
  relay.mute()
  await stream.next('pbx.disconnected')
  const noticedMs = clock.now() - since
  t.comment(`noticed after ${noticedMs} ms`)
  t.ok(noticedMs < 5_000)
  const { gap } = (await stream.next('pbx.resynced')).data
  t.ok(Date.parse(gap?.from ?? '') <= since, 'the gap begins before it fell silent')
  t.ok(since - Date.parse(gap?.from ?? '') < 4_000, 'and not long before')
  t.strictSame((await view()).lastGap, gap)
  stream.close()
})

t.test(
  'the PBX stands still: a command is PBX_SILENT in time, and what comes late harms nothing (F4, F14)',
  async t => {
    await allReady()
    const stream = await crm.webSocket()
    const pid = asterisk.pid() ?? 0
    await freeze(pid)
    const since = clock.now()
    const [answer] = await Promise.all([
      crm.post('/v1/calls', { from: '1900', to: '1001' }),
      stream.next('pbx.disconnected'),
    ])
    t.match(answer, { status: 504, body: { code: 'PBX_SILENT' } })
    t.ok(clock.now() - since < 6_000)
    process.kill(pid, 'SIGCONT')
    await stream.next('pbx.resynced')
    await allReady()
    t.match(await load(lab, { calls: 3, ratePerSecond: 10, talkMs: 50 }), { succeeded: 3 })
    stream.close()
  },
)

t.test('core restart now: said to be, reconnected without a storm, and the calls are closed (F6)', async t => {
  await allReady()
  const [ana] = await Promise.all([
    openPhone(lab, { extension: '1001' }),
    openPhone(lab, { extension: '1002', answers: { afterMs: 50 } }),
  ])
  const stream = await crm.webSocket()
  await ana.dial('1002')
  const { subject: id } = await stream.next('call.answered')
  const [attempts, since] = [relay.opened(), clock.now()]
  await asterisk.cli('core restart now')
  t.match((await stream.next('pbx.disconnected')).data, { reason: 'the PBX is being restarted' })
  // Where it cannot begin anew by itself, as under a loader of its own, somebody else starts it.
  await sleep(clock, 500)
  if (asterisk.pid() === undefined) await asterisk.start()
  await stream.next('pbx.resynced')
  const perSecond = (relay.opened() - attempts) / Math.max(1, (clock.now() - since) / 1_000)
  t.comment(`${relay.opened() - attempts} connections in ${clock.now() - since} ms`)
  t.ok(perSecond < 20, 'no storm')
  t.match(stream.all.findLast(e => e.type === 'call.ended' && e.subject === id)?.data.call, {
    state: 'ended',
    outcome: 'answered',
  })
  t.strictSame((await crm.get<{ calls: unknown[] }>('/v1/calls')).body.calls, [])
  await allReady()
  stream.close()
})

t.test('a PBX that is still loading accepts the login, and is not believed to have no calls (F7)', async t => {
  await allReady()
  await asterisk.kill()
  const stream = await crm.webSocket()
  const starting = asterisk.start()
  const early = await retry(clock, 'AMI to open', PATIENCE_MS, () =>
    openAmi(asterisk.ami, clock).catch(() => undefined),
  )
  await early.frames.until('the login', f => f['Response'] === 'Success', PATIENCE_MS)
  const acceptedAt = clock.now()
  const booted = await early.frames.until('FullyBooted', f => f['Event'] === 'FullyBooted', PATIENCE_MS)
  const bootedAt = Number(booted['Timestamp']) * 1_000
  early.close()
  await starting
  const connected = await stream.next('pbx.connected')
  t.comment(`booted ${Math.round(bootedAt - acceptedAt)} ms after it had accepted a login`)
  t.ok(bootedAt - acceptedAt > 100, 'there was a time when it only seemed to be ready')
  t.ok(Date.parse(connected.time) >= Math.floor(bootedAt) - 1, 'the snapshot is of a PBX that has booted')
  await allReady()
  stream.close()
})

t.test(
  'a session that is kicked is opened again; a user that is gone is said to be refused, and no hot loop (F8, F9)',
  async t => {
    await allReady()
    const fds = async () =>
    (await asterisk.cli('manager show connected')).split('\n').filter(l => l.includes('aladdin')).map(l => l.trim().split(/\s+/)[4] ?? '') // prettier-ignore
    const kick = async () => {
      for (const fd of await fds()) await asterisk.cli(`manager kick session ${fd}`)
    }
    const before = (await view()).ami.reconnects
    await kick()
    await retry(clock, 'a reconnect', PATIENCE_MS, async () =>
      (await view()).ami.reconnects > before ? true : undefined,
    )

    const file = join(lab.dir, 'etc/manager.conf')
    const sound = readFileSync(file, 'utf8')
    writeFileSync(file, sound.replace('[aladdin](', '[somebody]('))
    await asterisk.cli('manager reload')
    await kick()
    await toBe('refused')
    t.match(await view(), {
      ami: { state: 'refused', lastError: 'login refused: Authentication failed' },
      ari: { state: 'ready' },
    })
    t.match(
      log.findLast(line => line.state === 'refused'),
      { level: 50, link: 'ami', why: /login refused/ },
      'an error in the log',
    )
    t.match(await crm.get('/readyz'), { status: 503, body: { status: 'down', pbxs: [{ ami: 'refused' }] } })
    t.match(await crm.post('/v1/calls', { from: '1900', to: '1001' }), { status: 503, body: { code: 'PBX_DOWN' } })
    const attempts = relay.opened()
    await sleep(clock, 8_000)
    const more = relay.opened() - attempts
    t.comment(`${more} connections in 8 s`)
    t.ok(more <= 8, 'two for each of the attempts, which become rarer')
    t.equal(log.filter(line => line.state === 'refused').length, 1, 'one line, not one for each attempt')
    writeFileSync(file, sound)
    await asterisk.cli('manager reload')
    await toBe('ready')
  },
)

t.test('fifty phones that ring do not hold up events, nor other commands (F15)', async t => {
  await allReady()
  const phone = await ringLoad(lab)
  const stream = await crm.webSocket()
  const before = await lateEvents()
  const dials = Array.from({ length: 50 }, () =>
    crm.post<{ id: string }>('/v1/calls', { from: '1900', to: '1001', ringForMs: 20_000 }),
  )
  const dialled = await Promise.all(dials)
  t.ok(dialled.every(({ status }) => status === 201))
  const until = later(clock, 2_000)
  while (clock.now() < until) t.match(await crm.get('/v1/pbxs'), { status: 200 })
  const hangups = await Promise.all(dialled.map(({ body }) => crm.post(`/v1/calls/${body.id}/hangup`)))
  t.ok(
    hangups.every(({ status }) => status === 200),
    'and each can be hung up while it rings',
  )
  for (const { body } of dialled) t.equal(ofType(stream, 'call.ended').filter(e => e.subject === body.id).length, 1)
  t.equal((await lateEvents()) - before, 0, 'no event was late')
  await phone.kill()
  stream.close()
})

t.test(
  'app_queue is reloaded with 5,000 members under load: its queues are read, one reading at a time, and nothing is missed (F17)',
  async t => {
    await allReady()
    t.match(await asterisk.cli('queue show big'), /Agent 4999/)
    const stream = await crm.webSocket()
    const before = relay.asked().length
    const calls = load(lab, { calls: 40, ratePerSecond: 10, talkMs: 300 })
    await stream.next('call.answered')
    for (let i = 0; i < 3; i++) await asterisk.cli('module reload app_queue.so')
    t.match(await calls, { succeeded: 40 })
    // Those of the test before are still being recorded: only the load's own are counted.
    const own = new Set<string>()
    while (own.size < 40) {
      const { call } = (await stream.next('call.recorded')).data
      if (call.from.number !== '1801') continue
      t.notOk(call.inferred)
      own.add(call.id)
    }
    const actions = [
      ...relay
        .asked()
        .slice(before)
        .matchAll(/^Action: (.*)\r$/gm),
    ].map(([, name]) => name)
    const readings = actions.filter(name => name === 'QueueStatus').length
    t.ok(readings >= 1 && readings <= 3, `${readings} readings for three reloads`)
    t.strictSame(
      actions.filter(name => name !== 'Ping' && name !== 'QueueStatus'),
      [],
      'nothing else is asked',
    )
    t.equal(ofType(stream, 'pbx.disconnected').length, 0)
    t.strictSame((await crm.get<{ calls: unknown[] }>('/v1/calls')).body.calls, [])
    stream.close()
  },
)

t.end()
