/** What docs/asterisk-versions.md says of the recordings of Asterisk 16 beside those of 22. */
import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folders = { '22': 'test/facts', '16': 'test/facts/16' } as const
type Version = keyof typeof folders

const storiesOf = (version: Version) =>
  readdirSync(folders[version])
    .filter(file => file.endsWith('.ami'))
    .sort()

/** The headers that each event had at least once. */
function headersOf(version: Version): Record<string, string[]> {
  const headers = new Map<string, Set<string>>()
  for (const file of storiesOf(version))
    for (const frame of readFileSync(join(folders[version], file), 'utf8').split('\r\n\r\n')) {
      const event = /^Event: (\w+)/.exec(frame)?.[1]
      if (event === undefined) continue
      const known = headers.get(event) ?? new Set()
      headers.set(event, known)
      for (const line of frame.split('\r\n')) known.add(line.slice(0, line.indexOf(':')))
    }
  return Object.fromEntries([...headers].map(([event, names]) => [event, [...names].sort()]))
}

/** Every kind of line that is in any story. */
function linesOf(version: Version, suffix: string, kind: RegExp): Set<string> {
  const files = readdirSync(folders[version]).filter(file => file.endsWith(suffix))
  const text = files.map(file => readFileSync(join(folders[version], file), 'utf8')).join('')
  return new Set([...text.matchAll(kind)].map(([, name = '']) => name))
}

t.test('both have every story', async t => t.strictSame(storiesOf('16'), storiesOf('22')))

t.test('the same events with the same headers, but for TechCause', async t => {
  const [newer, older] = [headersOf('22'), headersOf('16')]
  const added = Object.entries(newer).flatMap(([event, names]) =>
    names.filter(name => !(older[event] ?? []).includes(name)).map(name => `${event} ${name}`),
  )
  const hangups = ['Hangup', 'HangupRequest', 'SoftHangupRequest']
  t.strictSame(
    added.sort(),
    hangups.map(event => `${event} TechCause`),
  )
  t.strictSame(Object.keys(older).sort(), Object.keys(newer).sort())
  for (const [event, names] of Object.entries(older))
    t.strictSame(
      names.filter(name => !(newer[event] ?? []).includes(name)),
      [],
      event,
    )
})

t.test('CEL of 22 has four more kinds of line, queue_log the same', async t => {
  const cel = (version: Version) => linesOf(version, '.cel.csv', /^"(\w+)"/gm)
  const more = [...cel('22')].filter(kind => !cel('16').has(kind)).sort()
  t.strictSame(more, ['DTMF', 'LOCAL_OPTIMIZE_BEGIN', 'STREAM_BEGIN', 'STREAM_END'])
  const queueLog = (version: Version) => [...linesOf(version, '.queue_log', /^(?:[^|\n]*\|){4}(\w+)/gm)].sort()
  t.strictSame(queueLog('16'), queueLog('22'))
})
