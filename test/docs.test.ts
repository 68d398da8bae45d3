/** The pages say what the code does. */
import t from 'tap'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLOSE_CODES } from '../src/api/stream/sinks.js'
import { OUTCOMES } from '../src/events/call.js'
import { EVENTS } from '../src/events/event.js'
import { RIGHTS } from '../src/events/directory.js'
import { UNPLAYABLE, type Unplayable } from '../lab/stories/unplayable.js'
import { INVARIANTS } from './given/invariants.js'

const page = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8').replace(/ {2,}/g, ' ')
const events = page('events.md')
const rows = (pattern: RegExp, text = events) => [...text.matchAll(pattern)].map(([, ...cells]) => cells)

t.test('docs/events.md', async t => {
  t.strictSame(rows(/^\| `([a-z-]+\.[a-z]+)` \| (.+) \|$/gm), Object.entries(EVENTS), 'each event once, in order')
  const ends = rows(/^\| (\d{4}) \| `(\w+)` \|/gm).map(([code, why]) => [why, Number(code)])
  t.strictSame(
    new Map(ends as [string, number][]),
    new Map(
      Object.entries(CLOSE_CODES)
        .map(([why, { code }]) => [why, code] as const)
        .sort((a, b) => a[1] - b[1]),
    ),
    'the ends of a stream',
  )
  t.strictSame(rows(/^\| `([a-z-]+)` \| [^|]+ \|$/gm).flat(), [...OUTCOMES], 'the outcomes')
})

t.test('docs/states.md', async t => {
  t.strictSame(Object.fromEntries(rows(/^\| (I\d+) \| (.+) \|$/gm, page('states.md'))), INVARIANTS, 'the invariants')
})

/** Of the list of faults, those that concern what there is. */
const FAULTS = [...Array.from({ length: 24 }, (_, i) => `F${i + 1}`), 'F26', 'F27']

t.test('docs/faults.md', async t => {
  const table = rows(
    /^\| (F\d+) [^|]+ \| [^|]+ \| [^|]+ \| ([^|]+) \| `([\w/-]+)` ([^|]+) \| ([^|]+) \|$/gm,
    page('faults.md'),
  )
  t.strictSame(
    table.map(([fault]) => fault),
    FAULTS,
    'each fault once, in order',
  )
  for (const [fault = '', remedy = '', file = '', name = '', without = ''] of table) {
    const text = readFileSync(join(import.meta.dirname, `../../test/${file}.test.ts`), 'utf8')
    t.ok(
      ["'", '"', '`'].some(quote => text.includes(`${quote}${name}${quote}`)),
      `${fault}: ${file} has a test ${name}`,
    )
    for (const [source] of remedy.matchAll(/src\/[\w./-]+/g))
      t.ok(existsSync(join(import.meta.dirname, '../..', source)), `${fault}: ${source}`)
    t.ok(/[a-z]{4} /.test(without) || /journal|`Async`/.test(without), `${fault}: it is said what was taken out`)
  }
})

t.test('docs/field.md', async t => {
  const where = ({ profile, asterisk }: Unplayable) =>
    [...(profile ? [`the ${profile} PBX`] : []), ...(asterisk ? [`Asterisk ${asterisk}`] : [])].join(', ')
  t.strictSame(
    rows(/^\| `([\w-]+)` \| ([^|]+) \| ([^|]+) \|$/gm, page('field.md')),
    UNPLAYABLE.map(one => [one.stories, where(one), one.reason]),
    'the stories that cannot be played',
  )
})

t.test('config/directory.example.yaml', async t => {
  const text = readFileSync(join(import.meta.dirname, '../../config/directory.example.yaml'), 'utf8')
  t.strictSame(
    rows(/^ {2}# ([a-z-]+): {2,}\S.*$/gm, text.replace(/: (?! )/g, ':  ')).flat(),
    Object.keys(RIGHTS),
    'the rights, each explained',
  )
})
