/** A caller with a name so long that the PBX cuts the rows of its channel event log: said of that call, and of no other. */
import t from 'tap'
import type { PbxId } from '../../src/base/ids.js'
import type { CallView } from '../../src/events/call.js'
import { reconcile } from '../../src/reconcile/all.js'
import { readCel } from '../../src/reconcile/cel.js'
import { USUAL } from '../../src/reconcile/compare.js'
import { told } from '../given/recording.js'
import { recordOf } from '../given/story-books.js'

const [call] = told('inbound-answered').calls
if (!call) throw new Error('it was recorded')
const cel = recordOf('inbound-answered', 'cel.csv')
const caller = call.legs[0]?.channel ?? ''
const LONG = 'x'.repeat(3_000)

const isOf = (line: string) => line.split('","')[9] === caller

/** As Asterisk 22 writes the rows of a channel whose caller has this name. */
const named = (name: string) =>
  cel
    .split('\n')
    .map(line => {
      const [type = '', time = '', , ...rest] = line.split('","')
      return isOf(line) ? `${type}","${time}","${[name, ...rest].join('","')}`.slice(0, 1_023) : line
    })
    .join('\n')
const without = cel
  .split('\n')
  .filter(line => !isOf(line))
  .join('\n')

const differences = (text: string, name: string, change: Partial<CallView> = {}) => {
  const ours: CallView = { ...call, ...change, from: { ...call.from, name } }
  return reconcile({ pbx: 'hq' as PbxId, gaps: [], ...USUAL }, [ours], { cel: readCel(text).rows }).differences
}
const unexplained = (...told: Parameters<typeof differences>) =>
  differences(...told).filter(({ reason }) => reason === undefined).length

t.test('the rows that are cut explain what the call lacks', async t => {
  t.strictSame(differences(cel, 'Anna'), [])
  t.ok(differences(named(LONG), LONG.slice(0, 500)).length > 0)
  t.equal(unexplained(named(LONG), LONG.slice(0, 500)), 0)
})

t.test('rows that are missing, or cut in the name of another, or at another time, explain nothing', async t => {
  t.ok(unexplained(without, LONG.slice(0, 500)) > 0)
  t.ok(unexplained(named(LONG), 'y'.repeat(500)) > 0)
  t.ok(unexplained(named('short'), 'short', { endedBy: 'callee' }) > 0)
  const later = (text = '') => new Date(Date.parse(text) + 60_000).toISOString()
  const moved = { startedAt: later(call.startedAt), endedAt: later(call.endedAt) }
  t.ok(unexplained(named(LONG), LONG.slice(0, 500), moved) > 0)
})

t.test('rows that are cut take no others with them', async t => {
  const whole = (text: string) => readCel(text).rows.filter(({ cut }) => cut === undefined).length
  t.equal(whole(named(LONG)), whole(without))
  t.ok(readCel(named(LONG)).rows.some(({ cut }) => cut?.startsWith('xxx')))
})
