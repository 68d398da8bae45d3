/** The table of errors and its page say the same, both ways. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ERRORS } from '../src/base/errors.js'

t.test('docs/errors.md is the table', async t => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8').replace(/ {2,}/g, ' ')
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| (yes|no) \| (.+) \|$/gm)]
  const documented: unknown = Object.fromEntries(
    rows.map(([, code, status, retry, text]) => [code, { status: Number(status), retry: retry === 'yes', text }]),
  )
  t.strictSame(documented, ERRORS)
})
