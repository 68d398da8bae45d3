/** What calls do on a PBX with the field's habits while the daemon is away, and what the PBX is killed with. */
import t from 'tap'
import { act, listen } from '../../lab/stories/stage.js'
import { memberFields } from '../../lab/profiles.js'
import type { CallView } from '../../src/events/call.js'
import { anExchange } from '../given/exchange.js'

const { lab, crm, phone, daemon, restart } = await anExchange(t, { profile: 'field' })
const ami = await listen(lab)
t.teardown(() => ami.close())
const [ana, ben, cleo] = await Promise.all([
  phone({ extension: '1001' }),
  phone({ extension: '1002' }),
  phone({ extension: '1003' }),
])
const member = { Queue: 'ringall', ...memberFields(lab.profile, 'PJSIP/1001') }
const signsIn = () => act(ami, 'QueueAdd', { ...member, MemberName: 'Ana' })
const signsOut = () => act(ami, 'QueueRemove', { Queue: member.Queue, Interface: member.Interface })
const now = async (id: string): Promise<CallView> => (await crm.get(`/v1/calls/${id}`)).body

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

t.test('the PBX is killed while phones ring for a caller who waits: lost, and nobody has given up', async t => {
  await signsIn()
  const stream = await crm.webSocket()
  await cleo.dial('2001')
  await ana.until('ringing')
  const { subject: id } = await stream.next('call.ringing')
  await lab.asterisk.kill()
  await stream.next('pbx.disconnected')
  await lab.asterisk.start()
  t.match((await stream.next('call.ended', id)).data.call, {
    ...{ outcome: 'lost', endedBy: 'pbx', queues: [{ queue: 'ringall', outcome: 'lost' }] },
    ...{ offers: [{ extension: '1001', result: 'lost' }], legs: [{ reason: 'lost' }, { reason: 'lost' }] },
  })
  stream.close()
})

t.end()
