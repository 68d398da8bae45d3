/** The blacklist on real calls: who is turned away, how that sounds, what the call then shows; and what a file or a caller may hold. */
import t from 'tap'
import { join } from 'node:path'
import { levelOf, toneWav } from '../../lab/sound.js'
import { callIn } from '../../lab/sipp.js'
import { openCustomer, type Phone } from '../../lab/phone.js'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import type { BlacklistEntry } from '../../src/events/blacklist.js'
import type { Routing } from '../../src/events/routing.js'
import type { CallView } from '../../src/events/call.js'
import { DIRECTORY } from '../given/agents.js'
import { KEY } from '../given/exchange.js'
import { freeze } from '../given/freeze.js'
import { anOffice, askingFirst, CALLER } from '../given/softphone.js'

const GONE_HZ = 900
const sounds = t.testdir({ 'gone.wav': toneWav(GONE_HZ, 2) })
const { lab, crm, daemon, phoneAt } = await anOffice(t, {
  agents: { directory: DIRECTORY },
  routing: {
    routes: [
      { name: 'hotline', dialled: [askingFirst('77*')], to: { number: '2000' } },
      { name: 'team', dialled: [askingFirst('7901')], to: { number: '2009' } },
    ],
    blacklist: { message: [join(sounds, 'gone')], voicemail: '1002' },
  },
})
const E164 = `+${CALLER}`
const stream = await crm.webSocket()
const [cust, other, nobody] = await Promise.all(
  [CALLER, '493098765432', 'anonymous'].map(n => openCustomer(lab, n, 430)),
)
const [ana, ben] = await Promise.all(['1001', '1002'].map(phoneAt))
if (!cust || !other || !nobody || !ana || !ben) throw new Error('no phones')
t.teardown(() => Promise.all([cust, other, nobody, ana, ben].map(phone => phone.close())))

const list = async (entry: object) => (await crm.post<BlacklistEntry>('/v1/blacklist', entry)).body
const remove = (id: string) => crm.remove(`/v1/blacklist/${encodeURIComponent(id)}`)
const entryNow = async (id: string) => (await crm.get<BlacklistEntry>(`/v1/blacklist/${encodeURIComponent(id)}`)).body
const preview = async (from: string, to: string) => (await crm.post<Routing>('/v1/routing/preview', { from, to })).body
/** A call that is over by itself. */
async function turnedAway(phone: Phone, to = askingFirst('7701')): Promise<CallView> {
  await phone.dial(to)
  return (await stream.next('call.recorded')).data.call
}
const blacklisted = (id: string, route = 'hotline') => [
  { rule: 'route', name: route },
  { rule: 'blacklist', name: id },
]
const missedNow = async () => (await crm.get<{ items: object[] }>('/v1/missed')).body.items

t.test('the engaged tone, by the beginning of a number; nobody is to call them back; and it is counted', async t => {
  const entry = await list({ match: '+49 170*', reason: 'robocalls' })
  t.match(entry, { id: '+49170*', match: '+49170*', scope: 'all', action: 'busy', addedBy: 'key:lab', hits: 0 })
  t.strictSame(await preview(CALLER, askingFirst('7701')), { does: 'busy', because: blacklisted('+49170*') })
  const call = await turnedAway(cust)
  t.match(call, { outcome: 'busy', endedBy: 'command', queues: [] })
  t.strictSame(call.routing, { does: 'busy', because: blacklisted('+49170*') })
  t.strictSame(await missedNow(), [])
  await retry(lab.clock, 'the hit', 5_000, async () => ((await entryNow('+49170*')).hits === 1 ? true : undefined))
  t.ok((await entryNow('+49170*')).lastHitAt)
  t.strictSame(await preview('493098765432', askingFirst('7701')), { does: 'number', to: '2000', because: [{ rule: 'route', name: 'hotline' }] }) // prettier-ignore
})

