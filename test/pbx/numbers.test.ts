/** Numbers on real calls: separators, callers who show none, numbers that look like extensions, a dial prefix, local numbers. */
import t from 'tap'
import { answerTrunk, callIn, ringTrunk } from '../../lab/sipp.js'
import { retry } from '../../lab/wait.js'
import type { FollowUp } from '../../src/events/follow-up.js'
import type { CallView } from '../../src/events/call.js'
import type { Routing } from '../../src/events/routing.js'
import { DIRECTORY } from '../given/agents.js'
import { anOffice, askingFirst, fromOutside } from '../given/softphone.js'

/** Phones dial 9 for a line; the gateway wants it for its own numbers, and the dialplan removes it before the others. */
const { lab, crm, phoneAt } = await anOffice(t, {
  agents: { directory: DIRECTORY },
  traceHours: 1,
  dialling: {
    trunkPrefix: '9',
    ownArea: '030',
    allowed: ['internal', 'local', 'national', 'mobile', 'international', 'other'],
  },
  routing: {
    routes: [
      {
        ...{ name: 'ana', dialled: [askingFirst('77*')], to: { number: '1001' } },
        dedicated: { lastAgentWithinMs: 3_600_000, ringForMs: 2_000 },
      },
    ],
  },
  more: {
    'extensions.conf': [
      '[from-phones](+)',
      'exten => _90X.,1,Dial(PJSIP/${EXTEN}@trunk,60,tTkK)',
      'exten => _9[1-9]XXXXXX!,1,Dial(PJSIP/${EXTEN:1}@trunk,60,tTkK)',
      '[from-trunk](+)',
      'exten => _49301236X!,1,Set(CALLERID(num-pres)=prohib)',
      ` same => n,Goto(aladdin-in,${askingFirst('7700')},1)`,
    ].join('\n'),
  },
})
const stream = await crm.webSocket()
const ana = await phoneAt('1001')
t.teardown(() => ana.close())

type Found = { calls: CallView[]; code?: string }
const found = async (number: string) =>
  (await crm.get<Found>(`/v1/history?number=${encodeURIComponent(number)}`)).body.calls.map(c => c.id)
const missed = async () => (await crm.get<{ items: FollowUp[] }>('/v1/missed')).body.items
const unreached = async () => (await crm.get<{ items: FollowUp[] }>('/v1/unreached')).body.items
/** A caller over the trunk who gives up. */
async function rings(from: string, to: string, isWithheld = false): Promise<CallView> {
  const call = await callIn(lab, { from, to, giveUpAfterMs: 400, isWithheld })
  await call.done
  return (await stream.next('call.recorded')).data.call
}

t.test('separators do not hide a number: not from the blacklist, and not from whoever looks for it', async t => {
  t.match((await crm.post('/v1/blacklist', { match: '0170 / 123-4567' })).body, { match: '+491701234567' })
  for (const from of ['+49-170-1234567', '0049.170.1234567', '(0)170-1234567']) {
    const call = await rings(from, askingFirst('7701'))
    t.match(call, { outcome: 'busy', from: { e164: '+491701234567' }, routing: { does: 'busy' } }, from)
    for (const writing of [
      '+49 170 1234567',
      ' 49170 1234567',
      '0170-1234567',
      '901701234567',
      '9+491701234567',
      '\uff0b491701234567',
    ])
      t.ok((await found(writing)).includes(call.id), `${from} as ${writing}`)
  }
  for (const from of [
    '*31%23+491701234567',
    '+00491701234567',
    '0+491701234567',
    '+49_170_1234567',
    '+491701234567%23',
  ])
    t.match(await rings(from, askingFirst('7701')), { outcome: 'busy', from: { e164: '+491701234567' } }, from)
  t.match(await crm.get('/v1/history?number=%2B'), { status: 400, body: { code: 'BAD_REQUEST' } })
  t.equal((await crm.remove(`/v1/blacklist/${encodeURIComponent('0170 1234567')}`)).status, 204)
})

