/** What Asterisk wrote, as recorded in test/facts, becomes the facts of a story. */
import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { timeOf } from '../../src/ami/fields.js'
import { factOf } from '../../src/ami/normalise.js'
import { createParser, frameOf } from '../../src/ami/parse.js'
import { applyFact, nothingApplied } from '../../src/engine/apply.js'
import { createState } from '../../src/engine/state.js'
import type { EpochMs } from '../../src/base/ids.js'
import type { PbxFact } from '../../src/pbx/facts.js'
import { site } from '../given/calls.js'
import type { CallView } from '../../src/events/call.js'

const now = 1_700_000_000_000 as EpochMs
const folder = join(import.meta.dirname, '../../../test/facts')

function factsIn(name: string): PbxFact[] {
  const parser = createParser()
  const bytes = readFileSync(join(folder, name))
  const stream =
    bytes.subarray(0, 9).toString() === 'Asterisk '
      ? bytes
      : Buffer.concat([Buffer.from('Asterisk Call Manager/0\r\n'), bytes])
  return parser.push(stream).flatMap(frame => factOf(frame, now) ?? [])
}

/** The events told of a recording, and the last of each call. */
function told(name: string): { types: string[]; calls: CallView[] } {
  const state = createState([])
  const applied = nothingApplied()
  for (const fact of factsIn(name)) applyFact({ ...site, trunks: new Set(['trunk']) }, state, fact, applied)
  const events = applied.events.map(e => JSON.parse(e.json) as { type: string; data: { call: CallView } })
  const calls = new Map(events.map(e => [e.data.call.id, e.data.call]))
  return { types: events.map(e => e.type), calls: [...calls.values()] }
}

type Expected = { types: string[]; call: Record<string, unknown> }
const started = 'call.started'
const ringing = 'call.ringing'
const answered = 'call.answered'
const ended = 'call.ended'
const talked = [started, ringing, answered, ended]
const rang = [started, ringing, ended]
const missed = [started, ringing, 'call.unanswered', ended]

const stories: Record<string, Expected> = {
  'internal-answered.ami': {
    types: talked,
    call: {
      direction: 'internal',
      outcome: 'answered',
      endedBy: 'caller',
      from: { extension: '1001' },
      to: { extension: '1002' },
    },
  },
  'internal-answered-callee-ends.ami': {
    types: talked,
    call: { outcome: 'answered', endedBy: 'callee', causeQ850: 16 },
  },
  'internal-busy.ami': { types: missed, call: { outcome: 'busy', endedBy: 'callee', causeQ850: 17 } },
  'internal-declined.ami': { types: missed, call: { outcome: 'rejected', endedBy: 'callee', causeQ850: 21 } },
  'internal-cancelled.ami': { types: rang, call: { outcome: 'cancelled', endedBy: 'caller' } },
  'internal-no-answer.ami': {
    types: missed,
    call: { outcome: 'no-answer', endedBy: 'pbx', offers: [{ result: 'no-answer' }] },
  },
  'internal-unreachable.ami': {
    types: [started, ended],
    call: { outcome: 'unreachable', endedBy: 'pbx', causeQ850: 3 },
  },
  'inbound-answered.ami': { types: talked, call: { direction: 'inbound', outcome: 'answered' } },
  'inbound-abandoned.ami': { types: rang, call: { direction: 'inbound', outcome: 'cancelled', endedBy: 'caller' } },
  'outbound-answered.ami': { types: talked, call: { direction: 'outbound', outcome: 'answered' } },
  'outbound-busy.ami': { types: missed, call: { direction: 'outbound', outcome: 'busy', causeQ850: 17 } },
  'dial-answered.ami': {
    types: talked,
    call: { outcome: 'answered', from: { extension: '1001' }, to: { extension: '1002' } },
  },
  'dial-busy.ami': { types: missed, call: { outcome: 'busy', from: { extension: '1001' }, to: { extension: '1002' } } },
  // Asterisk does not tell a hangup over AMI from the end of the dialplan; the engine adds what it knows of its own.
  'hangup-by-api.ami': { types: talked, call: { outcome: 'answered', endedBy: 'pbx' } },
}

t.test('recorded stories', async t => {
  for (const [name, { types, call }] of Object.entries(stories)) {
    const result = told(name)
    t.strictSame(result.types, types, name)
    t.equal(result.calls.length, 1, `${name}: one call`)
    t.match(result.calls[0], call, name)
  }
})

t.test('no story is left out', async t => {
  const recorded = readdirSync(folder).filter(f => f.endsWith('.ami') && f !== 'dial-unreachable.ami')
  t.strictSame(recorded.sort(), Object.keys(stories).sort())
})

t.test('a phone that cannot be reached makes no call', async t => {
  const facts = factsIn('dial-unreachable.ami')
  t.match(
    facts.find(f => f.type === 'originate.ended'),
    { ok: false },
  )
  t.strictSame(told('dial-unreachable.ami').types, [])
})

t.test('time is the time of the PBX where it tells it', async t => {
  t.equal(timeOf(frameOf('Event: X\r\nTimestamp: 1700000001.234567'), now), 1_700_000_001_234)
  for (const odd of ['', 'x', '-1', '1e99']) t.equal(timeOf(frameOf(`Event: X\r\nTimestamp: ${odd}`), now), now, odd)
  t.equal(timeOf(frameOf('Event: X'), now), now)
})

t.test('an event without what makes it one is no fact', async t => {
  for (const text of [
    'Event: Hangup',
    'Event: Newchannel\r\nUniqueid: ',
    'Event: DialEnd\r\nDestUniqueid: 1.1\r\nDialStatus: ODD',
    'Event: constructor',
    'Event: __proto__',
    'nonsense',
    '',
  ])
    t.equal(factOf(frameOf(text), now), undefined, text)
})