t.test(
  'what is more exact, and what lets through, wins; an end without a word; another number is not meant',
  async t => {
    await list({ match: E164, action: 'hangup', scope: `dialled:${askingFirst('7702')}` })
    const call = await turnedAway(cust, askingFirst('7702'))
    t.match(call, { outcome: 'rejected', endedBy: 'command', routing: { does: 'hangup' } })
    t.match(await preview(CALLER, askingFirst('7701')), { does: 'busy' })
    await list({ match: E164, action: 'allow', scope: 'workgroup:team-a' })
    t.strictSame(await preview(CALLER, askingFirst('7901')), { does: 'number', to: '2009', because: [{ rule: 'route', name: 'team' }, { rule: 'allowed', name: `${E164}@workgroup:team-a` }] }) // prettier-ignore
    await cust.dial(askingFirst('7901'))
    const queued = await stream.next('call.queued')
    t.match(queued.data.call.queues, [{ queue: 'team-a' }])
    await cust.hangup()
    await stream.next('call.recorded', queued.subject)
    for (const id of ['+49170*', `${E164}@dialled:${askingFirst('7702')}`, `${E164}@workgroup:team-a`])
      t.equal((await remove(id)).status, 204, id)
    t.match(await remove('+49170*'), { status: 404, body: { code: 'ENTRY_NOT_FOUND' } })
  },
)

t.test('callers who show no number hear a message to its end', async t => {
  await list({ match: 'anonymous', action: 'message' })
  await nobody.dial(askingFirst('7701'))
  await nobody.until('established')
  await retry(lab.clock, 'the message', 5_000, async () =>
    levelOf(nobody.heard(200), GONE_HZ) > 400 ? true : undefined,
  )
  const { call } = (await stream.next('call.recorded')).data
  t.match(call, { routing: { does: 'message', because: blacklisted('anonymous') }, segments: [{ kind: 'ivr', name: 'hotline' }] }) // prettier-ignore
  t.ok((call.durationMs ?? 0) > 1_900)
  await remove('anonymous')
})

t.test('voicemail is where the configuration has it', async t => {
  await list({ match: E164, action: 'voicemail' })
  await cust.clear()
  await cust.dial(askingFirst('7701'))
  await cust.until('established')
  await sleep(lab.clock, 1_000)
  await cust.hangup()
  const { routing, segments } = (await stream.next('call.recorded')).data.call
  t.match(routing, { does: 'voicemail', to: '1002' })
  t.match(segments, [{ kind: 'voicemail', name: '1002' }])
})

t.test('low priority: whoever comes later is before them', async t => {
  await list({ match: E164, action: 'low-priority' })
  await cust.dial(askingFirst('7701'))
  const first = await stream.next('call.queued')
  await other.dial(askingFirst('7701'))
  const second = await stream.next('call.queued')
  t.match(second.data.call.queues, [{ position: 1 }], 'before whoever was there')
  t.match(first.data.call.routing, { does: 'number', because: blacklisted(E164) })
  await Promise.all([cust.hangup(), other.hangup()])
  await stream.next('call.recorded')
  await stream.next('call.recorded')
  await remove(E164)
})

t.test('whoever is on the line is put on the list with one command; agents need a right for it', async t => {
  await cust.dial(askingFirst('1001'))
  await ana.until('ringing')
  await ana.answer()
  const { subject } = await stream.next('call.answered')
  t.match(await crm.post(`/v1/calls/${subject}/blacklist`, { by: '8001' }), { status: 403, body: { code: 'RIGHT_MISSING' } }) // prettier-ignore
  const added = await crm.post<BlacklistEntry>(`/v1/calls/${subject}/blacklist`, { reason: 'rude', action: 'hangup' })
  t.match(added, { status: 200, body: { id: E164, action: 'hangup', reason: 'rude' } })
  t.equal((await crm.get(`/v1/calls/${subject}`)).body.state, 'talking', 'the talk goes on')
  await cust.hangup()
  await stream.next('call.recorded', subject)
  t.match(await turnedAway(cust), { routing: { does: 'hangup' } })
  t.match(
    await crm.post(`/v1/calls/${subject}/blacklist`),
    { status: 200, body: { action: 'busy' } },
    'also afterwards',
  )
  await remove(E164)
  await ana.dial('1002')
  await ben.until('ringing')
  const inside = (await stream.next('call.ringing')).subject
  t.match(await crm.post(`/v1/calls/${inside}/blacklist`), { status: 422, body: { code: 'ENTRY_INVALID' } })
  await ana.hangup()
  await stream.next('call.recorded', inside)
})

