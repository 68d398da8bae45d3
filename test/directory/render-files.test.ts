/** What `aladdin render` does with files: all of it, or nothing. */
import t, { type Test } from 'tap'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { asText, CannotRender, render } from '../../src/render-command.js'

const DIRECTORY = `
workgroups:
  - { id: team-a, name: A, strategy: ringall, maxWaitMs: 60000 }
`
const folder = (t: Test, files: object) => t.testdir({ 'directory.yaml': DIRECTORY, ...files })
const asked = (to: string) => ({ to, directory: join(to, 'directory.yaml'), write: true, reload: false })
const refused = (message: RegExp) => ({ constructor: CannotRender, message })
const ours = (to: string) => readdirSync(to).filter(file => file.includes('aladdin'))

t.test('written, with the mode that was there, and said', async t => {
  const to = folder(t, { 'queues.conf': '#include queues-aladdin.conf\n[sales]\n', 'queues-aladdin.conf': '' })
  chmodSync(join(to, 'queues-aladdin.conf'), 0o660)
  const done = await render(asked(to))
  t.match(done, { written: true, differences: ['team-a is new', 'globals: ALADDIN_MAX_WAIT_team_a unset -> 60'] })
  t.match(asText(done), /^written: queues-aladdin.conf, globals-aladdin.conf\nthe PBX reads the globals .*reload`$/m)
  t.equal(statSync(join(to, 'queues-aladdin.conf')).mode & 0o777, 0o660)
  t.match(readFileSync(join(to, 'queues-aladdin.conf'), 'utf8'), /\[team-a\]/)
  t.strictSame(ours(to), ['globals-aladdin.conf', 'queues-aladdin.conf'])
  t.match(await render(asked(to)), { written: false, differences: [] })
})

t.test('a queue of the site in a file that queues.conf includes', async t => {
  const to = folder(t, { 'queues.conf': '#include "sites/*.conf"\n', sites: { 'a.conf': '[TEAM-A]\n' } })
  await t.rejects(render(asked(to)), refused(/^team-a is in sites\/a.conf already/))
  t.strictSame(ours(to), [])
})

t.test('what cannot be read anew is not written', async t => {
  const to = folder(t, {})
  await t.rejects(render({ ...asked(to), reload: true }), refused(/--api/))
  t.strictSame(ours(to), [])
})

t.test('what is written and cannot be read anew is said to be written', async t => {
  const to = folder(t, {})
  const workgroup = { id: 'team-a', name: 'A', strategy: 'ringall', ringForMs: 1, wrapUpMs: 0, serviceLevelMs: 1 }
  const server = createServer(({ method }, answer) =>
    method === 'GET'
      ? answer.end(JSON.stringify({ entries: [workgroup] }))
      : answer.writeHead(503).end(JSON.stringify({ code: 'PBX_DOWN', title: 'away' })),
  )
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const api = { to, api: `http://127.0.0.1:${port}`, key: '', write: true, reload: true }
  await t.rejects(render(api), refused(/PBX_DOWN away\nwritten: queues-aladdin.conf/))
  t.ok(existsSync(join(to, 'queues-aladdin.conf')))
})

t.end()
