/** What docs/asterisk-versions.md says of the recordings of Asterisk 16 beside those of 22, and that what differs is played on both. */
import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PbxFact } from '../../src/pbx/facts.js'
import { factsIn } from '../given/recording.js'
import { PLAYED_ON_16 } from './sixteen.js'

const folders = { '22': 'test/facts', '16': 'test/facts/16' } as const
type Version = keyof typeof folders

const storiesOf = (version: Version) =>
  readdirSync(folders[version])
    .filter(file => file.endsWith('.ami'))
    .sort()

/** The headers that each event had at least once, in these stories. */
function headersOf(version: Version, among: (story: string) => boolean = () => true): Record<string, string[]> {
  const headers = new Map<string, Set<string>>()
  for (const file of storiesOf(version).filter(name => among(name.slice(0, -'.ami'.length))))
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

/** What a PBX says of a phone or of a member on its own comes at any time. */
const ofNoCall = ({ type }: PbxFact) => type === 'phone.changed' || type === 'member.changed'

/** Names that the PBX draws, and that the lab gives an action. */
const DRAWN = /aladdin-[\w-]+|\b\d{10}\.\d+\b|[0-9a-f]{8}-[0-9a-f-]{27}|-[0-9a-f]{8}\b|(?<=:")story-[\w-]+/g

/** A fact without names, and without the cause of a hangup that TechCause alone has. */
function shapeOf({ at: _, ...fact }: PbxFact): string {
  const untimed: Record<string, unknown> = { ...fact, atUs: undefined }
  if (fact.type === 'hangup.asked') delete untimed['causeQ850']
  return JSON.stringify(untimed).replace(DRAWN, '')
}

/** In whatever order: phones and the PBX say what they do at the same time. */
const shapesOf = (recording: string) =>
  factsIn(recording)
    .filter(fact => !ofNoCall(fact))
    .map(shapeOf)
    .sort()

const stories = storiesOf('22').map(file => file.slice(0, -'.ami'.length))

t.test('a story of which 16 tells something else is played on 16', async t => {
  const differ = stories.filter(story => shapesOf(story).join('\n') !== shapesOf(`16/${story}`).join('\n'))
  t.ok(differ.length > 20, `${differ.length} stories`)
  t.strictSame(
    differ.filter(story => !PLAYED_ON_16.has(story)),
    [],
  )
  t.strictSame([...PLAYED_ON_16].filter(story => !stories.includes(story)), [], 'each that is played is a story') // prettier-ignore
})

t.test('every event and header that 16 has in any story is in one that is played on it', async t => {
  const [all, played] = [headersOf('16'), headersOf('16', story => PLAYED_ON_16.has(story))]
  t.strictSame(played, all)
})
