/** A journal belongs to one daemon, and a killed one does not keep it. */
import t from 'tap'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freeze } from '../given/freeze.js'
import { openJournal } from '../../src/store/journal.js'

const LOCKED = /another daemon has this journal/
const dir = mkdtempSync(join(tmpdir(), 'aladdin-lock-'))
t.teardown(() => rmSync(dir, { recursive: true }))
const open = (name: string, at = dir) => openJournal({ dir: at, name, maxBytes: 1 << 20 })

/** Another process that has a journal, until it is killed. */
async function another(name: string) {
  const code = `import(${JSON.stringify(new URL('../../src/store/journal.js', import.meta.url).href)}).then(async m => {
    await m.openJournal(${JSON.stringify({ dir, name, maxBytes: 1000 })}); console.log('open'); setInterval(() => 0, 1e6) })`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const gone = new Promise(resolve => child.once('exit', resolve))
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('exit', () => reject(new Error('it has ended')))
  })
  return { pid: child.pid, gone, kill: () => child.kill('SIGKILL') }
}

t.test('a second one is refused, by name, and other journals are not', async t => {
  const first = await open('a')
  await t.rejects(open('a'), LOCKED)
  await t.rejects(open('a'), /another daemon has this journal: .*a\.lock; give each its own events\.journal\.dir/)
  const other = await open('b')
  await first.close()
  const again = await open('a')
  await Promise.all([again.close(), other.close()])
  t.strictSame(readdirSync(dir), [], 'nothing is left behind')
})

t.test('one that was killed does not keep it; one that stands still does', async t => {
  const owner = await another('c')
  await t.rejects(open('c'), LOCKED)
  await freeze(owner.pid)
  await t.rejects(open('c'), LOCKED, 'it may go on any moment')
  owner.kill()
  await owner.gone
  t.ok(existsSync(join(dir, 'c.lock')), 'what it left behind')
  const next = await open('c')
  await next.close()
})

t.test('however long the names are', async t => {
  const deep = join(dir, 'd'.repeat(100), 'e'.repeat(100))
  mkdirSync(deep, { recursive: true })
  const name = `${'p'.repeat(64)}-${'x'.repeat(32)}`
  const first = await open(name, deep)
  await t.rejects(open(name, deep), LOCKED)
  await first.close()
  const again = await open(name, deep)
  await again.close()
})

t.end()
