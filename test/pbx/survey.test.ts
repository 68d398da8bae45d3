/** The survey after a talk, with keys pressed by a phone and questions that are heard: tones take the place of words. */
import t, { type Test } from 'tap'
import { join } from 'node:path'
import { levelOf, toneWav } from '../../lab/sound.js'
import { openCustomer, openPhone, type Phone } from '../../lab/phone.js'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import type { CallView } from '../../src/events/call.js'
import type { SurveyTotals } from '../../src/reports/surveys.js'
import type { Stream } from '../given/exchange.js'
import { anOffice, CALLER, fromOutside } from '../given/softphone.js'

const HZ = { rating: 900, again: 1_300, wrong: 1_500, thanks: 1_900, speak: 2_100 } as const
const VOICE_HZ = 430
const sounds = t.testdir(
  Object.fromEntries(Object.entries(HZ).map(([name, hz]) => [`${name}.wav`, toneWav(hz, name === 'rating' ? 2 : 1)])),
)
const sound = (name: keyof typeof HZ) => [join(sounds, name)]
const WAIT_MS = 1_500
const answers = { '1': { meaning: 'bad' }, '5': { meaning: 'good' } }
const surveys = [
  {
    name: 'service',
    questions: [
      { id: 'rating', ask: sound('rating'), answers, waitMs: WAIT_MS },
      { id: 'again', ask: sound('again'), answers: { '1': { meaning: 'yes', score: 100 }, '2': { meaning: 'no', score: 0 } }, waitMs: 2 * WAIT_MS, retries: 0 }, // prettier-ignore
    ],
    wrong: sound('wrong'),
    thanks: sound('thanks'),
    after: [{ queue: 'sales' }],
  },
  {
    name: 'spoken',
    questions: [{ id: 'rating', ask: sound('rating'), answers, waitMs: WAIT_MS }],
    comment: { ask: sound('speak'), maxMs: 10_000, silenceMs: 2_000 },
  },
]
// Long enough for a daemon that is started again on a busy machine.
const office = await anOffice(t, { surveys, ari: { callersWaitMs: 20_000 } })
const { lab, crm, press, talk } = office
const ana = await openPhone(lab, { extension: '1001' })

const AUDIBLE = 400
const LONG_MS = 600_000
/** Waits until the caller hears this sound. */
const hears = (phone: Phone, name: keyof typeof HZ) =>
  retry(lab.clock, `${name} to be heard`, 10_000, () =>
    Promise.resolve(levelOf(phone.heard(200), HZ[name]) > AUDIBLE || undefined),
  )

async function aCustomer(t: Pick<Test, 'teardown'>) {
  const cust = await openCustomer(lab, CALLER, VOICE_HZ)
  const stream = await crm.webSocket('types=survey.started,survey.answered,survey.ended,call.recorded')
  t.teardown(async () => {
    stream.close()
    await cust.close()
  })
  return { cust, stream }
}

/** A call is recorded some seconds after its end: what its survey was then. */
const recorded = async (stream: Stream, id: string): Promise<CallView> =>
  (await stream.next('call.recorded', id)).data.call

/** From a queue that keeps the caller when the agent has hung up. */
async function talkBySales(cust: Phone) {
  await cust.dial(fromOutside('2019'))
  await ana.until('ringing')
  await ana.answer()
  return retry(lab.clock, 'them to talk', 10_000, async () => {
    const { calls } = (await crm.get<{ calls: CallView[] }>('/v1/calls')).body
    return calls.find(c => c.state === 'talking')?.id
  })
}