t.test('patterns of the blacklist fit a number in its ordinary writings', async t => {
  const screened = async (from: string) => {
    const { outcome, routing } = await rings(from, askingFirst('7701'))
    return [outcome, routing?.because.find(({ rule }) => rule === 'blacklist')?.name]
  }
  const fits: [pattern: string, from: string][] = [
    ['9 0172 555*', '+491725550001'],
    ['8922*', '+493089223456'],
    ['100X', '1005'],
    ['116*', '116111'],
  ]
  for (const [match, from] of fits) {
    const { id } = (await crm.post<{ id: string }>('/v1/blacklist', { match })).body
    t.strictSame(await screened(from), ['busy', id], `${match} fits ${from}`)
    t.equal((await crm.remove(`/v1/blacklist/${encodeURIComponent(match)}`)).status, 204)
    t.strictSame(
      (await crm.post<Routing>('/v1/routing/preview', { from, to: askingFirst('7701') })).body.does,
      'number',
    )
  }
})

t.test('00* is callers from abroad, and nobody of the own country however they are written', async t => {
  t.match((await crm.post('/v1/blacklist', { match: '00*' })).body, { match: '00*' })
  for (const from of ['+442071838750', '0044%2020-7183-8750', '442071838750'])
    t.match(await rings(from, askingFirst('7701')), { outcome: 'busy', routing: { does: 'busy' } }, from)
  for (const from of ['00491725550001', '491725550001', '01725550001', '0049-30-765432', '765432'])
    t.match(await rings(from, askingFirst('7701')), { routing: { does: 'number' } }, from)
  t.equal((await crm.remove('/v1/blacklist/00*')).status, 204)
  for (const { id } of await missed()) await crm.patch(`/v1/missed/${id}`, { state: 'done' })
})

t.test('a caller whose number looks like another behind the dial prefix is somebody else', async t => {
  const [shown, other] = ['901719990001', '+491719990001']
  const calls = [await rings(shown, fromOutside('1001')), await rings(other, fromOutside('1001'))] as const
  t.strictSame(
    calls.map(({ from }) => from.e164),
    [undefined, other],
  )
  const items = (await missed()).filter(({ party }) => party.number.endsWith('1719990001'))
  t.strictSame(
    items.map(({ attempts }) => attempts),
    [1, 1],
  )
  for (const { id } of items) await crm.patch(`/v1/missed/${id}`, { state: 'done' })
  t.match(await crm.post(`/v1/calls/${calls[0].id}/blacklist`, {}), { status: 422, body: { code: 'ENTRY_INVALID' } })
  t.match((await crm.post(`/v1/calls/${calls[1].id}/blacklist`, {})).body, { match: other })
  t.match(await rings(other, askingFirst('7701')), { outcome: 'busy' })
  t.match(await rings(shown, askingFirst('7701')), { routing: { does: 'number' } })
  for (const { id } of await missed()) await crm.patch(`/v1/missed/${id}`, { state: 'done' })
  t.equal((await crm.remove(`/v1/blacklist/${encodeURIComponent(other)}`)).status, 204)
})

t.test('callers who show no number are nobody, and not one another', async t => {
  const calls = [await rings('anonymous', fromOutside('1001')), await rings('anonymous', fromOutside('1001'))]
  for (const { from, legs } of calls) t.strictSame([from, legs[0]?.number], [{ number: '' }, ''])
  t.strictSame((await missed()).map(({ attempts, party }) => [attempts, party]), [[1, { number: '' }], [1, { number: '' }]]) // prettier-ignore
  for (const { id } of await missed()) await crm.patch(`/v1/missed/${id}`, { state: 'done' })
  for (const from of ['privatename', 'alice', 'bob', 'alice', '+491715550009;cpc=ordinary'])
    await rings(from, fromOutside('1001'))
  const byNumber = (await missed()).map(({ attempts, party }) => [party.e164 ?? party.number, attempts])
  t.strictSame(new Map(byNumber as [string, number][]), new Map([['', 1], ['alice', 2], ['bob', 1], ['+491715550009', 1]])) // prettier-ignore
  t.strictSame([await found('+491715550009')].flat().length, 1)
  for (const { id } of await missed()) await crm.patch(`/v1/missed/${id}`, { state: 'done' })
})

