/** What a caller hears follows from what the PBX tells. */
import t from 'tap'
import { createEars } from './ears.js'
import type { Fields } from '../../lab/ami.js'

const channel = (Uniqueid: string, Channel: string): Fields => ({ Event: 'Newchannel', Uniqueid, Channel, ChannelState: '6' }) // prettier-ignore
const event = (Event: string, Uniqueid: string, more: Fields = {}): Fields => ({ Event, Uniqueid, ...more })
const enters = (id: string, BridgeUniqueid = 'b1') => event('BridgeEnter', id, { BridgeUniqueid })
const leaves = (id: string, BridgeUniqueid = 'b1') => event('BridgeLeave', id, { BridgeUniqueid })

function heard(...frames: Fields[]) {
  const ears = createEars()
  for (const frame of [channel('c', 'PJSIP/trunk-1'), channel('a', 'PJSIP/1001-2'), ...frames]) ears.take(frame)
  return ears
}
const talk = [enters('c'), enters('a')]
const pair = [
  channel('l1', 'Local/1001@q-1;1'),
  channel('l2', 'Local/1001@q-1;2'),
  { Event: 'LocalBridge', LocalOneUniqueid: 'l1', LocalTwoUniqueid: 'l2' },
]

t.test('in a bridge: a voice, music, or nothing', async t => {
  t.equal(heard(...talk).hears('c'), 'a voice')
  t.equal(heard(...talk, event('Hold', 'a')).hears('c'), 'a phone that holds')
  t.equal(heard(...talk, event('Hold', 'a'), event('MusicOnHoldStart', 'c')).hears('c'), 'music')
  t.equal(heard(...talk, event('Hold', 'a'), event('Unhold', 'a')).hears('c'), 'a voice')
  t.equal(heard(...talk, leaves('a')).hears('c'), undefined, 'alone')
  t.equal(heard(...talk, event('Hangup', 'a')).hears('c'), undefined)
  const consults = [channel('b', 'PJSIP/1002-3'), event('Hold', 'a'), leaves('a'), enters('a', 'b2'), enters('b', 'b2')]
  t.equal(heard(...talk, ...consults).hears('b'), 'a voice', 'of who has another on hold')
  t.match(heard(...talk, leaves('a')).told('c'), /in a bridge with nobody/)
  const tool = [...talk, leaves('a'), channel('s', 'Snoop/c-1'), event('MusicOnHoldStart', 's')]
  t.equal(heard(...tool).hears('c'), 'music of a hold')
})

t.test('through a Local pair that stays', async t => {
  t.equal(heard(...pair, enters('c'), enters('l1'), enters('l2', 'b2'), enters('a', 'b2')).hears('c'), 'a voice')
  t.equal(heard(...pair, enters('c'), enters('l1'), enters('l2', 'b2')).hears('c'), undefined, 'nobody at its end')
  const rings = event('DialBegin', 'l2', { DestUniqueid: 'a' })
  t.match(heard(...pair, enters('c'), enters('l1'), rings).hears('c'), /^ringing/)
  const music = event('MusicOnHoldStart', 'l2')
  const held = [enters('c'), enters('l1'), enters('l2', 'b2'), enters('a', 'b2'), event('Hold', 'a')]
  t.equal(heard(...pair, ...held).hears('c'), 'a phone that holds')
  t.match(heard(...pair, ...held, leaves('a', 'b2'), music).hears('c'), /^music/, 'of the half')
  t.match(heard(...pair, enters('c'), enters('l1'), music).hears('c'), /^music/)
})

t.test('in a parking space: its number, if it was dialled, and then music', async t => {
  const parks = event('BridgeEnter', 'l2', { BridgeUniqueid: 'b3', BridgeType: 'parking' })
  const parked = (Application: string, ...frames: Fields[]) => {
    const ears = heard(...pair, enters('c'), enters('l1'), parks, ...frames)
    ears.seen({ Uniqueid: 'l2', Application })
    return ears.hears('c')
  }
  t.match(parked('Park'), /^the number of its parking space/)
  t.equal(parked('Dial'), undefined, 'by command: nobody says it to them')
  const music = event('MusicOnHoldStart', 'l2')
  t.match(parked('Park', music), /^music/)
  t.equal(parked('Park', music, event('MusicOnHoldStop', 'l2')), undefined, 'once')
})

t.test('in the dialplan: what it runs, or rings', async t => {
  const runs = (Application: string) => {
    const ears = heard()
    ears.seen({ Uniqueid: 'c', Application })
    return ears.hears('c')
  }
  t.equal(runs('Playback'), 'Playback')
  t.equal(runs('Stasis'), undefined)
  t.equal(runs('Wait'), undefined)
  const inRoom = (Application: string) => {
    const ears = heard(enters('c'))
    ears.seen({ Uniqueid: 'c', Application })
    return ears.hears('c')
  }
  t.equal(inRoom('ConfBridge'), 'a conference room')
  t.equal(inRoom('Dial'), undefined, 'a bridge with nobody is no room')
  const rings = event('DialBegin', 'c', { DestUniqueid: 'a' })
  t.equal(heard(rings).hears('c'), 'ringing')
  t.equal(heard(rings, event('DialEnd', 'c', { DestUniqueid: 'a' })).hears('c'), undefined)
  t.equal(heard(event('Hangup', 'c')).hears('c'), 'gone')
})

t.end()
