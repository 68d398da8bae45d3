/** What the blacklist makes of where a call would go; and the list as a file. */
import t from 'tap'
import type { EpochMs } from '../../src/base/ids.js'
import type { BlacklistAction, EntryKept } from '../../src/events/blacklist.js'
import { EntryAskedSchema } from '../../src/events/blacklist.js'
import { createCsv } from '../../src/routing/listed-csv.js'
import { idOf, isInForce, scopesOf } from '../../src/routing/listed.js'
import { screen } from '../../src/routing/blacklist.js'
import type { Decision } from '../../src/routing/decide.js'

const { columnsOf, entryOf, header, lineOf } = createCsv(EntryAskedSchema)
const rules = { message: ['gone', 'bye'], voicemail: '8500', priority: -10 }
const now = Date.parse('2026-11-30T10:00:00Z') as EpochMs
const route = { rule: 'route', name: 'hotline' } as const
const decision: Decision = { does: 'number', to: '2000', because: [route] }
const entry = (action: BlacklistAction, change: Partial<EntryKept> = {}): EntryKept => ({
  ...{ match: '+4930123', scope: 'all', action, addedBy: 'key:crm', addedAt: '2026-11-29T00:00:00.000Z' },
  ...change,
})
const after = (...entries: EntryKept[]) => screen(rules, decision, entries).decision
const because = (rule: 'blacklist' | 'allowed', name = '+4930123') => [route, { rule, name }]

t.test('each action', async t => {
  t.strictSame(after(), decision)
  t.strictSame(after(entry('busy')), { does: 'busy', because: because('blacklist') })
  t.strictSame(after(entry('hangup')), { does: 'hangup', because: because('blacklist') })
  t.strictSame(after(entry('message')), { does: 'message', say: rules.message, because: because('blacklist') })
  t.strictSame(after(entry('voicemail')), { does: 'voicemail', to: '8500', because: because('blacklist') })
  t.strictSame(after(entry('low-priority')), { ...decision, priority: -10, because: because('blacklist') })
  t.strictSame(after(entry('allow')), { ...decision, because: because('allowed') })
  const { voicemail: _, ...without } = rules
  const left = screen(without, decision, [entry('voicemail')]).decision
  t.match(left, { does: 'busy' }, 'a mailbox that is no more lets nobody through')
})

t.test('who is let through, is let through, however little of the number says so', async t => {
  const prefix = entry('allow', { match: '+49*' })
  t.strictSame(after(entry('busy'), prefix), { ...decision, because: because('allowed', '+49*') })
  t.match(after(prefix, entry('hangup', { scope: 'dialled:1' })), { does: 'number' })
})

t.test('what is over is over, to the millisecond', async t => {
  const until = (ms: number) => entry('busy', { expiresAt: new Date(now + ms).toISOString() })
  t.notOk(isInForce(until(0), now))
  t.ok(isInForce(until(1), now))
  t.ok(isInForce(entry('busy'), now))
})

t.test('scopes, and what an entry is called', async t => {
  t.strictSame(scopesOf('49301', ['sales']), ['all', 'dialled:49301', 'workgroup:sales'])
  t.strictSame(scopesOf('030', ['s'], ['+4930', '4930', '030']), [
    'all',
    'dialled:030',
    'dialled:+4930',
    'dialled:4930',
    'workgroup:s',
  ])
  t.equal(idOf(entry('busy')), '+4930123')
  t.equal(idOf(entry('busy', { scope: 'workgroup:sales' })), '+4930123@workgroup:sales')
})

const commas = (names: string[]) => ({ names, separator: ',' as const })

t.test('commas, semicolons or tabs: the first line shows what separates', async t => {
  for (const [separator, header, line] of [
    [',', 'match,action,reason', '+49*,hangup,"a;b"'],
    [';', 'match;action;reason', '+49*;hangup;a;'],
    [';', 'MATCH; Action;reason;;', '"+49*";hangup;"says ""no""; always"'],
    [';', '"match";"action";"reason"', '+49*;"hangup";a,b'],
    ['\t', 'match\taction\treason', '+49*\thangup\t"a, b"\t'],
  ] as const) {
    const columns = columnsOf(header)
    t.strictSame(columns, { ok: true, value: { names: ['match', 'action', 'reason'], separator } }, header)
    if (columns.ok)
      t.match(entryOf(columns.value, line), { ok: true, value: { match: '+49*', action: 'hangup' } }, line)
    if (columns.ok) t.strictSame(entryOf(columns.value, separator.repeat(4)), { ok: true, value: undefined })
  }
  for (const header of ['match|action', 'match:action', 'match,action;reason', 'match action'])
    t.match(columnsOf(header), { ok: false, error: /between commas, semicolons or tabs: match, / }, header)
  t.match(columnsOf('action;reason'), { ok: false, error: 'there is no column match' })
  t.match(columnsOf('match;match'), { ok: false, error: 'a column is there twice' })
})

t.test('a file: what is written can be read, and what cannot be read is said', async t => {
  const whole = {
    ...entry('hangup', { scope: 'workgroup:sales', reason: 'says "no", always', expiresAt: '2027-01-01T00:00:00Z' }),
    ...{ id: 'x', hits: 3, lastHitAt: '2026-11-29T00:00:00.000Z' },
  }
  const columns = columnsOf(header.trimEnd())
  t.ok(columns.ok)
  const named = columns.ok ? columns.value : commas([])
  const { match, scope, action, reason, expiresAt } = whole
  t.strictSame(entryOf(named, lineOf(whole).trimEnd()), {
    ok: true,
    value: { match, scope, action, reason, expiresAt },
  })
  t.strictSame(entryOf(commas(['match']), '+49*'), { ok: true, value: { match: '+49*', scope: 'all', action: 'busy' } })
  t.strictSame(columnsOf('Match, ACTION ,, '), { ok: true, value: commas(['match', 'action']) })
  for (const empty of ['', ',', ',,,', ' , ', '"",""']) t.strictSame(entryOf(commas(['match', 'action']), empty), { ok: true, value: undefined }) // prettier-ignore
  t.match(entryOf(commas(['match', 'action']), '+49*,busy,, '), { ok: true, value: { match: '+49*', action: 'busy' } })
  t.notOk(entryOf(commas(['match', 'action']), '+49*,busy,,x').ok)
  t.notOk(entryOf(commas(['match', 'reason']), '+49*,Caf\ufffd').ok)
  for (const bad of ['', 'number', 'match,match', 'action', 'match,"', '+4930']) t.notOk(columnsOf(bad).ok, bad)
  const table: [line: string, why: RegExp][] = [
    [',busy', /^match: /],
    ['1,shout', /^action: /],
    ['1,busy,2', /more fields/],
    ['"1', /./],
    ['1'.repeat(65), /^match: /],
    ['1'.repeat(1_001), /too long/],
  ]
  for (const [line, why] of table) {
    const read = entryOf(commas(['match', 'action']), line)
    t.match(read.ok ? '' : read.error, why, line.slice(0, 20))
  }
  t.notOk(entryOf(commas(['match', 'expiresAt']), '1,tomorrow').ok)
  t.notOk(entryOf(commas(['match', 'reason']), '1,a\u0007b').ok)
  t.notOk(entryOf(commas(['match', 'scope']), '1,everywhere').ok)
})