t.test('a number that must not be shown is matched, and never shown', async t => {
  t.equal((await crm.post('/v1/blacklist', { match: '+491715550001' })).status, 200)
  const call = await rings('+491715550001', '493012361')
  t.match(call, { outcome: 'busy', from: { number: '' }, routing: { does: 'busy', because: [{ rule: 'route' }, {}] } })
  t.notMatch(JSON.stringify({ ...call, routing: undefined }), '5550001')
  const { body: trace } = await crm.get<{ facts: object[] }>(`/v1/calls/${call.id}/trace`)
  t.ok(trace.facts.length > 0)
  t.notMatch(JSON.stringify(trace.facts), '5550001')
  t.strictSame(await found('+491715550001'), [])
  await crm.remove(`/v1/blacklist/${encodeURIComponent('+491715550001')}`)
})

t.test(
  'a number that the caller withholds (SIP Privacy) is nowhere, with and without the daemon being asked first',
  async t => {
    const begun = stream.all.length
    const calls = [
      await rings('491715550003', fromOutside('1001'), true),
      await rings('491715550003', fromOutside('1001'), true),
      await rings('491715550003', askingFirst('7700'), true),
    ]
    for (const call of calls) {
      t.match(call, { direction: 'inbound', outcome: 'cancelled', from: { number: '' }, legs: [{ number: '' }] })
      t.notMatch(JSON.stringify(call), '5550003')
      const { body: trace } = await crm.get<{ facts: object[] }>(`/v1/calls/${call.id}/trace`)
      t.notMatch(JSON.stringify(trace.facts), '5550003')
    }
    const items = (await missed()).map(({ attempts, party }) => [attempts, party])
    t.strictSame(
      items,
      calls.map(() => [1, { number: '' }]),
      'three callers, each of whom is nobody',
    )
    t.strictSame(await found('+491715550003'), [])
    t.notMatch(JSON.stringify((await crm.get('/v1/extensions/lab:1001')).body), '5550003')
    const said = stream.all.slice(begun).filter(event => JSON.stringify(event).includes('5550003'))
    t.strictSame(
      said.filter(({ type, data }) => !/^call\.(started|changed)$/.test(type) || data.call.from.number === ''),
      [],
      'only before the PBX has said so',
    )
    for (const { id } of await missed()) await crm.patch(`/v1/missed/${id}`, { state: 'done' })
  },
)

t.test(
  'a caller over the trunk with the number of an extension is outside, and has nothing of the colleague',
  async t => {
    const dora = await phoneAt('1003')
    await crm.post('/v1/agents/lab:8001/sign-in', { extension: '1001' })
    ana.meet({ afterMs: 20 })
    await dora.dial('1001')
    await dora.until('established')
    await dora.hangup()
    const inside = (await stream.next('call.recorded')).data.call
    ana.meet('manual')
    await dora.close()
    t.match(inside, { direction: 'internal', outcome: 'answered', agents: [{ extension: '1003' }, { agent: '8001' }] })
    const { wishes } = (await crm.post<Routing>('/v1/routing/preview', { from: '1003', to: askingFirst('7700') })).body
    t.equal(wishes, undefined, 'nobody has talked with them')
    await crm.post('/v1/agents/lab:8001/sign-out')

    const call = await callIn(lab, { from: '1003', to: fromOutside('1001'), giveUpAfterMs: 1_500 })
    const { pop } = (await stream.next('call.offered')).data
    t.strictSame([pop?.customer, pop?.history], [{ number: '1003' }, []])
    await call.done
    const record = (await stream.next('call.recorded')).data.call
    t.match(record, { direction: 'inbound', from: { number: '1003' } })
    t.equal(record.from.extension, undefined)
    const ofColleague = (await crm.get<Found>('/v1/history?extension=1003')).body.calls.map(c => c.id)
    t.strictSame(ofColleague, [inside.id])
    t.strictSame(await found('1003'), [record.id, inside.id])
    t.match((await crm.get('/v1/extensions/lab:1003')).body, { today: { dialled: 1 } })
    t.match(await missed(), [{ party: { number: '1003' } }])
  },
)

