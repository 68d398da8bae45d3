/** The lists that Asterisk gives after a connect become channels that say where they are. */
import t from 'tap'
import { frameOf } from '../../src/ami/parse.js'
import { channelsSeen, type Lists } from '../../src/ami/snapshot.js'
import type { EpochMs } from '../../src/base/ids.js'
import { dialStringFor } from '../../src/pbx/dial-string.js'

const now = 1_700_000_100_000 as EpochMs
const frame = (event: string, ...lines: string[]) => frameOf([`Event: ${event}`, ...lines].join('\r\n'))
const channel = (id: string, name: string, ...lines: string[]) =>
  frame('CoreShowChannel', `Channel: ${name}`, `Uniqueid: 1700000000.${id}`, 'ChannelState: 6', ...lines)
const seen = (lists: Partial<Lists>) =>
  channelsSeen({ bridges: [], queues: [], parked: [], channels: [], ...lists }, now)

t.test('a caller in a queue has waited for as long as the queue says', async t => {
  const entry = frame('QueueEntry', 'Queue: sales', 'Position: 2', 'Uniqueid: 1700000000.1', 'Wait: 40')
  const member = frame('QueueMember', 'Queue: sales', 'Name: Ana')
  t.match(seen({ queues: [member, entry], channels: [channel('1', 'PJSIP/trunk-1')] }), [
    { queue: { name: 'sales', position: 2, since: now - 40_000 } },
  ])
})

t.test('a waiting room, a conference and a parking space', async t => {
  const holding = frame('BridgeListItem', 'BridgeUniqueid: b1', 'BridgeTechnology: holding_bridge')
  const room = frame('BridgeListItem', 'BridgeUniqueid: b2', 'BridgeCreator: ConfBridge', 'BridgeName: 3001')
  const space = frame('ParkedCall', 'ParkeeUniqueid: 1700000000.1', 'Parkinglot: default', 'ParkingSpace: 701')
  const channels = [
    channel('1', 'PJSIP/1001-1', 'BridgeId: b1'),
    channel('2', 'PJSIP/1002-2', 'BridgeId: b2'),
    channel('3', 'PJSIP/1003-3', 'BridgeId: b3'),
  ]
  t.match(seen({ bridges: [holding, room], parked: [space], channels }), [
    { bridge: 'b1', holding: true, parked: { lot: 'default', space: '701' } },
    { bridge: 'b2', room: '3001' },
    { bridge: 'b3' },
  ])
})

t.test('halves of a Local pair know one another', async t => {
  const channels = [channel('1', 'Local/1001@agents-00000004;1'), channel('2', 'Local/1001@agents-00000004;2')]
  t.match(seen({ channels }), [{ pair: '1700000000.2' }, { pair: '1700000000.1' }])
})

t.test('what a channel dials, without how', async t => {
  const dials = (application: string, data: string) => {
    const lines = [`Application: ${application}`, `ApplicationData: ${data}`]
    const [one] = seen({ channels: [channel('1', 'PJSIP/trunk-1', ...lines)] })
    return one?.dials
  }
  t.equal(
    dials('Dial', 'PJSIP/1001&Local/2001@from-queue/n,15,tTU(confirm^CONTINUE)'),
    'PJSIP/1001&Local/2001@from-queue/n',
  )
  t.equal(dials('Dial', ''), undefined)
  t.equal(dials('Queue', 'support,tT,,'), undefined)
  t.equal(dials('AppDial', '(Outgoing Line)'), undefined)
  t.equal(dials('Dial', 'x'.repeat(10_000))?.length, 500)
})

t.test('which part of a dial string a device was dialled by', async t => {
  const of = 'PJSIP/alice&Local/2001@from-queue/n&PJSIP/13800000001@telco&PJSIP/trunk/sip:139@10.0.0.1'
  for (const [device, part] of [
    ['PJSIP/alice', 'PJSIP/alice'],
    ['Local/2001@from-queue', 'Local/2001@from-queue/n'],
    ['PJSIP/telco', 'PJSIP/13800000001@telco'],
    ['PJSIP/trunk', 'PJSIP/trunk/sip:139@10.0.0.1'],
    ['local/2001@FROM-QUEUE', 'Local/2001@from-queue/n'],
    ['PJSIP/ali', undefined],
    ['Local/2001', undefined],
    ['', undefined],
  ] as const)
    t.equal(dialStringFor(of, device), part, device)
})

t.test('lists with anything in them', async t => {
  const odd = ['Wait: x', 'Position: -1', 'Queue: ', 'ParkingSpace: '].map(line =>
    frame('QueueEntry', line, 'Uniqueid: '),
  )
  t.strictSame(seen({ bridges: odd, queues: odd, parked: odd, channels: odd }), [])
  t.match(
    seen({
      queues: [frame('QueueEntry', 'Queue: q', 'Wait: 1e99', 'Uniqueid: 1700000000.1')],
      channels: [channel('1', 'odd')],
    }),
    [{ queue: { name: 'q', since: now } }],
  )
})