t.test('by command, from a direct call: both questions are heard and answered', async t => {
  const { cust, stream } = await aCustomer(t)
  const call = await talk(cust, '1001', ana)
  t.ok((await crm.get(`/v1/calls/${call}?actions=true&extension=1001`)).body.actions?.includes('survey'))
  t.match(await press(call, 'survey', { extension: '1001' }), { status: 422, body: { code: 'SURVEY_UNKNOWN' } })
  const asked = await press(call, 'survey', { extension: '1001', survey: 'service' })
  t.match(asked, {
    status: 200,
    body: { survey: { name: 'service', extension: '1001', questions: [{ id: 'rating' }] } },
  })
  t.notOk(asked.body.survey?.automatic)
  t.strictSame(asked.body.transfers, [], 'it is no transfer')
  await stream.next('survey.started', call)
  await hears(cust, 'rating')
  await cust.press('5')
  const first = (await stream.next('survey.answered', call)).data.call.survey
  t.match(first?.questions[0], { id: 'rating', times: 1, key: '5', meaning: 'good', score: 5 })
  await hears(cust, 'again')
  await sleep(lab.clock, 400)
  t.ok(levelOf(cust.heard(200), HZ.rating) < AUDIBLE, 'a key ends the question')
  await cust.press('1')
  const last = (await stream.next('survey.answered', call)).data.call.survey
  t.match(last?.questions[1], { id: 'again', times: 1, key: '1', meaning: 'yes', score: 100 })
  await hears(cust, 'thanks')
  t.match((await stream.next('survey.ended', call)).data.call.survey, { outcome: 'completed' })
  const { survey, segments, endedBy, outcome, agents } = await recorded(stream, call)
  t.match(survey, {
    outcome: 'completed',
    extension: '1001',
    questions: [{ key: '5' }, { id: 'again', times: 1, key: '1', meaning: 'yes', score: 100 }],
  })
  t.match(segments.at(-1), { kind: 'survey', name: 'service', legs: [survey?.leg] })
  t.match([outcome, endedBy, agents.length], ['answered', 'pbx', 1])
  t.strictSame((await crm.get(`/v1/calls/${call}`)).body.survey, survey, 'the history has it')
})

t.test('after the agent has hung up, from a queue: nothing is pressed', async t => {
  const { cust, stream } = await aCustomer(t)
  const call = await talkBySales(cust)
  await ana.hangup()
  const { survey } = (await stream.next('survey.started', call)).data.call
  t.match(survey, { name: 'service', automatic: true, queue: 'sales', extension: '1001' })
  await hears(cust, 'rating')
  const { survey: over } = await recorded(stream, call)
  t.match(over, { outcome: 'not-answered', questions: [{ id: 'rating', times: 2 }] })
  t.equal(over?.questions.length, 1, 'whoever does not answer one is not asked the next')
})

t.test('a key that means nothing, then one that does; the second question is not answered', async t => {
  const { cust, stream } = await aCustomer(t)
  const call = await talkBySales(cust)
  await ana.hangup()
  await hears(cust, 'rating')
  await cust.press('9')
  await hears(cust, 'wrong')
  await hears(cust, 'rating')
  await cust.press('1')
  await hears(cust, 'again')
  t.match((await recorded(stream, call)).survey, {
    outcome: 'partly',
    questions: [{ times: 2, key: '1', meaning: 'bad', score: 1 }, { id: 'again' }],
  })
})

t.test('they hang up before it, at the first question, and at the second', async t => {
  const { cust, stream } = await aCustomer(t)
  const before = await talkBySales(cust)
  await cust.hangup()
  t.match((await stream.next('survey.ended', before)).data.call.survey, { outcome: 'not-offered', queue: 'sales' })
  t.match((await recorded(stream, before)).survey, { outcome: 'not-offered', extension: '1001', questions: [] })

  const first = await talkBySales(cust)
  await ana.hangup()
  await hears(cust, 'rating')
  await cust.hangup()
  const { survey } = await recorded(stream, first)
  t.match(survey, { outcome: 'hung-up', questions: [{ id: 'rating' }] })
  t.equal(survey?.questions.length, 1)

  const second = await talkBySales(cust)
  await ana.hangup()
  await hears(cust, 'rating')
  await cust.press('5')
  await hears(cust, 'again')
  await cust.hangup()
  const { survey: at2 } = await recorded(stream, second)
  t.match(at2, { outcome: 'hung-up', questions: [{ key: '5' }, { id: 'again' }] })
  t.notOk(at2?.questions[1]?.key)
})

