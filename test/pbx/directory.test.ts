/** The directory over the API, and the queues that are made of it, on the real PBX. */
import t from 'tap'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDirectory } from '../../src/directory/file.js'
import type { AuditPage } from '../../src/events/activity.js'
import type { Staff, Workgroup } from '../../src/events/directory.js'
import type { QueueView } from '../../src/events/queue.js'
import { CannotRender, render } from '../../src/render-command.js'
import { agentsOf, DIRECTORY } from '../given/agents.js'
import { anExchange, KEY } from '../given/exchange.js'

const more = { 'queues.conf': '#tryinclude "queues-aladdin.conf"' }
const { lab, crm, phone, daemon, restart } = await anExchange(t, { agents: { directory: DIRECTORY }, more })
const { agent, ask } = agentsOf(crm)
type Refused = { code?: string; detail?: string }
const { etc } = lab.asterisk

t.test('staff are made, changed and taken out, and it is noted by whom', async t => {
  const stream = await crm.webSocket('types=directory.changed')
  const fay = {
    id: '8006',
    name: 'Fay',
    role: 'agent',
    workgroups: [{ workgroup: 'team-a', level: 4 }],
    password: 'gehe1m',
  }
  t.match(await crm.post('/v1/staff', fay), { status: 201, body: { id: '8006', hasPassword: true } })
  t.match(await crm.post<Refused>('/v1/staff', fay), { status: 409, body: { code: 'ENTRY_EXISTS' } })
  t.match(await agent('8006'), { name: 'Fay', state: 'signed-out' })
  const { password: _, ...same } = fay
  for (const path of ['/v1/staff', '/v1/staff/8006', '/v1/audit'])
    t.notMatch(await crm.text(path), /passwordHash/, `${path} keeps the hash to itself`)
  t.match(await crm.put('/v1/staff/8006', { ...same, name: 'Fay F.' }), { status: 200, body: { hasPassword: true } })
  t.match(await crm.put<Refused>('/v1/staff/8006', { ...same, role: 'boss' }), {
    status: 422,
    body: { code: 'ENTRY_INVALID' },
  })
  t.match(await crm.put<Refused>('/v1/staff/8006', { ...same, hasPassword: true }), { status: 400 })
  for (const [name, status] of [
    ['Fay G.', 200],
    ['', 400],
  ] as const)
    t.match(await crm.put('/v1/staff/8006?dryRun=true', { ...same, name }), { status })
  t.match(await crm.put<Refused>('/v1/staff/8006?dryRun=true&by=8001', same), { status: 403 })
  t.equal((await crm.post('/v1/staff?dryRun=true', { ...same, id: '8007' })).status, 204)
  t.match(await crm.post<Refused>('/v1/staff?dryRun=true', same), { status: 409, body: { code: 'ENTRY_EXISTS' } })
  t.equal((await crm.remove('/v1/staff/8006?dryRun=true')).status, 204)
  t.equal((await crm.get('/v1/staff/8007')).status, 404, 'nothing was made')
  t.match((await crm.get('/v1/staff/8006')).body, { name: 'Fay F.' }, 'nor changed, nor taken out')
  const denied = await crm.put<Refused>('/v1/staff/8006?by=8001', same)
  t.match(denied, { status: 403, body: { code: 'RIGHT_MISSING' } })
  t.match(await crm.put('/v1/staff/8006?by=8100', { ...same, password: null }), { status: 200 })
  t.notOk((await crm.get<Staff>('/v1/staff/8006')).body.hasPassword)
  t.equal((await crm.remove('/v1/staff/8006')).status, 204)
  t.match(await crm.get('/v1/staff/8006'), { status: 404, body: { code: 'ENTRY_NOT_FOUND' } })
  const { changes } = (await crm.get<AuditPage>('/v1/audit?entry=8006')).body
  t.match(changes, [
    { by: 'key:lab', was: { name: 'Fay' } },
    { by: 'staff:8100', password: 'removed' },
    { by: 'key:lab', was: { name: 'Fay' }, now: { name: 'Fay F.' } },
    { by: 'key:lab', now: { name: 'Fay', hasPassword: true }, password: 'set' },
  ])
  t.notMatch(JSON.stringify(changes), /gehe1m|scrypt/)
  t.match((await stream.next('directory.changed')).data, { change: { kind: 'staff', entry: '8006', by: 'key:lab' } })
  stream.close()
  t.ok((await crm.get<AuditPage>('/v1/audit?by=file')).body.changes.length > 10, 'the file was the first')
})

t.test('a workgroup is found, changed and deleted in any letter case, and has one entry', async t => {
  const group = { id: 'Back-Office', name: 'Back office', wrapUpMs: 1_000, ringForMs: 15_000 }
  t.match(await crm.post('/v1/workgroups', group), { status: 201 })
  t.match(await crm.post('/v1/workgroups', { ...group, id: 'back-office' }), { status: 409 })
  const changed = await crm.put('/v1/workgroups/BACK-OFFICE', { ...group, id: 'BACK-OFFICE', name: 'Office' })
  t.match(changed, { status: 200, body: { id: 'Back-Office', name: 'Office' } })
  t.match(await crm.get('/v1/workgroups/back-office'), { status: 200, body: { id: 'Back-Office', name: 'Office' } })
  t.equal((await crm.remove('/v1/workgroups/back-office')).status, 204)
  await restart()
  t.equal((await crm.get('/v1/workgroups/Back-Office')).status, 404)
})

