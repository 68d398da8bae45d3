/** The way in: the daemon says where a call from outside goes; while it is away or says nothing, the dialplan does without. */
import t from 'tap'
import { join } from 'node:path'
import { callers } from '../../lab/sipp.js'
import { startLab } from '../../lab/lab.js'
import { levelOf, toneWav } from '../../lab/sound.js'
import { openCustomer, openPhone } from '../../lab/phone.js'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import { aDaemonProcess } from '../given/daemon-process.js'
import { freeze } from '../given/freeze.js'
import { askingFirst, CALLER } from '../given/softphone.js'

const PATIENCE_MS = 15_000
/** So long nobody waits, whatever happens to the daemon; the rest is what it takes to see it. */
const STRANDED_MS = 4_000
const SEEN_MS = 500

const lab = await startLab()
t.teardown(() => lab.stop())
const { clock } = lab
const CLOSED_HZ = 1_300
const sounds = t.testdir({ 'closed.wav': toneWav(CLOSED_HZ, 5) })
const never = { name: 'never' }
const routing = {
  calendars: [never, { name: 'always', hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '00:00', to: '24:00' }] }],
  routes: [
    { name: 'hotline', dialled: [askingFirst('77*')], to: { number: '2000' }, emergency: { number: '1001' } },
    { name: 'shut', dialled: [askingFirst('7801')], to: { number: '2000' }, calendar: 'never', closed: { message: [join(sounds, 'closed')] } },
    { name: 'engaged', dialled: [askingFirst('7802')], to: { number: '2000' }, calendar: 'never', closed: { busy: true } },
    { name: 'mobiles', dialled: [askingFirst('7804')], callers: [{ country: 'FR' }, { country: 'DE', type: 'mobile' }], to: { number: '2000' } },
    { name: 'others', dialled: [askingFirst('7804')], to: { busy: true } },
    { name: 'open', dialled: [askingFirst('7803')], to: { dialplan: true }, calendar: 'always', closed: { busy: true } },
  ],
} // prettier-ignore
const daemon = await aDaemonProcess(lab, 'inbound', { routing })
const ana = await openPhone(lab, { extension: '1001' })
const cust = await openCustomer(lab, CALLER, 430)

