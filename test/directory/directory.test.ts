/** The directory as data: what is wrong is refused as a whole, and a file that was written is read as it was. */
import t from 'tap'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { createAttempts, MOST_WRONG, WITHIN_MS } from '../../src/directory/attempts.js'
import { decideChange, type Change } from '../../src/directory/decide.js'
import { parseDirectory, PASSWORD_HASH, printDirectory } from '../../src/directory/file.js'
import { hashPassword, isPassword } from '../../src/directory/password.js'
import {
  isReason,
  mayStaff,
  NO_DIRECTORY,
  rightsOf,
  shown,
  withEntry,
  type Directory,
} from '../../src/directory/state.js'
import type { EpochMs } from '../../src/base/ids.js'
import type { Kind } from '../../src/events/directory.js'
import { DIRECTORY } from '../given/agents.js'

const text = readFileSync(DIRECTORY, 'utf8')
type File = Record<Kind, Record<string, unknown>[]>
const changed = (change: (file: File) => void) => {
  const file = parse(text) as File
  change(file)
  return parseDirectory(stringify(file))
}
const read = (): Directory => {
  const directory = parseDirectory(text)
  if (!directory.ok) throw new Error(directory.error.join('; '))
  return directory.value
}
const around = { isQueue: (name: string) => name === 'old-queue', isSignedIn: (staff: string) => staff === '8001' }

t.test('a file, and the same again', async t => {
  const directory = read()
  t.equal(directory.staff.size, 6)
  t.match(directory.workgroups.get('team-b'), { strategy: 'rrmemory', serviceLevelMs: 20_000 }, 'what is left out')
  t.strictSame(parseDirectory(printDirectory(directory)), { ok: true, value: directory })
  t.strictSame(parseDirectory(''), { ok: true, value: NO_DIRECTORY })
})

t.test('everything that is wrong with a file, at once', async t => {
  const cases: [(file: File) => void, RegExp][] = [
    [f => f.staff.push({ id: '8001', name: 'Again' }), /staff: two have the id 8001/],
    [f => f.roles.push({ id: 'agent', name: 'Again' }), /roles: two have the id agent/],
    [f => (f.roles[0] = { id: 'agent', name: 'Agent', includes: ['supervisor'] }), /roles agent: includes itself/],
    [f => f.staff.push({ id: '8009', name: 'X', role: 'boss' }), /staff 8009: there is no role boss/],
    [f => f.workgroups.push({ id: 'Team-A', name: 'Again' }), /workgroups: two have the id team-a/],
    [f => f.workgroups.push({ id: 'team-c', name: 'C', number: '2009' }), /two have the number 2009/],
    [
      f => f.staff.push({ id: '8009', name: 'X', workgroups: [{ workgroup: 'a' }, { workgroup: 'a' }] }),
      /a stands twice/,
    ],
    [f => f.staff.push({ id: 'x;y', name: 'X' }), /staff\.6\.id/],
    [f => f.staff.push({ id: '8009', name: 'X', passwordHash: 'plain' }), /passwordHash/],
    [f => f.workgroups.push({ id: 'a', name: 'A', strategy: 'any' }), /strategy/],
    [f => Object.assign(f, { others: [] }), /additional/],
  ]
  for (const [change, wrong] of cases) {
    const result = changed(change)
    t.match(result, { ok: false }, String(wrong))
    t.match(result.ok ? '' : result.error.join('\n'), wrong)
  }
  const both = changed(f => f.staff.push({ id: '8001', name: 'A', role: 'boss' }))
  t.equal(both.ok ? 0 : both.error.length, 2)
  t.match(parseDirectory('{'), { ok: false, error: [/not readable as YAML/] })
})

t.test('changes that cannot be', async t => {
  const directory = read()
  const [ana, teamA] = [directory.staff.get('8001'), directory.workgroups.get('team-a')]
  const reasons = directory.dictionaries.get('11')
  if (!ana || !teamA || !reasons) throw new Error('they are in the file')
  const cases: [Change, string][] = [
    [{ kind: 'staff', id: '8001', do: 'create', entry: ana }, 'ENTRY_EXISTS'],
    [{ kind: 'staff', id: '8009', do: 'replace', entry: { ...ana, id: '8009' } }, 'ENTRY_NOT_FOUND'],
    [{ kind: 'staff', id: '8009', do: 'delete' }, 'ENTRY_NOT_FOUND'],
    [{ kind: 'staff', id: '8001', do: 'replace', entry: { ...ana, id: '8002' } }, 'ENTRY_INVALID'],
    [{ kind: 'staff', id: '8001', do: 'replace', entry: { ...ana, role: 'boss' } }, 'ENTRY_INVALID'],
    [
      { kind: 'staff', id: '8001', do: 'replace', entry: { ...ana, workgroups: [{ workgroup: 'none', level: 1 }] } },
      'ENTRY_INVALID',
    ],
    [{ kind: 'staff', id: '8001', do: 'delete' }, 'ENTRY_IN_USE'],
    [{ kind: 'workgroups', id: 'team-a', do: 'delete' }, 'ENTRY_IN_USE'],
    [{ kind: 'roles', id: 'agent', do: 'delete' }, 'ENTRY_IN_USE'],
    [{ kind: 'dictionaries', id: '11', do: 'delete' }, 'ENTRY_IN_USE'],
    [
      { kind: 'dictionaries', id: '11', do: 'replace', entry: { ...reasons, entries: reasons.entries.slice(1) } },
      'ENTRY_IN_USE',
    ],
  ]
  for (const [change, code] of cases)
    t.match(
      decideChange(directory, change, around),
      { ok: false, error: { code } },
      `${change.kind} ${change.do} ${code}`,
    )
})

