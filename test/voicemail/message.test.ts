/** What the name of a recording says, and what becomes of a message. */
import t from 'tap'
import fc from 'fast-check'
import { toneWav } from '../../lab/sound.js'
import type { EpochMs, LegId } from '../../src/base/ids.js'
import {
  countsOf,
  durationMsOf,
  fileNameOf,
  heard,
  inBox,
  readName,
  viewMessage,
  type Message,
} from '../../src/voicemail/message.js'

const FILE = 'aladdin-vm-8001-1764412345-p491701234567-lab-1764412344_17'
const message: Message = {
  id: '8001-1764412345-lab-1764412344_17',
  box: '8001',
  file: FILE,
  from: { number: '+491701234567' },
  at: 1_764_412_345_000 as EpochMs,
  durationMs: 4_000,
  revision: 1,
}

t.test('the name of a file says it all', async t => {
  t.strictSame(readName(FILE), {
    id: message.id,
    box: '8001',
    at: message.at,
    caller: '+491701234567',
    leg: 'lab-1764412344_17',
  })
  t.match(readName('aladdin-vm-1-1764412345--1764412344_17'), { caller: '', leg: '1764412344_17' })
  t.equal(fileNameOf('lab-1764412344.17' as LegId), 'lab-1764412344_17')
})

t.test('other names are none', async t => {
  const bad = ['', 'survey-1', 'aladdin-vm-', FILE.replace('8001', 'x'), FILE.replace('p49', '+49'), `${FILE}.wav`, `${FILE}/..`, FILE.replace('-1764412345', '-1')] // prettier-ignore
  for (const name of bad) t.equal(readName(name), undefined, name)
  fc.assert(fc.property(fc.string(), name => readName(name) === undefined))
})

t.test('a copy in another box has another id, and says the same else', async t => {
  const copy = readName(inBox(FILE, '2009'))
  t.match(copy, { box: '2009', caller: '+491701234567', at: message.at })
  t.not(copy?.id, message.id)
})

t.test('how long it is', async t => {
  t.equal(durationMsOf(toneWav(400, 3)), 3_000)
  for (const wav of [Buffer.alloc(0), Buffer.alloc(44), Buffer.alloc(60)]) t.equal(durationMsOf(wav), 0)
})

t.test('heard, and new again; the same once more changes nothing', async t => {
  const at = (message.at + 60_000) as EpochMs
  const marked = heard(message, true, at, 'staff:8001')
  t.match(viewMessage('hq', marked, undefined), { state: 'heard', heardBy: 'staff:8001', revision: 2 })
  t.equal(heard(marked, true, at, 'key:crm'), marked)
  const again = heard(marked, false, at, 'key:crm')
  t.strictSame(again, { ...message, revision: 3 })
  t.equal(heard(message, false, at, 'x'), message)
})

t.test('what the light shows', async t => {
  const other = { ...message, id: 'b', box: '2009' }
  const old = { ...message, id: 'c', heardAt: message.at }
  const going = { ...message, id: 'd', deleting: true as const }
  t.strictSame(countsOf([message, other, old, going], '8001'), { fresh: 1, heard: 1 })
  t.strictSame(countsOf([], '8001'), { fresh: 0, heard: 0 })
})

t.test('whose box it is', async t => {
  t.match(viewMessage('hq', message, { box: '8001', agent: '8001', email: [] }), { id: `hq:${message.id}`, agent: '8001', state: 'new', at: '2025-11-29T10:32:25.000Z' }) // prettier-ignore
})
