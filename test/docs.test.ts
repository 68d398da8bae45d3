/** The pages say what the code does. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLOSE_CODES } from '../src/api/stream/sinks.js'
import { OUTCOMES } from '../src/events/call.js'
import { CALL_EVENTS, PBX_EVENTS } from '../src/events/event.js'
import { FOLLOW_UP_EVENTS } from '../src/events/follow-up.js'
import { QUEUE_EVENT_TYPES } from '../src/events/queue.js'
import { INVARIANTS } from './given/invariants.js'

const page = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8').replace(/ {2,}/g, ' ')
const events = page('events.md')
const rows = (pattern: RegExp, text = events) => [...text.matchAll(pattern)].map(([, ...cells]) => cells)

t.test('docs/events.md', async t => {
  t.strictSame(
    Object.fromEntries(rows(/^\| `((?:call|queue|missed|unreached|pbx)\.\w+)` \| (.+) \|$/gm)),
    { ...CALL_EVENTS, ...QUEUE_EVENT_TYPES, ...FOLLOW_UP_EVENTS, ...PBX_EVENTS },
    'the events',
  )
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
