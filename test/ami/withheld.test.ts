/** Whose number must not be shown is asked before anything is told of a channel whose beginning nobody heard. */
import t from 'tap'
import type { LegId } from '../../src/base/ids.js'
import { encodeFields, presentationOf } from '../../src/ami/encode.js'
import { callersIn, MOST_ASKED } from '../../src/ami/withheld.js'
import { at, channel } from '../given/calls.js'
import { aLinkedPbx, asPbx } from '../given/ami-pbx.js'

const NUMBER = '13955550001'
const row = (id: string, leg: string, name: string, ...more: string[]) =>
  [
    ...['Event: CoreShowChannel', `ActionID: ${id}`, `Channel: ${name}`, `Uniqueid: ${leg}`, 'Linkedid: 1.1'],
    ...['ChannelState: 4', `CallerIDNum: ${NUMBER}`, ...more, '', ''],
  ].join('\r\n')
const ringing = [
  ...['Event: DialBegin', 'Channel: PJSIP/trunk-1', 'Uniqueid: 1.1', `CallerIDNum: ${NUMBER}`, 'Linkedid: 1.1'],
  ...['DestChannel: PJSIP/1001-2', 'DestUniqueid: 1.9', 'DestLinkedid: 1.1', '', ''],
].join('\r\n')

/** The channels 1.1 (withheld) and 1.2 (shown) are there; an event comes with the login. */
function aPbx(says: (leg: string) => string) {
  return (name: string, id: string, action: string) => {
    if (name === 'Login') return `${asPbx(name, id)}${ringing}`
    if (name === 'Getvar') return says(/^Channel: (.*)$/m.exec(action)?.[1]?.trim() ?? '').replace('THIS', id)
    const rows = `${row(id, '1.1', 'PJSIP/trunk-1')}${row(id, '1.2', 'PJSIP/trunk-3')}`
    const listed = asPbx(name, id)
    return name === 'CoreShowChannels' ? listed.replace('Event: CoreShowChannelsComplete', `${rows}$&`) : listed
  }
}
const says = (value: string) => `Response: Success\r\nActionID: THIS\r\nVariable: x\r\nValue: ${value}\r\n\r\n`

t.test('before what had come meanwhile is told, and in the list', async t => {
  const answer = aPbx(leg => says(leg === '1.1' ? 'prohib_not_screened' : 'allowed_not_screened'))
  const { ready, facts } = await aLinkedPbx(t, { answer })
  await ready()
  const told = facts.history
  t.match(told.slice(0, 2), [
    { type: 'channel.created', leg: '1.1' },
    { type: 'caller.changed', leg: '1.1', withheld: true },
  ])
  const seen = told.find(fact => fact.type === 'pbx.seen')
  t.strictSame(seen?.type === 'pbx.seen' ? seen.channels.map(c => c.withheld) : [], [true, undefined])
})

t.test('a PBX that does not say, or may not be asked, is followed all the same', async t => {
  for (const mute of ['', 'Response: Error\r\nActionID: THIS\r\nMessage: Permission denied\r\n\r\n']) {
    const { ready, facts } = await aLinkedPbx(t, { answer: aPbx(() => mute) })
    await ready()
    t.notOk(facts.history.some(fact => fact.type === 'caller.changed'))
  }
})

t.test('only callers with a number are asked, the newest of very many', async t => {
  const caller = { number: NUMBER, name: '' }
  const of = (id: string, more: object = {}) => channel(id as LegId, 'trunk', { caller, ...more })
  t.strictSame(
    callersIn([
      of('1.1'),
      of('1.2', { caller: { number: '', name: '' } }),
      of('1.3', { outgoing: true }),
      of('1.4', { state: 'ringing' }),
      of('1.5', { name: 'Local/1001@agents-1;1' }),
    ]),
    ['1.1'],
  )
  const many = Array.from({ length: MOST_ASKED + 10 }, (_, i) => of(`2.${i}`, { since: at(i) }))
  const asked = callersIn(many)
  t.equal(asked.length, MOST_ASKED)
  t.strictSame([asked.includes('2.9' as LegId), asked.includes('2.10' as LegId)], [false, true])
  t.ok(encodeFields('Getvar', 'a1', presentationOf('1700000000.1' as LegId)).ok)
})