t.test('changes that can be', async t => {
  const directory = read()
  const ben = directory.staff.get('8002')
  const reasons = directory.dictionaries.get('11')
  if (!ben || !reasons) throw new Error('they are in the file')
  const adopted = { ...ben, workgroups: [{ workgroup: 'old-queue', level: 3 }] }
  const retired = { ...reasons, entries: reasons.entries.map(entry => ({ ...entry, retired: true })) }
  for (const change of [
    { kind: 'staff', id: '8002', do: 'replace', entry: adopted },
    { kind: 'staff', id: '8002', do: 'delete' },
    { kind: 'dictionaries', id: '11', do: 'replace', entry: retired },
  ] satisfies Change[]) {
    const next = decideChange(directory, change, around)
    t.ok(next.ok && next.value.changes === directory.changes + 1, `${change.kind} ${change.do}`)
  }
  t.equal(directory.staff.get('8002'), ben, 'the one before is as it was')
})

t.test('a workgroup is the same in any letter case, and keeps its own; a member of staff is not', async t => {
  const directory = read()
  const teamA = directory.workgroups.get('team-a')
  const ana = directory.staff.get('8001')
  if (!teamA || !ana) throw new Error('they are in the file')
  const entry = { ...teamA, id: 'TEAM-A', name: 'Renamed' }
  const next = decideChange(directory, { kind: 'workgroups', id: 'Team-a', do: 'replace', entry }, around)
  t.match(next, { ok: true })
  if (!next.ok) return
  t.equal(next.value.workgroups.size, directory.workgroups.size)
  t.match(next.value.workgroups.get('team-a'), { id: 'team-a', name: 'Renamed' })
  const kept = withEntry(NO_DIRECTORY, 'staff', 'Ana', { ...ana, id: 'Ana' })
  t.equal(withEntry(kept, 'staff', 'ana', { ...ana, id: 'ana' }).staff.size, 2)
})

t.test('reasons, rights and what is shown', async t => {
  const directory = read()
  t.strictSame(
    ['1', '2', '9', '3'].map(code => isReason(directory, code)),
    [true, true, false, false],
  )
  t.ok(isReason(NO_DIRECTORY, 'anything'))
  t.strictSame([...rightsOf(directory, 'supervisor')].sort(), ['callers', 'direct', 'supervise'])
  t.notOk(mayStaff(directory, '8001', 'supervise'))
  t.notOk(mayStaff(directory, 'nobody', 'supervise'))
  t.strictSame(shown({ id: '1', name: 'A', workgroups: [], passwordHash: 'x' }), {
    id: '1',
    name: 'A',
    workgroups: [],
    hasPassword: true,
  })
})

t.test('whatever the roles include, their rights end', async t => {
  const ids = ['a', 'b', 'c', 'd']
  const role = fc.record({
    includes: fc.subarray(ids),
    rights: fc.subarray(['supervise', 'callers', 'direct'] as const),
  })
  fc.assert(
    fc.property(fc.array(role, { minLength: 4, maxLength: 4 }), made => {
      const roles = new Map(made.map((one, i) => [ids[i] ?? '', { id: ids[i] ?? '', name: 'x', ...one }]))
      return rightsOf({ ...NO_DIRECTORY, roles }, 'a').size <= 3
    }),
  )
  t.pass()
})

t.test('passwords', async t => {
  const hash = await hashPassword('gehe1m', 'c2FsdHNhbHRzYWx0c2Fs')
  t.match(hash, new RegExp(PASSWORD_HASH))
  t.notMatch(hash, /gehe1m/)
  t.ok(await isPassword('gehe1m', hash))
  t.notOk(await isPassword('gehe1n', hash))
  t.notOk(await isPassword('gehe1m', undefined), 'nobody')
  const attempts = createAttempts()
  const at = (ms: number) => (1_700_000_000_000 + ms) as EpochMs
  for (let i = 0; i < MOST_WRONG; i++) {
    t.notOk(attempts.areTooMany('8001', at(i)))
    attempts.wasWrong('8001', at(i))
  }
  t.ok(attempts.areTooMany('8001', at(MOST_WRONG)))
  t.notOk(attempts.areTooMany('8002', at(MOST_WRONG)), 'somebody else')
  t.notOk(attempts.areTooMany('8001', at(WITHIN_MS)), 'the first is long ago')
  attempts.wasRight('8001')
  t.notOk(attempts.areTooMany('8001', at(MOST_WRONG)))
})

t.end()