/** How many wait in a queue, as the PBX has it. */
async function waiting(queue: string): Promise<number> {
  const shown = await lab.asterisk.cli(`queue show ${queue}`)
  return [...shown.matchAll(/^ +\d+\. \S+ \(wait: /gm)].length
}
const untilWaiting = async (queue: string, callers: number, withinMs: number) => {
  const began = clock.now()
  await retry(clock, `${callers} callers in ${queue}`, withinMs, async () =>
    (await waiting(queue)) === callers ? true : undefined,
  )
  return clock.now() - began
}
const untilEmpty = (queue: string) => untilWaiting(queue, 0, PATIENCE_MS)

t.test('a number of which the daemon has nothing to say goes where the dialplan has it', async t => {
  const { program } = await daemon.start()
  const stream = await daemon.crm.webSocket()
  await cust.dial(askingFirst('1001'))
  await ana.until('ringing')
  const { data, subject } = await stream.next('call.routed')
  t.strictSame(data.call.routing, { does: 'dialplan', because: [{ rule: 'no-route' }] })
  t.match(data.call, { direction: 'inbound', to: { number: askingFirst('1001') } })
  await ana.answer()
  await stream.next('call.answered', subject)
  // Nothing cuts the talk: the time after which the dialplan would have done without the daemon is no more.
  await sleep(clock, STRANDED_MS)
  t.equal((await daemon.crm.get(`/v1/calls/${subject}`)).body.state, 'talking')
  await cust.hangup()
  t.match((await stream.next('call.recorded', subject)).data.call, { outcome: 'answered', routing: data.call.routing })
  t.strictSame((await daemon.crm.get(`/v1/calls/${subject}`)).body.routing, data.call.routing, 'and the history has it')
  stream.close()
  await program.stop()
})

t.test('a number with a route goes to what the route says', async t => {
  const { program } = await daemon.start()
  const stream = await daemon.crm.webSocket()
  await cust.dial(askingFirst('7701'))
  await untilWaiting('sales', 1, PATIENCE_MS)
  const routing = { does: 'number', to: '2000', because: [{ rule: 'route', name: 'hotline' }] }
  const { subject } = await stream.next('call.routed')
  t.match((await stream.next('call.queued', subject)).data.call, { routing, queues: [{ queue: 'sales' }] })
  await cust.hangup()
  await untilEmpty('sales')
  stream.close()
  await program.stop()
})

t.test('where the caller is at home decides, and is told with the ringing phone and in the report', async t => {
  const { program } = await daemon.start()
  const stream = await daemon.crm.webSocket()
  await cust.dial(askingFirst('7804'))
  const { data, subject } = await stream.next('call.routed')
  t.strictSame(data.call.routing, { does: 'number', to: '2000', because: [{ rule: 'route', name: 'mobiles' }, { rule: 'area', name: 'DE' }] }) // prettier-ignore
  await cust.hangup()
  await stream.next('call.recorded', subject)
  const preview = (from: string) => daemon.crm.post('/v1/routing/preview', { from, to: askingFirst('7804') })
  t.match(await preview('493012345678'), { body: { does: 'busy', because: [{ name: 'others' }] } }, 'not mobile')
  t.match(await preview('anonymous'), { body: { does: 'busy' } })
  t.match(await daemon.crm.get(`/v1/areas/${CALLER}`), { body: { country: 'DE', type: 'mobile', carrier: 'T-Mobile', timeZone: 'Europe/Berlin' } }) // prettier-ignore
  await cust.dial(askingFirst('1001'))
  await ana.until('ringing')
  t.match((await stream.next('call.offered')).data.pop?.customer, { area: 'DE', home: { type: 'mobile', carrier: 'T-Mobile' } }) // prettier-ignore
  await cust.hangup()
  await stream.next('call.recorded')
  const { totals } = (await daemon.crm.get<{ totals: object[] }>(`/v1/reports/areas?from=${new Date(clock.now() - 3_600_000).toISOString()}&by=carrier`)).body // prettier-ignore
  t.match(totals, [{ group: 'T-Mobile' }])
  t.equal(totals.length, 1)
  stream.close()
  await program.stop()
})

t.test(
  'closed: a message is heard to its end, or the engaged tone; the switch leads elsewhere, also after a restart',
  async t => {
    const { program } = await daemon.start()
    const stream = await daemon.crm.webSocket()
    const because = (route: string, ...more: object[]) => [{ rule: 'route', name: route }, ...more]
    const shut = { rule: 'closed', name: 'never' }
    await cust.dial(askingFirst('7801'))
    const { data, subject } = await stream.next('call.routed')
    t.strictSame(data.call.routing, { does: 'message', because: because('shut', shut) })
    // Longer than a daemon may be silent for: it says that it is there.
    await sleep(clock, 4_500)
    t.ok(levelOf(cust.heard(200), CLOSED_HZ) > 400, 'it is heard')
    await cust.until('closed')
    const { call } = (await stream.next('call.recorded', subject)).data
    t.match(call.segments, [{ kind: 'ivr', name: 'shut' }])
    t.ok((call.durationMs ?? 0) > 4_900, `to its end: ${call.durationMs ?? 0} ms`)

    await cust.dial(askingFirst('7802'))
    const engaged = (await stream.next('call.recorded')).data.call
    t.match(engaged, { outcome: 'busy', routing: { does: 'busy', because: because('engaged', shut) } })
    await cust.dial(askingFirst('7803'))
    t.match((await stream.next('call.routed')).data.call.routing, { does: 'dialplan', because: because('open', { rule: 'open', name: 'always' }) }) // prettier-ignore
    await stream.next('call.recorded')

    const preview = async (to: string) => (await daemon.crm.post<object>('/v1/routing/preview', { to })).body
    t.strictSame(await preview(askingFirst('7701')), { does: 'number', to: '2000', because: because('hotline') })
    t.match(await daemon.crm.get('/v1/routing/emergency'), { body: { on: false } })
    t.match(
      await daemon.crm.put('/v1/routing/emergency', { on: true, by: '8001' }),
      { status: 422, body: { code: 'STAFF_UNKNOWN' } },
      'nobody has this staff id',
    )
    t.match(await daemon.crm.put('/v1/routing/emergency', { on: true }), {
      status: 200,
      body: { on: true, by: 'key:lab' },
    })
    stream.close()
    await program.stop()

    const next = await daemon.start()
    const after = await daemon.crm.webSocket()
    const urgent = { does: 'number', to: '1001', because: because('hotline', { rule: 'emergency' }) }
    t.strictSame(await preview(askingFirst('7701')), urgent)
    await cust.dial(askingFirst('7701'))
    await ana.until('ringing')
    t.strictSame((await after.next('call.routed')).data.call.routing, urgent)
    await cust.hangup()
    t.match(await daemon.crm.put('/v1/routing/emergency', { on: false }), { body: { on: false } })
    t.match(await preview(askingFirst('7701')), { to: '2000' })
    after.close()
    await next.program.stop()
  },
)

t.test('the daemon stands still: the caller is in the queue before they notice, and it is told why', async t => {
  const { program } = await daemon.start()
  const stream = await daemon.crm.webSocket()
  await freeze(program.pid)
  await cust.dial(askingFirst('1001'))
  t.comment(`in the queue after ${await untilWaiting('sales', 1, STRANDED_MS + SEEN_MS)} ms`)
  process.kill(program.pid, 'SIGCONT')
  const routing = { does: 'fallback', to: '2000', because: [{ rule: 'daemon-away' }] }
  const { data, subject } = await stream.next('call.routed')
  t.strictSame(data.call.routing, routing)
  await sleep(clock, 500)
  t.equal(await waiting('sales'), 1, 'and what the daemon had to say when it woke up moves nobody any more')
  await cust.hangup()
  t.strictSame((await stream.next('call.recorded', subject)).data.call.routing, routing)
  await untilEmpty('sales')
  stream.close()
  await program.stop()
})

t.test('there is no daemon: the caller is in the queue at once, and stays there', async t => {
  await cust.dial(askingFirst('1001'))
  await untilWaiting('sales', 1, 1_000)
  await sleep(clock, STRANDED_MS)
  t.equal(await waiting('sales'), 1)
  await cust.hangup()
  await untilEmpty('sales')
})

t.test(
  'it is killed while somebody hears a message: they are in the queue before four seconds have passed',
  async t => {
    const { program } = await daemon.start()
    const stream = await daemon.crm.webSocket()
    await cust.dial(askingFirst('7801'))
    await stream.next('call.routed')
    await cust.until('established')
    program.kill()
    await program.ended
    t.comment(`in the queue after ${await untilWaiting('sales', 1, STRANDED_MS + SEEN_MS)} ms`)
    await cust.hangup()
    await untilEmpty('sales')
  },
)

t.test('it is killed while callers come: each is in the queue, whichever way they got there', async t => {
  const { program } = await daemon.start()
  const CALLERS = 40
  const many = await callers(lab, {
    calls: CALLERS,
    ratePerSecond: 20,
    from: CALLER,
    to: askingFirst('7702'),
    outside: true,
  })
  await retry(clock, 'some to have come', PATIENCE_MS, async () => ((await waiting('sales')) > 5 ? true : undefined))
  program.kill()
  await program.ended
  const there = CALLERS - (await waiting('sales'))
  t.ok(there > 0, 'others are yet to come')
  await untilWaiting('sales', CALLERS, CALLERS * 50 + STRANDED_MS + SEEN_MS)
  await many.kill()
  await lab.asterisk.cli('channel request hangup all')
  await untilEmpty('sales')
})

t.end()
