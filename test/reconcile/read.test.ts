/** The PBX's own files: as recorded, in their other common forms, and with anything in them. */
import fc from 'fast-check'
import t from 'tap'
import { callsOf } from '../../src/reconcile/calls.js'
import { readCdr } from '../../src/reconcile/cdr.js'
import { readCel, type CelRow } from '../../src/reconcile/cel.js'
import { readCsv } from '../../src/base/csv.js'
import { readQueueLog } from '../../src/reconcile/queue-log.js'
import { timeOf, UTC } from '../../src/reconcile/time.js'
import { ok } from '../../src/base/result.js'
import { book, VERSIONS } from '../given/books.js'

for (const version of VERSIONS)
  t.test(`every line that Asterisk ${version} wrote can be read`, async t => {
    const [cel, cdr, log] = [book(version, 'cel.csv'), book(version, 'cdr.csv'), book(version, 'queue_log')]
    const lines = (text: string) => text.split('\n').length - 1
    t.match(readCel(cel), { bad: [], rows: { length: lines(cel) } })
    t.match(readCdr(cdr), { bad: [], rows: { length: lines(cdr) } })
    t.match(readQueueLog(log), { bad: [], rows: [{ event: 'QUEUESTART' }] })
    const calls = callsOf(readCel(cel).rows)
    t.equal(calls.length, 24)
    t.equal(calls.filter(call => call.talks.length === 1).length, 18)
    t.ok(calls.every(call => call.channels.length === 2 && call.endedAt !== undefined))
    t.equal(calls.filter(call => call.dialStatus === 'BUSY').length, 3)
  })

const csv = (text: string) => readCsv(text, fields => ok(fields))

t.test('quotes, commas and line breaks in fields', async t => {
  t.strictSame(csv('"a","b ""c"", d",,e\n"x"\r\n"two\nlines","y"\n').rows, [
    ['a', 'b "c", d', '', 'e'],
    ['x'],
    ['two\nlines', 'y'],
  ])
  t.strictSame(csv('"whole"\n"half').rows, [['whole']], 'a line that is still being written is left for later')
})

t.test('a line that cannot be read is named, and takes nothing with it', async t => {
  const broken = csv('"a"\n"never closed\n"b"\n"c" d\n"e"\n')
  t.strictSame(broken.rows, [['a'], ['b'], ['e']])
  t.match(broken.bad, [{ line: 2 }, { line: 4, why: 'text behind a closing quote' }])
  t.match(csv(`"${'x'.repeat(70_000)}"\n"b"\n`), { rows: [['b']], bad: [{ line: 1, why: 'too long' }] })
})

t.test('times, as the two usual settings and a few others write them', async t => {
  const at = Date.parse('2026-11-25T22:20:34.977Z')
  for (const text of ['1795645234.977', '1795645234.977512', '2026-11-25 22:20:34.977', '2026-11-25T23:20:34.977+0100'])
    t.equal(timeOf(text, UTC), at, text)
  t.equal(timeOf('2026-11-25 23:20:34', { utcOffsetMinutes: 60 }), at - 977, 'in the zone of the PBX')
  t.equal(timeOf('1795645234', UTC), at - 977)
  for (const text of ['', 'now', '17', '2026-13-45 00:00:00', '1e12', '2026-11-25', '9'.repeat(400)])
    t.equal(timeOf(text, UTC), undefined, text)
})

const CDR = '"","1801","1900","from-phones","x","PJSIP/a-1","PJSIP/b-2","Dial","PJSIP/b","2026-11-25 22:20:39",'
t.test('call data records with and without the newer columns', async t => {
  const rest = '"2026-11-25 22:20:39","2026-11-25 22:20:40",1,1,"ANSWERED","DOCUMENTATION"'
  const row = (more: string) => readCdr(`${CDR}${rest}${more}\n`)
  t.match(row(',"lab-1.1","user","","lab-1.0",36').rows, [
    { leg: 'lab-1.1', linked: 'lab-1.0', billedS: 1, from: '1801' },
  ])
  t.match(row(',"lab-1.1","user"').rows, [{ leg: 'lab-1.1', disposition: 'ANSWERED' }])
  t.notOk('linked' in (row(',"lab-1.1"').rows[0] ?? {}))
  t.match(row('').bad, [{ line: 1, why: /loguniqueid=yes/ }])
  t.match(readCdr('"a","b"\n').bad, [{ line: 1, why: /fewer columns/ }])
  t.match(readCdr(`${CDR}"never","2026-11-25 22:20:40",1,-1,"ANSWERED","D","lab-1.1"\n`).bad, [{ why: /billsec/ }])
})

