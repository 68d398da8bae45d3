/** A real caller whom nobody answers, and a number that is busy: lists of their own, until somebody has talked with them. */
import t from 'tap'
import { answerTrunk, callIn } from '../../lab/sipp.js'
import type { FollowUp } from '../../src/events/follow-up.js'
import { anExchange, type Stream } from '../given/exchange.js'

const { lab, crm, phone, restart } = await anExchange(t)
const MIA = '01711234567'
const list = async (path: string) => (await crm.get<{ items: FollowUp[]; next?: string }>(path)).body.items
const item = async (stream: Stream, type: 'missed.opened' | 'missed.repeated' | 'missed.closed' | 'unreached.opened') =>
  ((await stream.next(type)).data as unknown as { item: FollowUp }).item

t.test('Mia calls twice and nobody answers; Ana calls her back', async t => {
  const ben = await phone({ extension: '1002' })
  const stream = await crm.webSocket()
  await callIn(lab, { from: MIA, to: '493012341002', giveUpAfterMs: 300 })
  const { id } = await item(stream, 'missed.opened')
  t.match(await list('/v1/missed'), [{ id, attempts: 1, party: { number: MIA, e164: '+491711234567' }, state: 'open' }])
  await restart()
  const after = await crm.webSocket()
  await callIn(lab, { from: MIA, to: '493012341002', giveUpAfterMs: 300 })
  t.match(await item(after, 'missed.repeated'), { id, attempts: 2 }, 'it outlives the daemon')
  const ana = await phone({ extension: '1001' })
  const far = await answerTrunk(lab, { ringMs: 50, talkMs: 300 })
  await ana.dial(MIA)
  const closed = await item(after, 'missed.closed')
  t.match(closed, { id, state: 'done', doneBy: 'talk', reached: { direction: 'outbound', extension: '1001' } })
  t.strictSame(await list('/v1/missed'), [])
  t.strictSame(await list('/v1/missed?state=done'), [closed])
  t.strictSame((await crm.get<FollowUp>(`/v1/missed/${id}`)).body, closed)
  await far.kill()
  after.close()
  await Promise.all([ana.close(), ben.close()])
})

t.test('a number that is busy is on the other list, with its cause, until somebody says that it is done', async t => {
  const ana = await phone({ extension: '1001' })
  const stream = await crm.webSocket('types=unreached.*')
  const busy = await answerTrunk(lab, { refusal: '486 Busy Here' })
  await ana.dial('030987654')
  const opened = await item(stream, 'unreached.opened')
  t.match(opened, { outcome: 'busy', causeQ850: 17, sipStatus: 486, extension: '1001', attempts: 1 })
  t.strictSame(await list('/v1/unreached'), [opened])
  const done = await crm.patch<FollowUp>(`/v1/unreached/${opened.id}`, { state: 'done' })
  t.match(done, { status: 200, body: { state: 'done', doneBy: 'command', revision: 2 } })
  t.strictSame(await list('/v1/unreached'), [])
  t.strictSame((await crm.patch(`/v1/unreached/${opened.id}`, { state: 'done' })).body, done.body, 'twice is once')
  t.match(await crm.patch('/v1/unreached/lab:1.1', { state: 'done' }), {
    status: 404,
    body: { code: 'ITEM_NOT_FOUND' },
  })
  t.match(await crm.patch(`/v1/unreached/${opened.id}`, { state: 'open' }), { status: 400 })
  await busy.kill()
  stream.close()
  await ana.close()
})

t.end()
