/** What calls do on a PBX with the field's habits while the daemon or its link is away, and what the PBX is killed with. */
import t from 'tap'
import { labConfig } from '../../lab/daemon.js'
import { startLab } from '../../lab/lab.js'
import { openPhone } from '../../lab/phone.js'
import { callIn, type SippCall } from '../../lab/sipp.js'
import { act, listen } from '../../lab/stories/stage.js'
import { memberFields } from '../../lab/profiles.js'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { aDaemon, KEY } from '../given/exchange.js'
import { aTcpRelay } from '../given/tcp-relay.js'

const lab = await startLab({ profile: 'field' })
t.teardown(() => lab.stop())
const relay = await aTcpRelay(t, lab.asterisk.ami)
const link = { port: relay.port, replyWithinMs: 30_000 }
const { crm, daemon, restart } = await aDaemon(t, lab, labConfig(lab, { key: KEY, ami: link }))
const ami = await listen(lab)
t.teardown(() => ami.close())
const [ana, ben, cleo] = await Promise.all([
  openPhone(lab, { extension: '1001' }),
  openPhone(lab, { extension: '1002' }),
  openPhone(lab, { extension: '1003' }),
])
const member = { Queue: 'ringall', ...memberFields(lab.profile, 'PJSIP/1001') }
const signsIn = () => act(ami, 'QueueAdd', { ...member, MemberName: 'Ana' })
const signsOut = () => act(ami, 'QueueRemove', { Queue: member.Queue, Interface: member.Interface })
const now = async (id: string): Promise<CallView> => (await crm.get(`/v1/calls/${id}`)).body
const live = async () => (await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls
const when = <T>(what: string, look: () => Promise<T | undefined> | T | undefined) =>
  retry(lab.clock, what, 10_000, () => Promise.resolve(look()))
const isWithin = (at: string | undefined, from: number, until: number) =>
  Date.parse(at ?? '') >= from && Date.parse(at ?? '') <= until

/** Ana has Cleo from the queue, behind the Local channel of her member. */
async function served(): Promise<string> {
  const stream = await crm.webSocket()
  await cleo.dial('2001')
  await ana.until('ringing')
  await ana.answer()
  const { subject } = await stream.next('call.answered')
  stream.close()
  return subject
}

async function recorded(id: string): Promise<CallView> {
  const stream = await crm.webSocket()
  await cleo.hangup()
  const { call } = (await stream.next('call.recorded', id)).data
  stream.close()
  await Promise.all([ana, ben, cleo].map(one => one.clear()))
  return call
}

const passedOn = {
  offers: [
    { extension: '1001', queue: 'ringall' },
    { extension: '1002', queue: undefined },
  ],
}

t.test(
  'a blind transfer by a member while the daemon is away: the phone that rings is not rung by the queue',
  async t => {
    await signsIn()
    for (const answered of [false, true]) {
      const id = await served()
      await daemon().stop()
      await ana.press('##1002')
      await ben.until('ringing')
      if (answered) {
        await ben.answer()
        await ben.until('established')
      }
      await restart()
      t.match(await now(id), passedOn, answered ? 'it has answered' : 'it rings')
      const call = await recorded(id)
      t.match(call, { ...passedOn, queues: [{ queue: 'ringall', outcome: 'answered', extension: '1001' }] })
      t.match(call.legs.find(({ extension }) => extension === '1002')?.member, undefined)
    }
    await signsOut()
  },
)

/** Cleo calls Ana. */
async function called(): Promise<string> {
  const stream = await crm.webSocket()
  await cleo.dial('1001')
  await ana.until('ringing')
  await ana.answer()
  const { subject } = await stream.next('call.answered')
  stream.close()
  return subject
}

for (const [how, begins] of Object.entries({ 'from the queue': served, called }))
  t.test(`held, parked by the phone and fetched while the daemon is away: a talk (${how})`, async t => {
    if (begins === served) await signsIn()
    const id = await begins()
    await ana.hold()
    await ami.frames.until('Hold', frame => frame['Event'] === 'Hold', 10_000)
    const parked = () => ami.frames.history.filter(frame => frame['Event'] === 'ParkedCall')
    const before = parked().length
    await daemon().stop()
    await ana.transfer('700')
    await ami.frames.until('ParkedCall', () => parked().length > before, 10_000)
    await ben.dial(parked().at(-1)?.['ParkingSpace'] ?? '')
    await ben.until('established')
    await restart()
    t.match(await now(id), { state: 'talking' })
    const { segments } = await recorded(id)
    t.strictSame(
      segments.map(({ kind }) => kind).filter(kind => kind !== 'offer' && kind !== 'queue'),
      ['talk', 'hold', 'talk'],
    )
    if (begins === served) await signsOut()
  })

/** The link is lost, and comes back when `meanwhile` is over; the lists are held back until `before` is, too. */
async function whileLinkIsAway(meanwhile: () => Promise<unknown>, before: () => Promise<unknown> = async () => {}) {
  const stream = await crm.webSocket()
  relay.hold('Action: Login')
  relay.cut()
  await when('the login', () => relay.held() > 0 || undefined)
  await meanwhile()
  relay.hold('Action: BridgeList')
  await when('the lists to be asked for', () => relay.held() > 0 || undefined)
  await before()
  relay.hold(undefined)
  await stream.next('pbx.resynced')
  stream.close()
}

t.test('answered while the link was away: the waiting and the other phones ended then', async t => {
  const benToo = { Queue: 'ringall', ...memberFields(lab.profile, 'PJSIP/1002') }
  await Promise.all([signsIn(), act(ami, 'QueueAdd', { ...benToo, MemberName: 'Ben' })])
  const stream = await crm.webSocket()
  await cleo.dial('2001')
  await Promise.all([ana.until('ringing'), ben.until('ringing')])
  const { subject: id } = await stream.next('call.queued')
  stream.close()
  await when('both to ring', async () => (await now(id)).offers.filter(o => o.ringingAt !== undefined)[1])
  const from = lab.clock.now()
  let until = 0
  await whileLinkIsAway(async () => {
    await ben.answer()
    await Promise.all([ben.until('established'), ana.until('closed')])
    until = lab.clock.now()
  })
  const { queues, offers, segments, answeredAt } = await recorded(id)
  t.match(queues, [{ outcome: 'answered', extension: '1002' }])
  t.strictSame(offers.map(({ extension, result }) => `${extension} ${result}`).sort(), ['1001 answered-elsewhere', '1002 answered']) // prettier-ignore
  const ended = { visit: queues[0]?.leftAt, one: offers[0]?.endedAt, other: offers[1]?.endedAt }
  const begun = { answer: answeredAt, talk: segments.find(({ kind }) => kind === 'talk')?.startedAt }
  for (const [what, at] of Object.entries({ ...ended, ...begun })) t.ok(isWithin(at, from, until), `${what}: ${at}`)
  await Promise.all([signsOut(), act(ami, 'QueueRemove', benToo)])
})

t.test(
  'the number of a caller who withholds it is told to nobody, also where the call begins while the link is away',
  async t => {
    const stream = await crm.webSocket()
    let call: SippCall | undefined
    const to = lab.profile.fromOutside('1001')
    await whileLinkIsAway(async () => {
      const before = ami.frames.history.length
      call = await callIn(lab, { from: '13955550001', to, isWithheld: true })
      await ana.until('ringing')
      // The PBX knows a moment after the phone; all that the daemon has of it is to be in the lists.
      const rings = (f: Record<string, string>) => f['Event'] === 'Newstate' && f['ChannelStateDesc'] === 'Ringing'
      await when('the PBX to know', () => ami.frames.history.slice(before).some(rings) || undefined)
    })
    const { id } = (await stream.next('call.offered')).data.call
    await ana.answer()
    await ana.until('established')
    await ana.hangup()
    await call?.done
    const { call: ended } = (await stream.next('call.recorded')).data
    t.match(ended, { id, answeredAt: String, direction: 'inbound', from: { number: '' } })
    t.notMatch(JSON.stringify(stream.all), '13955550001')
    stream.close()
  },
)

t.test('sent on while the daemon was away: the first talk ended before the next phone rang', async t => {
  const id = await called()
  const from = lab.clock.now()
  await daemon().stop()
  await ana.press('##1002')
  await ben.until('ringing')
  const rung = lab.clock.now()
  await ben.answer()
  await ben.until('established')
  const until = lab.clock.now()
  await restart()
  const { segments, offers } = await recorded(id)
  const [first, second] = segments.filter(({ kind }) => kind === 'talk')
  t.ok(isWithin(first?.endedAt, from, rung), `the first talk until ${first?.endedAt}`)
  t.ok(isWithin(second?.startedAt, rung, until), `the second since ${second?.startedAt}`)
  t.ok(isWithin(offers[1]?.endedAt, rung, until), `rang until ${offers[1]?.endedAt}`)
})

t.test('the last that is known of a call hangs up between the link and its lists: the others are on it', async t => {
  const stream = await crm.webSocket()
  const told = (event: string) => ami.frames.history.filter(frame => frame['Event'] === event).length
  const transfers = told('AttendedTransfer')
  let id = ''
  await whileLinkIsAway(
    async () => {
      await cleo.dial('1001')
      await ana.until('ringing')
      await ana.answer()
      await cleo.until('established')
      await ana.press('*21002')
      await ben.until('ringing')
      await ben.answer()
      await ben.until('established')
      const three = async () => {
        if (told('AttendedTransfer') > transfers) return true
        await ana.press('*3')
        return undefined
      }
      await retry(lab.clock, 'three to talk', 10_000, three, 1_000)
    },
    async () => {
      await ana.hangup()
      id = await when('it to be known', async () => (await live())[0]?.id)
      // What was told before this other call has been heard.
      await ana.dial('3001')
      await when('the other call', async () => (await live()).find(call => call.id !== id))
    },
  )
  const call = await recorded(id)
  t.match(call, { inferred: true, outcome: 'answered' })
  t.equal(call.id, `lab:${call.legs.find(({ extension }) => extension === '1003')?.id}`)
  t.strictSame(call.legs.map(({ extension }) => extension).sort(), ['1001', '1002', '1003'])
  const [hers, ...others] = call.legs.toSorted((a, b) => Date.parse(a.endedAt ?? '') - Date.parse(b.endedAt ?? ''))
  t.match([hers, ...others], [{ extension: '1001', causeQ850: 16 }, { causeQ850: 16 }, { causeQ850: 16 }])
  t.equal(stream.all.filter(({ type, subject }) => type === 'call.recorded' && subject === call.id).length, 1)
  stream.close()
})

t.test('both who are known of a call hang up between the link and its lists: it ended then', async t => {
  const id = await called()
  const { legs } = await now(id)
  const stream = await crm.webSocket()
  const hungUp = () => ami.frames.history.filter(f => f['Event'] === 'Hangup' && legs.some(l => l.id === f['Uniqueid']))
  let until = 0
  await whileLinkIsAway(
    () => Promise.resolve(),
    async () => {
      await cleo.hangup()
      await when('both to be gone', () => hungUp()[1])
      // Another call: what was told before it has been heard.
      await ben.dial('3001')
      await when('the other call', async () => (await live()).find(({ id: other }) => other !== id))
      until = lab.clock.now()
    },
  )
  const { call } = (await stream.next('call.recorded', id)).data
  stream.close()
  t.ok(isWithin(call.endedAt, 0, until), `it ended at ${call.endedAt}`)
  t.match(call, { outcome: 'answered', legs: [{ causeQ850: 16 }, { causeQ850: 16 }] })
  await Promise.all([ana, ben, cleo].map(one => one.clear()))
})

t.test('the PBX is killed while phones ring for a caller who waits: lost, and nobody has given up', async t => {
  await signsIn()
  const stream = await crm.webSocket()
  await cleo.dial('2001')
  await ana.until('ringing')
  const { subject: id } = await stream.next('call.ringing')
  await lab.asterisk.kill()
  await stream.next('pbx.disconnected')
  const killed = lab.clock.now()
  await lab.asterisk.start()
  const { call } = (await stream.next('call.ended', id)).data
  t.ok(isWithin(call.endedAt, 0, killed), 'when it was last heard of')
  t.match(call, {
    ...{ outcome: 'lost', endedBy: 'pbx', queues: [{ queue: 'ringall', outcome: 'lost' }] },
    ...{ offers: [{ extension: '1001', result: 'lost' }], legs: [{ reason: 'lost' }, { reason: 'lost' }] },
  })
  stream.close()
})

t.end()