t.test('a wrong password, often', async t => {
  const ben = await phone({ extension: '1002' })
  const had = (await crm.get<Staff>('/v1/staff/8002')).body
  t.match(await crm.put('/v1/staff/8002', { ...had, password: '4711' }), { status: 200 })
  const tries = (password: string) => ask('8002', 'sign-in', { extension: '1002', password })
  for (const staff of ['8002', '9999'])
    t.match(await ask(staff, 'sign-in', { extension: '1002', password: 'wrong' }), {
      status: 403,
      body: { code: 'SIGN_IN_REFUSED' },
    })
  await ben.dial('*228002*4711')
  await ben.until('closed')
  t.match(await agent('8002'), { state: 'ready', cause: 'code' }, 'with digits, on the phone')
  t.match(await ask('8002', 'sign-out'), { status: 200 })
  await Promise.all(Array.from({ length: 5 }, () => tries('wrong')))
  t.match(await tries('4711'), { status: 429, body: { code: 'TOO_MANY_ATTEMPTS' } }, 'not even the right one')
  await ben.close()
})

t.test('a dictionary is retired from, not broken', async t => {
  const had = (await crm.get<{ entries: { code: string }[] }>('/v1/dictionaries/11')).body
  const without = { ...had, entries: had.entries.slice(1) }
  t.match(await crm.put<Refused>('/v1/dictionaries/11', without), { status: 409, body: { code: 'ENTRY_IN_USE' } })
  t.match(await crm.remove<Refused>('/v1/dictionaries/11'), { status: 409 })
  const more = { code: '4', names: { en: 'Meeting', zh: '会议' } }
  t.match(await crm.put('/v1/dictionaries/11', { ...had, entries: [...had.entries, more] }), { status: 200 })
})

t.test('exported, it is a file that could be loaded; the daemon keeps it over a restart', async t => {
  const file = await crm.text('/v1/directory')
  const parsed = parseDirectory(file)
  t.ok(parsed.ok && parsed.value.staff.get('8002')?.passwordHash)
  await restart()
  t.equal(await crm.text('/v1/directory'), file)
  const { entries } = (await crm.get<{ entries: Workgroup[] }>('/v1/workgroups')).body
  t.match(
    entries.find(({ id }) => id === 'sales'),
    { adopted: true, strategy: 'ringall' },
  )
  t.equal(entries.find(({ id }) => id === 'team-a')?.adopted, undefined)
})

const put = async (id: string, change: object) => {
  const known = (await crm.get<{ entries: Workgroup[] }>('/v1/workgroups')).body.entries.some(w => w.id === id)
  const body = { id, name: id, ...change }
  return known ? crm.put(`/v1/workgroups/${id}`, body) : crm.post('/v1/workgroups', body)
}
const asked = () => ({ to: etc, api: daemon().address, key: KEY, write: false, reload: false })

t.test('workgroups become queues; what others have put there stays as it is', async t => {
  await t.rejects(render(asked()), { constructor: CannotRender, message: /team-a is in queues.conf already/ })
  t.notOk(existsSync(join(etc, 'queues-aladdin.conf')), 'nothing was written')
  const site = readFileSync(join(etc, 'queues.conf'), 'utf8')
  writeFileSync(join(etc, 'queues.conf'), site.replace(/\[team-[ab]\]\(brief\)\nstrategy = rrmemory\n/g, ''))
  await put('hotline', { strategy: 'fewestcalls', serviceLevelMs: 30_000, maxWaitMs: 60_000 })
  const { differences } = await render(asked())
  t.strictSame(differences, [
    'hotline is new',
    'team-a is new',
    'team-b is new',
    'globals: ALADDIN_MAX_WAIT_hotline unset -> 60',
  ])
  t.notOk(existsSync(join(etc, 'queues-aladdin.conf')), 'not yet')
  const before = (await crm.get<QueueView>('/v1/queues/lab:sales')).body.members
  t.match(await render({ ...asked(), write: true, reload: true }), { written: true, reloaded: true })
  t.match((await crm.get('/v1/queues/lab:hotline')).body, {
    strategy: 'fewestcalls',
    serviceLevelMs: 30_000,
    label: 'hotline(0)',
  })
  t.strictSame((await crm.get<QueueView>('/v1/queues/lab:sales')).body.members, before)
  t.match(await render(asked()), { differences: [] })
  await put('hotline', { strategy: 'random', serviceLevelMs: 30_000, maxWaitMs: 60_000 })
  const changed = await render({ ...asked(), write: true, reload: true })
  t.strictSame(changed.differences, ['hotline: strategy fewestcalls -> random'])
  t.match((await crm.get('/v1/queues/lab:hotline')).body, { strategy: 'random' })
})

t.test('an agent signs in at a queue that was just made', async t => {
  const cleo = await phone({ extension: '1003' })
  const had = (await crm.get<Staff>('/v1/staff/8003')).body
  const skills = [...had.workgroups, { workgroup: 'hotline', level: 8 }]
  t.match(await crm.put('/v1/staff/8003', { ...had, workgroups: skills }), { status: 200 })
  const signedIn = await ask('8003', 'sign-in', { extension: '1003' })
  t.match(signedIn, { status: 200, body: { workgroups: [{}, {}, { workgroup: 'hotline', member: true, penalty: 2 }] } })
  const stream = await crm.webSocket('types=agent.changed')
  t.match(await crm.put('/v1/staff/8003', { ...had, workgroups: [{ workgroup: 'hotline', level: 3 }] }), {
    status: 200,
  })
  for (;;) {
    const { workgroups } = (await stream.next('agent.changed', 'lab:8003')).data.agent
    if (workgroups.length === 1 && workgroups[0]?.penalty === 7) break
  }
  t.match(await crm.remove<Refused>('/v1/staff/8003'), { status: 409, body: { code: 'ENTRY_IN_USE' } })
  t.match(await ask('8003', 'sign-out'), { status: 200 })
  stream.close()
  await cleo.close()
})

t.end()
