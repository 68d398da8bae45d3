/** The end of a log says which tests failed. */
import t from 'tap'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

type Failing = {
  add: (fullName: string, assertion: string) => void
  missed: (file: string, why: string) => void
  lines: () => string[]
}
const LONG = 'x'.repeat(500)
const path = join(import.meta.dirname, '../../../scripts/failing.mjs')
const { createFailing } = (await import(pathToFileURL(path).href)) as { createFailing: () => Failing }

t.test('a line for each test, with its first failure and how many there are', async t => {
  const failing = createFailing()
  failing.add('build/test/pbx/members.test.js > two devices > should be equal', 'should be equal')
  failing.add('build/test/pbx/stories.test.js > blind: Ana transfers > it went\n  as told', 'it went\n  as told')
  failing.add('build/test/pbx/members.test.js > two devices > state', 'state')
  failing.add('build/test/pbx/members.test.js > two devices > penalty', 'penalty')
  t.strictSame(failing.lines(), [
    'FAILED test/pbx/members.test.ts > two devices: should be equal (and 2 more)',
    'FAILED test/pbx/stories.test.ts > blind: Ana transfers: it went as told',
  ])
})

t.test('a file that failed without a failed assertion is named, too', async t => {
  const failing = createFailing()
  failing.add('build/test/a.test.js > one > should be equal', 'should be equal')
  failing.missed('build/test/a.test.js', 'the file failed')
  failing.missed('build/test/b.test.js', 'the file failed')
  failing.add('build/test/b.test.js', 'build/test/b.test.js')
  t.strictSame(failing.lines(), [
    'FAILED test/a.test.ts > one: should be equal',
    'FAILED test/b.test.ts: the file failed',
  ])
})

t.test('lines and their number have a limit', async t => {
  const failing = createFailing()
  t.strictSame(failing.lines(), [], 'nothing failed')
  for (let n = 0; n < 60; n += 1) failing.add(`build/test/a.test.js > ${n} > ${LONG}`, LONG)
  failing.add('build/test/a.test.js > 0 > again', 'again')
  const lines = failing.lines()
  t.equal(lines.length, 51)
  t.equal(lines.at(-1), 'and 10 more tests failed')
  t.ok(lines.every(line => line.length <= 200))
  t.match(lines[0], /… \(and 1 more\)$/)
})