t.test('what they have to say is recorded, and belongs to the call', async t => {
  const { cust, stream } = await aCustomer(t)
  const call = await talk(cust, '1001', ana)
  await press(call, 'survey', { extension: '1001', survey: 'spoken' })
  await hears(cust, 'rating')
  await cust.press('5')
  await hears(cust, 'speak')
  await sleep(lab.clock, 3_000)
  await cust.press('#')
  const { survey, recordings } = await recorded(stream, call)
  const told = stream.all.filter(e => e.subject === call).map(e => e.type)
  const each = ['survey.started', 'survey.answered', 'survey.answered', 'survey.ended', 'call.recorded']
  t.strictSame(told, each, 'the answer and the comment')
  t.match(survey, { outcome: 'completed', comment: recordings?.[0]?.name })
  t.match(recordings, [{ leg: survey?.leg, state: 'done' }])
  const answer = await fetch(`${office.daemon().address}/v1/calls/${call}/recordings/${survey?.comment ?? ''}`, {
    headers: { authorization: 'Bearer ak_exchange' },
  })
  t.equal(answer.status, 200)
  const wav = Buffer.from(await answer.arrayBuffer())
  const samples = Array.from({ length: (wav.length - 44) / 2 }, (_, i) => wav.readInt16LE(44 + i * 2))
  t.ok(levelOf(samples.slice(4_000, 8_000), VOICE_HZ) > AUDIBLE, 'their voice is in it')
})

t.test('added up, they are what was answered', async t => {
  const from = new Date(lab.clock.now() - 600_000).toISOString()
  const totals = async (more: string) =>
    (await crm.get<{ totals: SurveyTotals[] }>(`/v1/reports/surveys?survey=service&from=${from}&${more}`)).body.totals
  const [all] = await totals('by=all')
  const outcomes = { completed: 1, 'not-answered': 1, partly: 1, 'hung-up': 2, 'not-offered': 1 }
  t.strictSame(all?.outcomes, outcomes)
  t.equal(all?.surveys, 6)
  t.match(all?.questions[0], { id: 'rating', asked: 5, answered: 3, scored: 3, average: 3.667 })
  t.strictSame(all?.questions[0]?.answers, [{ key: '1', meaning: 'bad', count: 1 }, { key: '5', meaning: 'good', count: 2 }]) // prettier-ignore
  t.match(await totals('by=agent'), [{ group: '1001', surveys: 6 }])
  t.match(await totals('by=queue&queue=sales'), [{ group: 'sales', surveys: 5 }])
  const { calls } = (await crm.get<{ calls: CallView[] }>('/v1/history?survey=spoken')).body
  t.match(calls, [{ survey: { name: 'spoken' } }])
  t.equal(calls.length, 1)
})

t.test('the daemon goes, and is back soon: the same question is asked once more, and it goes on', async t => {
  const { cust, stream } = await aCustomer(t)
  const call = await talkBySales(cust)
  await ana.hangup()
  await hears(cust, 'rating')
  await cust.press('1')
  await hears(cust, 'again')
  await stream.next('survey.answered', call)
  await sleep(lab.clock, 1_200)
  const before = cust.heard(LONG_MS).length
  await office.restart()
  await retry(lab.clock, 'more to be heard', 10_000, () =>
    Promise.resolve(cust.heard(LONG_MS).length > before + 3_200 || undefined),
  )
  await hears(cust, 'again')
  const after = await crm.webSocket('types=survey.answered,call.recorded')
  await cust.press('2')
  const { survey } = await recorded(after, call)
  t.match(survey, {
    outcome: 'completed',
    questions: [
      { times: 1, key: '1' },
      { times: 1, key: '2' },
    ],
  })
  after.close()
})

t.end()
