/**
 * A PBX that says what none should: each time it is passed over and counted, or the connection is left and taken up again;
 * and what comes after it is heard.
 */
import t, { type Test } from 'tap'
import { retry } from '../../lab/wait.js'
import { systemClock } from '../../src/base/system.js'
import type { PbxFact } from '../../src/pbx/facts.js'
import { aLinkedPbx, asPbx, type Linked } from '../given/ami-pbx.js'
import { yes } from '../given/ami-server.js'

const WITHIN_MS = 10_000
const frame = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`
const GOOD = frame('Event: Hangup', 'Uniqueid: good.1', 'Cause: 16')
const isGood = (fact: PbxFact) => fact.type === 'channel.gone' && fact.leg === 'good.1'
const bytes = (text: string) => Buffer.from(text, 'latin1')

/** The session of events is the first of the two that a link opens. */
const say = ({ server }: Linked, what: string | Buffer) => void server.sockets.at(-2)?.write(what)

/** What it makes of it, when something good follows. */
async function after(t: Test, what: string | Buffer) {
  const told = await aLinkedPbx(t)
  await told.ready()
  const since = told.facts.history.length
  say(told, what)
  say(told, GOOD)
  await told.facts.until('the good one', isGood, WITHIN_MS)
  t.equal(told.link.status().reconnects, 0, 'on the same connection')
  return { facts: told.facts.history.slice(since, -1), refused: told.refused }
}

t.test('passed over, and counted', async t => {
  const cases: [string, string | Buffer, string[]][] = [
    ['garbage', bytes('\xff\xfe\x00\x01 \x80garbage\r\n\x03\r\n\r\n'), ['no-header']],
    ['a response without an ActionID', frame('Response: Success', 'Message: x'), ['unasked']],
    ['a response to nobody', frame('Response: Error', 'ActionID: nobody'), ['unasked']],
    ['no Uniqueid', frame('Event: Newchannel', 'Channel: PJSIP/1001-1'), ['incomplete']],
    ['an empty one', frame('Event: Hangup', 'Uniqueid: '), ['incomplete']],
    ['one longer than any', frame('Event: Hangup', `Uniqueid: ${'1'.repeat(10_000)}`), ['incomplete']],
    ['a dial that ended in no known way', frame('Event: DialEnd', 'DestUniqueid: 1.1', 'DialStatus: ODD'), ['incomplete']],
    ['several', `${frame('nonsense')}${frame('Response: X')}${frame('Event: Hangup')}`, ['no-header', 'unasked', 'incomplete']],
  ] // prettier-ignore
  for (const [what, text, reasons] of cases) {
    const { facts, refused } = await after(t, text)
    t.strictSame(facts, [], what)
    t.strictSame(refused, reasons, what)
  }
})

t.test('passed over: what a PBX may well send, and means nothing to us', async t => {
  const cases: [string, string][] = [
    ['nothing', '\r\n\r\n\r\n\r\n\r\n\r\n'],
    ['an event of another kind', frame('Event: NewEventOfAsterisk30', 'Uniqueid: 1.1')],
    ['the end of a list that is over', frame('Event: CoreShowChannelsComplete', 'EventList: Complete', 'ActionID: x')],
  ]
  for (const [what, text] of cases) t.strictSame(await after(t, text), { facts: [], refused: [] }, what)
})

t.test('a UserEvent is no other event, and no answer', async t => {
  const spoofed = frame(
    'Event: UserEvent',
    'Privilege: user,all',
    'UserEvent: Odd',
    'Event: Hangup',
    'Uniqueid: 1.1',
    'Cause: 16',
    'Shutdown: Cleanly',
  )
  t.strictSame(await after(t, spoofed), { facts: [], refused: [] })

  t.test('that echoes the ids of our actions', async t => {
    const echo = (id: string) =>
      frame('Event: UserEvent', `ActionID: ${id}`, 'Response: Success', 'EventList: Complete')
    const channel = (id: string) =>
      frame('Event: CoreShowChannel', `ActionID: ${id}`, 'Uniqueid: 1.1', 'ChannelState: 6')
    const answer = (name: string, id: string) => {
      if (name !== 'CoreShowChannels') return `${echo(id)}${asPbx(name, id)}`
      const [start = '', end = ''] = asPbx(name, id).split(/(?<=start\r\n\r\n)/)
      return `${start}${echo(id)}${channel(id)}${echo(id)}${end}`
    }
    const told = await aLinkedPbx(t, { answer })
    await told.ready()
    t.match(told.facts.history[1], { type: 'pbx.seen', channels: [{ leg: '1.1' }] })
    t.equal(told.facts.history.length, 2)
    t.strictSame(told.refused, [])
  })
})

t.test('taken, and nothing of it taken for what it is not', async t => {
  const one = async (...lines: string[]) => (await after(t, frame(...lines))).facts
  t.match(await one('Event: Newstate', 'a line without', 'Uniqueid: 1.1', 'ChannelState: 5'), [{ leg: '1.1', state: 'ringing' }], 'a header without a colon') // prettier-ignore
  t.match(await one('Event: Hangup', 'Event: Newchannel', 'Uniqueid: 1.1', 'Uniqueid: 2.2'), [{ type: 'channel.gone', leg: '1.1' }], 'the first of two') // prettier-ignore
  for (const cause of ['-1', '0', '1e309', '99999999999999999999', '0x10000', 'NaN', '16.5'])
    t.notOk('causeQ850' in ((await one('Event: Hangup', 'Uniqueid: 1.1', `Cause: ${cause}`))[0] ?? {}), cause)
  for (const time of ['', '-5', '0', '12.5', '1e15', '99999999999', 'yesterday']) {
    const [fact] = await one('Event: Hangup', 'Uniqueid: 1.1', ...(time === '' ? [] : [`Timestamp: ${time}`]))
    t.ok(Math.abs((fact?.at ?? 0) - systemClock.now()) < 60_000, `a Timestamp of "${time}" is not believed`)
  }
  const named = async (name: string) => {
    const text = frame('Event: Newchannel', 'Uniqueid: 1.1', `CallerIDName: ${name}`)
    const [fact] = (await after(t, bytes(text))).facts
    return fact?.type === 'channel.created' ? fact.caller.name : undefined
  }
  t.equal(await named('J\xf6rg\xff'), 'J\ufffdrg\ufffd', 'what is no UTF-8')
  t.equal(await named('O\\\'Brien \\"the 2nd\\" a\\\\b'), 'O\'Brien "the 2nd" a\\b', 'as Asterisk writes it')
  t.equal(await named('a\\r\\nEvent: Hangup\\r\\nUniqueid: 1.1'), 'a  Event: Hangup  Uniqueid: 1.1', 'line breaks')
  t.equal((await named('x'.repeat(10_000)))?.length, 500)
  const many = Array.from({ length: 10_000 }, (_, i) => `Header${i}: ${i}`)
  t.match(await one('Event: Hangup', ...many, 'Uniqueid: 1.1'), [{ leg: '1.1' }], 'ten thousand headers')
})

t.test('a snapshot with nonsense in it', async t => {
  const item = (id: string, ...lines: string[]) => frame('Event: CoreShowChannel', `ActionID: ${id}`, ...lines)
  const answer = (name: string, id: string) => {
    if (name !== 'CoreShowChannels') return asPbx(name, id)
    const [start = '', end = ''] = asPbx(name, id).split(/(?<=start\r\n\r\n)/)
    const durations = ['99999999999999:00:00', '-1:00:00', 'x', '1e300:0:0', '::', '']
    const items = durations.map((time, i) => item(id, `Uniqueid: odd.x${i}`, `Duration: ${time}`))
    return `${start}${items.join('')}${item(id, 'Channel: none')}${item(id, 'Uniqueid: 99999999999.1')}${end}${end}`
  }
  const told = await aLinkedPbx(t, { answer })
  await told.ready()
  const seen = told.facts.history.find(fact => fact.type === 'pbx.seen')
  const channels = seen?.type === 'pbx.seen' ? seen.channels : []
  t.equal(channels.length, 7, 'one has no id')
  for (const { leg, since } of channels) t.ok(since > 0 && !Number.isNaN(new Date(since).getTime()), leg)
})

type Broken = {
  replyWithinMs?: number
  greeting?: string
  answer?: (name: string, id: string) => string
  say?: string | Buffer
}

/** The connection is left, for a reason; when the PBX has come to its senses, it is taken up again. */
async function leaves(
  t: Test,
  { greeting, answer, say: text, replyWithinMs = 300 }: Broken,
  why: RegExp,
  reasons: string[],
) {
  let sane = text !== undefined
  const reply = (name: string, id: string) => (answer && !sane ? answer(name, id) : asPbx(name, id))
  const told = await aLinkedPbx(t, { answer: reply, replyWithinMs, ...(greeting === undefined ? {} : { greeting }) })
  if (text !== undefined) {
    await told.ready()
    say(told, text)
  }
  const { lastError } = await retry(systemClock, 'a reason', WITHIN_MS, () =>
    Promise.resolve(told.changes.find(({ lastError }) => lastError !== undefined)),
  )
  t.match(lastError, why)
  t.strictSame(told.refused.slice(0, reasons.length), reasons)
  if (greeting !== undefined) {
    await told.link.stop()
    return told
  }
  sane = true
  await told.ready(text === undefined ? 1 : 2)
  say(told, GOOD)
  await told.facts.until('the good one', isGood, WITHIN_MS)
  return told
}

t.test('the connection is left, and taken up again', async t => {
  const line = Buffer.concat([bytes('Event: Hangup\r\nX: '), Buffer.alloc(10 << 20, 0x41)])
  t.test('a line of 10 MB without an end', t =>
    leaves(t, { say: line }, /more than 1048576 bytes/, ['too-large']).then(),
  )
  t.test('garbage without an end', t => leaves(t, { say: Buffer.alloc(2 << 20, 0xff) }, /more than/, ['too-large']).then()) // prettier-ignore

  t.test('cut in the middle of a frame', async t => {
    const told = await aLinkedPbx(t)
    await told.ready()
    say(told, 'Event: Hangup\r\nUniqueid: half.1\r\nCau')
    told.server.sockets.at(-2)?.end()
    await told.ready(2)
    say(told, `se: 16\r\n\r\n${GOOD}`)
    await told.facts.until('the good one', isGood, WITHIN_MS)
    t.notOk(told.facts.history.some(fact => 'leg' in fact && fact.leg === ('half.1' as never)))
    t.match(
      told.facts.history.find(fact => fact.type === 'link.down'),
      { reason: 'the PBX closed the connection' },
    )
  })

  t.test('a list without an end', t => {
    const open = (name: string, id: string) =>
      name === 'CoreShowChannels' ? `Response: Success\r\nActionID: ${id}\r\nEventList: start\r\n\r\n` : asPbx(name, id)
    return leaves(t, { answer: open }, /the list of channels could not be read/, []).then()
  })

  t.test('no answer at all', t => leaves(t, { answer: () => '' }, /no login: PBX_SILENT/, []).then())
  t.test('a list that grows for ever', async t => {
    const item = (id: string) => frame('Event: CoreShowChannel', `ActionID: ${id}`, `X: ${'y'.repeat(900_000)}`)
    const answer = (name: string, id: string) =>
      name === 'CoreShowChannels'
        ? asPbx(name, id).replace('Event: Core', `${item(id).repeat(80)}Event: Core`)
        : asPbx(name, id)
    await leaves(t, { answer, replyWithinMs: 10_000 }, /a list of more than 67108864 bytes/, ['too-large'])
  })
})

t.test('a greeting of somebody else: nothing is sent, the secret least of all', async t => {
  const greetings = [
    'SSH-2.0-OpenSSH_9.2\r\n',
    'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
    '\r\n',
    '220 mail\r\n',
  ]
  for (const greeting of greetings) {
    const { server, facts } = await leaves(t, { greeting }, /the greeting is not that of AMI/, ['banner'])
    t.equal(server.heard(), '', JSON.stringify(greeting))
    t.notOk(facts.history.some(({ type }) => type === 'pbx.seen'))
  }
  const endless = await leaves(t, { greeting: 'x'.repeat(5_000) }, /a greeting of more than 1000 bytes/, ['banner'])
  t.equal(endless.server.heard(), '')
  const silent = await leaves(t, { greeting: '' }, /no login: PBX_SILENT/, [])
  t.equal(silent.server.heard(), '', 'no greeting at all')
})

t.test('actions that are never answered leave nothing behind, and a late answer is nobody’s (F14)', async t => {
  const held: string[] = []
  let hold = false
  const answer = (name: string, id: string) => {
    if (name === 'Hangup' && hold) held.push(id)
    return name === 'Hangup' && hold ? '' : asPbx(name, id)
  }
  const told = await aLinkedPbx(t, { answer, replyWithinMs: 100, pingEveryMs: 60_000 })
  await told.ready()
  hold = true
  const hangup = { do: 'hangup', leg: '1.1' as never, causeQ850: 16 } as const
  for (let round = 0; round < 3; round++) {
    const sent = Array.from({ length: 900 }, (_, i) => told.link.send(hangup, `late-${round}-${i}`))
    for (const result of await Promise.all(sent)) t.strictSame(result, { ok: false, error: 'PBX_SILENT' })
  }
  hold = false
  t.equal(held.length, 2_700, 'each was sent: those that are given up take no place from the next')
  const commands = told.server.sockets.at(-1)
  for (const id of held) commands?.write(yes('Hangup', id))
  await retry(systemClock, 'the late ones', WITHIN_MS, () =>
    Promise.resolve(told.refused.length === 2_700 || undefined),
  )
  t.strictSame(await told.link.send(hangup, 'in-time'), { ok: true, value: undefined })
  t.equal(told.link.status().reconnects, 0)
})
