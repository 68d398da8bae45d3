/** What Asterisk writes becomes facts, or nothing. */
import t from 'tap'
import { timeOf } from '../../src/ami/fields.js'
import { factOf } from '../../src/ami/normalise.js'
import { frameOf } from '../../src/ami/parse.js'
import type { EpochMs } from '../../src/base/ids.js'
import { factsIn, told } from '../given/recording.js'

const now = 1_700_000_000_000 as EpochMs
t.test('a phone that cannot be reached makes no call', async t => {
  const facts = factsIn('dial-unreachable')
  t.match(
    facts.find(f => f.type === 'originate.ended'),
    { ok: false },
  )
  t.strictSame(told('dial-unreachable').types, [])
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
