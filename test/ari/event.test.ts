/** What Asterisk 22 has sent over ARI, as it was recorded, and what is no event at all. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ariEventOf, factOfEvent, handedIn } from '../../src/ari/event.js'
import type { EpochMs } from '../../src/base/ids.js'

const recorded = JSON.parse(readFileSync(join(import.meta.dirname, '../../../test/ari/recorded.json'), 'utf8')) as {
  events: ({ type: string; timestamp: string } & Record<string, unknown>)[]
  channels: Record<string, unknown>[]
}
const leg = 'lab-1795919176.0'
const arrived = 5 as EpochMs
const factIn = (message: unknown) => {
  const event = ariEventOf(message)
  return event && factOfEvent(event, arrived)
}
const caller = { leg, way: 'in', given: '493012351001', caller: { number: '491701234567', name: '' } }
const first = recorded.events.find(e => e.type === 'StasisStart') ?? {}

t.test('each event that means something is a fact, by the time of the PBX', async t => {
  const facts = recorded.events.flatMap(message => {
    const fact = factIn(message)
    if (fact) t.equal(fact.at, Date.parse(message.timestamp.replace('+0000', 'Z')))
    return fact ? [{ ...fact, at: 0 }] : []
  })
  t.strictSame(facts, [
    { type: 'caller.handed', at: 0, caller },
    { type: 'key.pressed', at: 0, leg, key: '5' },
    { type: 'sound.ended', at: 0, sound: 'aladdin-say-1' },
    { type: 'voice.recorded', at: 0, name: 'survey-1', ok: true },
    { type: 'caller.back', at: 0, leg },
  ])
})

t.test('a channel of which the dialplan says nothing is a tool of our own', async t => {
  for (const args of [[], ['nonsense', '1'], [7], ['in', 'x'.repeat(101)], undefined])
    t.match(factIn({ ...first, args }), { type: 'tool.ready', tool: leg })
})

t.test('without a time of its own it is that of its arrival', async t => {
  for (const timestamp of [undefined, 'yesterday', 7]) t.equal(factIn({ ...first, timestamp })?.at, arrived)
})

t.test('what is no event, or lacks what it is about, is no fact', async t => {
  const bad: unknown[] = [
    ...[undefined, null, 7, 'x', [], {}, { type: 7 }, { type: 'StasisStart' }, { type: 'StasisEnd', channel: 7 }],
    ...[
      { type: 'ChannelDtmfReceived', channel: { id: 'a' } },
      { type: 'ChannelDtmfReceived', digit: '5' },
    ],
    { type: 'ChannelDtmfReceived', digit: '55', channel: { id: 'a' } },
    ...[{ type: 'PlaybackFinished' }, { type: 'PlaybackFinished', playback: { id: 'x'.repeat(200) } }],
    ...[
      { type: 'RecordingFinished', recording: {} },
      { type: 'ToString', channel: { id: 'a' } },
    ],
  ]
  for (const message of bad) t.equal(factIn(message), undefined, JSON.stringify(message))
})

t.test('who is there already, in the list of all channels', async t => {
  const { channels } = recorded
  t.strictSame(handedIn(channels, 'aladdin'), [caller])
  t.strictSame(handedIn(channels, 'other'), [], 'with another application')
  const [channel = {}] = channels
  const within = (dialplan: unknown) => handedIn([{ ...channel, dialplan }], 'aladdin')
  t.strictSame(within({ app_name: 'Dial', app_data: 'aladdin,in,1' }), [], 'in another part of the dialplan')
  t.strictSame(within({ app_name: 'Stasis', app_data: 'aladdin' }), [], 'a tool')
  t.match(within({ app_name: 'Stasis', app_data: 'aladdin,survey' }), [{ way: 'survey', given: '' }])
  for (const none of [undefined, null, {}, 'x', [null, 7, {}], [{ dialplan: 7 }]]) t.strictSame(handedIn(none, 'aladdin'), []) // prettier-ignore
})
