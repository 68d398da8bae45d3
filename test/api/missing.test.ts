/** What is missing while something is at fault: each fault by itself, and the page that explains the words. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { MISSING, missingOf, type Seen } from '../../src/api/missing.js'
import { anApi } from '../given/api.js'

const well: Seen = {
  link: { state: 'ready' },
  storeFailing: false,
  connected: true,
  store: { state: 'redis', waiting: 0, readable: true, journalFilled: 0 },
}
const store = (change: Partial<Seen['store']>): Seen => ({ ...well, store: { ...well.store, ...change } })
const UNREAD = ['history', 'newest-history', 'older-events']

t.test('each fault', async t => {
  t.strictSame(missingOf(well), [])
  t.strictSame(missingOf({ ...well, link: { state: 'connecting' } }), ['calls'])
  t.strictSame(missingOf({ ...well, ari: { state: 'connecting' } }), ['calls'])
  t.strictSame(missingOf({ ...well, connected: false }), UNREAD, 'not connected, and nothing was written yet')
  t.strictSame(missingOf(store({ state: 'journal', readable: true })), ['newest-history'], 'full, or a replica')
  t.strictSame(missingOf(store({ state: 'journal', readable: false })), UNREAD, 'it hangs')
  t.strictSame(missingOf(store({ state: 'journal', readable: true, journalFilled: 0.9 })), [
    'newest-history',
    'journal-room',
  ])
  t.strictSame(missingOf(store({ state: 'memory', readable: false })), [...UNREAD, 'journal-room', 'durability'])
})

t.test('readiness says it, for each PBX and for all', async t => {
  const { api } = await anApi({ store: () => ({ state: 'memory', waiting: 3, readable: false, journalFilled: 1 }) })
  const missing = ['calls', ...UNREAD, 'journal-room', 'durability']
  t.match((await api.inject('/readyz')).json(), { ready: false, missing, pbxs: [{ missing }] })
  const text = JSON.stringify((await api.inject('/openapi.json')).json())
  for (const what of Object.keys(MISSING)) t.match(text, `\`${what}\`: `, what)
})

t.test('docs/degraded.md explains each word, and no other', async t => {
  const page = readFileSync('docs/degraded.md', 'utf8')
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| (.*?) +\|$/gm)].map(([, what = '', text = '']) => [what, text])
  t.strictSame(Object.fromEntries(rows), MISSING)
})