t.test('an entry that says nothing is refused, and why; one has its time', async t => {
  const refused: [entry: object, status: number, detail: RegExp][] = [
    [{ match: 'drop table' }, 422, /no number/],
    [{ match: '*' }, 422, /no number/],
    [{ match: '' }, 400, /match/],
    [{ match: '1', action: 'shout' }, 400, /action/],
    [{ match: '1', scope: 'dialled:${EXTEN}' }, 400, /scope/],
    [{ match: '1', reason: 'a\r\nb' }, 400, /reason/],
    [{ match: '1', expiresAt: '2020-01-01T00:00:00Z' }, 422, /is over/],
    [{ match: '1', hits: 5 }, 400, /additional/],
  ]
  for (const [entry, status, detail] of refused)
    t.match(await crm.post('/v1/blacklist', entry), { status, body: { detail } }, JSON.stringify(entry))
  await list({ match: E164, expiresAt: new Date(lab.clock.now() + 1_500).toISOString() })
  t.match(await preview(CALLER, askingFirst('7701')), { does: 'busy' })
  await retry(lab.clock, 'its time to be over', 5_000, async () =>
    (await preview(CALLER, askingFirst('7701'))).does === 'number' ? true : undefined,
  )
  t.match(await crm.get(`/v1/blacklist/${encodeURIComponent(E164)}`), { status: 404 })
})