t.test('a line of a queue', async t => {
  const log =
    '1795645234|lab-1.1|support|Ana|CONNECT|3|lab-1.2|2\n1795645235|NONE|NONE|NONE|QUEUESTART|\nrubbish\n17|a|b|c|D\n'
  const { rows, bad } = readQueueLog(log)
  t.strictSame(rows[0]?.data, ['3', 'lab-1.2', '2'])
  t.match(rows, [{ event: 'CONNECT', leg: 'lab-1.1', queue: 'support', agent: 'Ana' }, { event: 'QUEUESTART' }])
  t.notOk('queue' in (rows[1] ?? {}))
  t.match(bad, [
    { line: 3, why: 'no event of a queue' },
    { line: 4, why: 'the time cannot be read' },
  ])
})

const row = (type: string, at: number, leg: string, more: Partial<CelRow> = {}) =>
  ({ type, at, leg, linked: '1.1', channel: `PJSIP/${leg}-1`, exten: '', ...more }) as CelRow

t.test('who talked with whom, and who does not count', async t => {
  const [call, ...others] = callsOf([
    row('CHAN_START', 0, '1.1'),
    row('CHAN_START', 1, '1.2'),
    row('BRIDGE_ENTER', 2, '1.1', { bridge: 'b' as never }),
    row('BRIDGE_ENTER', 3, '1.2', { bridge: 'b' as never }),
    row('BRIDGE_ENTER', 4, '1.3', { bridge: 'b' as never, channel: 'Local/x@y-1;1' }),
    row('BRIDGE_ENTER', 5, '1.4', { bridge: 'b' as never }),
    row('BRIDGE_EXIT', 6, '1.1', { bridge: 'b' as never }),
    row('BRIDGE_EXIT', 8, '1.2', { bridge: 'b' as never }),
    row('BRIDGE_ENTER', 9, '1.2', { bridge: 'p' as never, holding: true }),
    row('BRIDGE_ENTER', 9, '1.4', { bridge: 'p' as never, holding: true }),
    row('CHAN_START', 9, '2.1', { channel: 'Snoop/1.1-1' }),
  ])
  t.strictSame(others, [])
  t.strictSame(call?.talks, [{ legs: ['1.1', '1.2', '1.4'], startedAt: 3, endedAt: 8 }])
  t.equal(call?.endedAt, undefined, 'what never ended has no end')
})

t.test('anything in a file: no exception, and every line is read or named', async t => {
  const pieces = fc.constantFrom(
    '"',
    '""',
    ',',
    '\n',
    '\r\n',
    '|',
    '{',
    'CHAN_START',
    '1795645234.977',
    'lab-1.1',
    '\u0000',
    'é',
  )
  const text = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.array(pieces, { maxLength: 80 }).map(p => p.join('')),
  )
  const damaged = fc.tuple(fc.nat(60_000), fc.nat(40), text).map(([from, cut, put]) => {
    const whole = book('22', 'cel.csv')
    return whole.slice(0, from) + put + whole.slice(from + cut)
  })
  fc.assert(
    fc.property(fc.oneof(text, damaged), anything => {
      for (const read of [readCel, readCdr, readQueueLog]) read(anything)
      callsOf(readCel(anything).rows)
    }),
    { numRuns: 300 },
  )
  const whole = readCel(book('22', 'cel.csv')).rows.length
  fc.assert(
    fc.property(fc.nat(whole - 1), line => {
      const lines = book('22', 'cel.csv').split('\n')
      lines[line] = '"open,"quotes,'
      t.equal(readCel(lines.join('\n')).rows.length, whole - 1, 'one bad line costs one line')
    }),
    { numRuns: 50 },
  )
})
