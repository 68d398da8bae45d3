/** What the PBX's own events must show of a command. */
import t from 'tap'
import type { Fields } from '../../lab/ami.js'
import type { CallView } from '../../src/events/call.js'
import { hasAnswered, missing } from './proof.js'

const call = (more: object = {}) => ({ legs: [], transfers: [], ...more }) as unknown as CallView
const asked = (command: string) => ({ command, at: '1001', body: {} })
const isShown = (command: string, frame: Fields, before = call()) => !missing(asked(command), before, [frame])
const snoop = (Event: string): Fields => ({ Event, Channel: 'Snoop/c-1' })
const phone = (Event: string): Fields => ({ Event, Channel: 'PJSIP/1001-1' })

t.test('a hold and a recording by the channel that does it', async t => {
  t.ok(isShown('hold', snoop('MusicOnHoldStart')))
  t.notOk(isShown('hold', phone('MusicOnHoldStart')), 'a phone that holds')
  t.ok(isShown('retrieve', snoop('Hangup')))
  t.notOk(isShown('retrieve', phone('Hangup')))
  t.ok(isShown('record', snoop('Newchannel')))
  t.ok(isShown('record/stop', snoop('Hangup')))
  t.ok(isShown('flash', snoop('Newchannel')))
  t.notOk(isShown('flash', phone('Hangup')))
})

t.test('a transfer that is taken back, also by flash', async t => {
  t.ok(isShown('transfers/@/cancel', phone('Hangup')))
  const asks = call({ transfers: [{ extension: '1001', state: 'consulting' }] })
  t.ok(isShown('flash', phone('Hangup'), asks))
})

t.test('somebody listens; who does already changes only how', async t => {
  t.notOk(isShown('listen', phone('Newchannel')))
  t.ok(isShown('listen', { Event: 'ChanSpyStart' }))
  const listens = call({ legs: [{ extension: '1001', role: 'monitor', state: 'up' }] })
  t.ok(isShown('listen', phone('Newstate'), listens))
})

t.test('a phone that rang has answered meanwhile', async t => {
  const rings = call({ legs: [{ id: 'a', state: 'ringing' }] })
  const answers: Fields = { Event: 'DialEnd', DestUniqueid: 'a', DialStatus: 'ANSWER' }
  t.ok(hasAnswered(rings, [answers]))
  t.notOk(hasAnswered(rings, [{ ...answers, DialStatus: 'CANCEL' }]))
  t.notOk(hasAnswered(rings, [{ ...answers, DestUniqueid: 'b' }]), 'one whom the command has rung')
  t.notOk(hasAnswered(call({ legs: [{ id: 'a', state: 'up' }] }), [answers]))
})

t.end()