t.test(
  'a file with broken lines: all is refused, or the rest is kept; and what is written out is read again',
  async t => {
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'text/csv' }
    const send = async (text: string | Buffer, query = '', type = 'text/csv') => {
      const answer = await fetch(`${daemon().address}/v1/blacklist/import?${query}`, {
        ...{ method: 'POST', body: text, headers: { ...headers, 'content-type': type } },
      })
      return { status: answer.status, body: (await answer.json()) as { lines?: object[]; refused?: { line: number; why: string }[]; taken?: number; added?: number; code?: string } } // prettier-ignore
    }
    const LINES = 2_000
    const isBad = (i: number) => i % 10 === 3
    const lines = Array.from({ length: LINES }, (_, i) => (isBad(i) ? `bad${i},"` : `+49${1_000_000 + i},from a file`))
    const file = ['match,reason', ...lines].join('\r\n')
    const all = await send(file)
    t.match(all, { status: 422, body: { code: 'IMPORT_REFUSED' } })
    t.strictSame(all.body.lines?.map(bad => (bad as { line: number }).line), lines.flatMap((_, i) => (isBad(i) ? [i + 2] : []))) // prettier-ignore
    t.strictSame((await crm.get<{ entries: object[] }>('/v1/blacklist')).body.entries, [], 'nothing of it')
    const rest = await send(file, 'onError=skip')
    t.match(rest, { status: 200, body: { taken: LINES * 0.9, added: LINES * 0.9 } })
    t.equal(rest.body.refused?.length, LINES / 10)
    const out = await crm.text('/v1/blacklist/export')
    t.equal(out.trimEnd().split('\r\n').length, 1 + LINES * 0.9)
    t.match(await send(out), { status: 200, body: { taken: LINES * 0.9, added: 0, refused: [] } })
    t.equal((await entryNow('+491000000')).reason, 'from a file')
    t.match(await send(''), { status: 422 })
    t.match(await send('{}', '', 'application/json'), { status: 415 })
    t.match(await send('match\n1', 'onError=maybe'), { status: 400 })
    t.match(await send(`match\n${'9'.repeat(100_000)}\n+4999*\n`, 'onError=skip'), { status: 200, body: { taken: 1, refused: [{ line: 2 }] } }) // prettier-ignore
    t.match(await send('number\n1', 'onError=skip'), { body: { lines: [{ line: 1 }] } })
    const gbk = Buffer.concat([
      Buffer.from('match,reason,,\r\n+491555,'),
      Buffer.from([0xb1, 0xb1, 0xbe, 0xa9]),
      Buffer.from(',,\r\n,,,\r\n'),
    ])
    const unicode = Buffer.from('\ufeffmatch\treason\r\n+491556\t"said ""no"", twice"\r\n', 'utf16le')
    t.match(await send(unicode), { status: 200, body: { lines: 2, taken: 1, refused: [] } })
    t.equal((await entryNow('+491556')).reason, 'said "no", twice', 'Unicode text, as Excel writes it')
    const unnamed = await send(gbk, 'onError=skip')
    t.match(unnamed, { status: 422, body: { lines: [{ line: 2, why: /^is not in utf-8: name the charset/ }] } })
    t.match(await send('match\n+491555', '', 'text/csv; charset=utf-7'), { status: 415 })
    for (const [query, type] of [
      ['charset=gbk', 'text/csv'],
      ['charset=GB2312', 'text/csv'],
      ['', 'text/csv; charset="GBK"'],
    ] as const) {
      t.match(await send(gbk, query, type), { status: 200, body: { lines: 3, taken: 1, refused: [] } })
      t.equal((await entryNow('+491555')).reason, '北京')
    }
    t.match(await send(Buffer.from('\ufeffmatch,reason\n+491555,上海', 'utf16le')), { status: 200, body: { taken: 1 } })
    t.equal((await entryNow('+491555')).reason, '上海')
    t.match(await send('match,reason\n+491556,Caf\ufffd'), {
      status: 422,
      body: { lines: [{ line: 2, why: /replaced/ }] },
    })
    const [one, two] = await Promise.all([send(file, 'onError=skip'), send(file, 'onError=skip')])
    t.strictSame([one.status, two.status].sort(), [200, 409], 'one file at a time')
  },
)

t.test('callers who show what is no number are callers without one, and nothing else happens', async t => {
  await list({ match: 'anonymous', action: 'hangup' })
  for (const from of ['9'.repeat(200), '${SHELL(id)}', '1&PJSIP/1001', 'restricted', 'a,b,c']) {
    // As the rules of SIP addresses have it.
    const call = await callIn(lab, { from: encodeURIComponent(from), to: askingFirst('7701'), talkMs: 100 })
    const told = (await stream.next('call.recorded')).data.call
    t.equal(told.from.number, from.slice(0, told.from.number.length), from.slice(0, 20))
    t.match(told.routing, { does: 'hangup', because: blacklisted('anonymous') }, from.slice(0, 20))
    await call.kill()
  }
  await remove('anonymous')
})

t.test('while Redis stands still, callers come through, and it is said that nobody has looked', async t => {
  await list({ match: E164 })
  // What rang before is not meant.
  await ana.clear()
  const pid = lab.redis.pid()
  await freeze(pid)
  t.teardown(() => pid !== undefined && process.kill(pid, 'SIGCONT'))
  await cust.dial(askingFirst('1001'))
  await ana.until('ringing')
  if (pid !== undefined) process.kill(pid, 'SIGCONT')
  const { data, subject } = await stream.next('call.routed')
  t.strictSame(data.call.routing, { does: 'dialplan', because: [{ rule: 'no-route' }, { rule: 'not-screened' }] })
  await cust.hangup()
  await stream.next('call.recorded', subject)
})

t.test('what is listed outlives the daemon and Redis', async t => {
  const story = await crm.get<{ entries: object[] }>('/v1/blacklist?limit=500')
  t.ok(story.body.entries.length > 100)
  t.match(await preview(CALLER, askingFirst('7701')), { does: 'busy' })
  stream.close()
})

t.end()