t.test('the dial prefix is no part of a number: in the record, the lists and the search', async t => {
  const far = await ringTrunk(lab)
  await ana.dial('901715550002')
  const { subject } = await stream.next('call.ringing')
  await ana.hangup()
  await far.kill()
  const { call } = (await stream.next('call.recorded', subject)).data
  t.match(call, { direction: 'outbound', to: { number: '01715550002', e164: '+491715550002' } })
  t.equal(call.offers[0]?.number, '01715550002')
  for (const writing of ['+491715550002', '01715550002', '901715550002', '0049 (0)171 5550002'])
    t.strictSame(await found(writing), [call.id], writing)
  const [item] = await unreached()
  t.match(item, { party: { number: '01715550002', e164: '+491715550002' } })
  // What the list shows is dialled as it is.
  const answers = await answerTrunk(lab, { ringMs: 50, talkMs: 300 })
  ana.meet({ afterMs: 20 })
  const { status, body } = await crm.post('/v1/calls', { from: '1001', to: item?.party.number })
  t.equal(status, 201)
  t.match((await stream.next('call.recorded', body.id)).data.call, {
    outcome: 'answered',
    to: { e164: '+491715550002' },
  })
  ana.meet('manual')
  await answers.kill()
  await retry(lab.clock, 'the list to be empty', 5_000, async () =>
    (await unreached()).length === 0 ? true : undefined,
  )
})

t.test('click to dial of a local number that begins like the dial prefix: nothing is taken off it', async t => {
  const far = await answerTrunk(lab, { ringMs: 50, talkMs: 300 })
  ana.meet({ afterMs: 20 })
  const { body } = await crm.post('/v1/calls', { from: '1001', to: '9123456' })
  const { call } = (await stream.next('call.recorded', body.id)).data
  ana.meet('manual')
  await far.kill()
  t.match(call, { direction: 'outbound', to: { number: '9123456', e164: '+49309123456' } })
  t.strictSame(call.offers.at(-1)?.number, '9123456')
  t.strictSame(await found('030 9123456'), [call.id])
  t.strictSame(await found('030 123456'), [])
})

t.test('a service number is one caller, with and without the code of the country; a caller keeps a 9', async t => {
  const calls = [await rings('+49116117', fromOutside('1001')), await rings('116117', fromOutside('1001'))]
  t.strictSame(
    calls.map(({ from }) => from),
    [{ number: '116117' }, { number: '116117' }],
  )
  t.match(
    (await missed()).filter(({ party }) => party.number === '116117'),
    [{ attempts: 2 }],
  )
  for (const writing of ['116117', '+49 116117', '0049-116117'])
    t.strictSame((await found(writing)).toSorted(), calls.map(({ id }) => id).toSorted(), writing)
  t.match((await crm.post('/v1/blacklist', { match: '0049 116117' })).body, { match: '116117' })
  t.match(await rings('+49116117', askingFirst('7701')), { outcome: 'busy', routing: { does: 'busy' } })
  await crm.remove('/v1/blacklist/116117')
  const nine = await rings('9110', fromOutside('1001'))
  t.strictSame(nine.from, { number: '9110' })
  t.strictSame(await found('9110'), [nine.id])
  t.strictSame(await found('110'), [])
})

t.test('local numbers are of the own area, in and out', async t => {
  const came = await rings('89123456', fromOutside('1001'))
  t.match(came, { from: { number: '89123456', e164: '+493089123456' } })
  const far = await ringTrunk(lab)
  await ana.dial('989123456')
  const { subject } = await stream.next('call.ringing')
  await ana.hangup()
  await far.kill()
  const { call } = (await stream.next('call.recorded', subject)).data
  t.match(call, { to: { number: '89123456', e164: '+493089123456' } })
  t.strictSame(await found('030 89123456'), [call.id, came.id])
})
