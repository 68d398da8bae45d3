/** Lists by the caller's number: which scopes there are, and in which writings entries are found again. */
import t from 'tap'
import { ok } from '../../src/base/result.js'
import { QueueMap } from '../../src/base/queue-map.js'
import { NO_DIRECTORY } from '../../src/directory/state.js'
import type { Workgroup } from '../../src/events/directory.js'
import { site } from '../given/calls.js'
import { anEngine } from '../given/engine.js'
import { aKeptList } from '../given/number-list.js'

const workgroups = new QueueMap<Workgroup>([
  ['sales', { id: 'sales', name: 'Sales', number: '2000' }],
  ['silent', { id: 'silent', name: 'Silent' }],
] as [string, Workgroup][])
const staff = new Map([['8001', { id: '8001', name: 'Ana', role: 'none', workgroups: [] }]])
const inChina = { ...site, country: 'CN' as const, ownArea: '021', trunkPrefix: '9' }
const by = { key: 'crm' }

function someLists() {
  const list = aKeptList()
  const blacklist = { list, rules: { message: ['no'], priority: -10 } }
  const directory = { ...NO_DIRECTORY, workgroups, staff }
  const { engine } = anEngine(() => ok(undefined), { site: inChina, directory, blacklist, dedicated: aKeptList() })
  const add = (match: string, scope = 'all') => engine.blacklist.add({ match, scope, action: 'busy' }, by)
  const own = (match: string, scope: string) => engine.dedicated.add({ match, scope, agent: '8001' }, by)
  const begins = async (begin: string) => (await engine.blacklist.page(begin, undefined, 50)).entries.map(e => e.id)
  return { engine, list, add, own, begins }
}

t.test('a scope is a workgroup that has a number, in each list and in files', async t => {
  const { engine, add, own } = someLists()
  const refused = { ok: false, error: { code: 'ENTRY_INVALID', detail: /^scope: the workgroup/ } }
  for (const scope of ['workgroup:nope', 'workgroup:silent', `workgroup:${'x'.repeat(79)}`]) {
    t.match(await add('138', scope), refused, scope)
    t.match(await own('138', scope), refused, scope)
  }
  for (const ask of [add, own])
    t.match(await ask('138', 'workgroup:SALES'), { ok: true, value: { id: '138@workgroup:sales' } })
  const file = await engine.blacklist.import('skip', by)
  if (!file.ok) throw new Error('refused')
  await file.value.lines(['match,scope', '139,workgroup:nope', '139,workgroup:sales'])
  t.match(await file.value.end(), { ok: true, value: { taken: 1, refused: [{ line: 2, why: /^scope: / }] } })
  await engine.stop()
})

t.test('an entry for all calls may be named with its scope, as others are', async t => {
  const { engine, add } = someLists()
  await add('+86 138 1234 1234')
  await add('138', 'workgroup:sales')
  for (const id of ['+8613812341234', '+8613812341234@all', '138 1234 1234@all', '138@workgroup:SALES'])
    t.ok(await engine.blacklist.one(id), id)
  for (const id of ['138@all', '138@workgroup:nope', '+8613812341234@all@all', '@all', '@', '', 'x'.repeat(10_000)])
    t.notOk(await engine.blacklist.one(id), id.slice(0, 30))
  t.match(await engine.blacklist.remove('+8613812341234@all', by), { ok: true })
  await engine.stop()
})

t.test('the beginning of a number is found in each of its writings, in the order of the ids', async t => {
  const { engine, add, begins } = someLists()
  for (const match of ['+86 138 1234 1234', '138*', '+49 138 1', '61239*', '021 6123 4567', '9 138*', '95*'])
    await add(match)
  const mobile = ['+8613812341234']
  for (const begin of ['138 1234', '1381234', '+86 138-1234', '0086 138 1234', '0138 1234', '9 138 1234', '+861381234'])
    t.strictSame(await begins(begin), mobile, begin)
  t.strictSame(await begins('138'), ['+8613812341234', '138*'])
  t.strictSame(await begins('9138'), ['+8613812341234', '9138*'])
  t.strictSame(await begins('6123'), ['+862161234567', '61239*'])
  t.strictSame(await begins('95'), ['95*'])
  t.strictSame(await begins('+49'), ['+491381'])
  t.equal((await begins('')).length, 7)
  for (const none of ['\u0000', '\u202e', '${EXTEN}', '7'.repeat(64), 'x'.repeat(10_000)])
    t.strictSame(await begins(none), [])
  const first = await engine.blacklist.page('138', undefined, 1)
  t.match(first, { entries: [{ id: '+8613812341234' }], next: '+8613812341234' })
  const second = await engine.blacklist.page('138', first.next, 1)
  t.strictSame([second.entries.map(e => e.id), second.next], [['138*'], undefined])
  await engine.stop()
})

t.test('an entry from a call is about its caller and nobody else, or is refused', async t => {
  const { engine } = someLists()
  const block = (match: string) => engine.blacklist.add({ match, scope: 'all', action: 'busy' }, by, 'fromCall')
  const refused = { ok: false, error: { code: 'ENTRY_INVALID', detail: /means \+8613812345678; .*prefixedCallers/ } }
  t.match(await block('913812345678'), refused, 'a list reads it as the number behind the dial prefix')
  t.strictSame((await engine.blacklist.page('', undefined, 9)).entries, [])
  for (const match of ['9110', '+8613812345678', '1001', '95588'])
    t.match(await block(match), { ok: true, value: { match } })
  await engine.stop()
})

t.end()
