/** Events that come twice, in another order, or not at all, with real calls: the records beside a daemon that hears them all. */
import t, { type Test } from 'tap'
import { mixedLoad } from '../../lab/mixed-load.js'
import type { PbxId } from '../../src/base/ids.js'
import { compareCalls, USUAL } from '../../src/reconcile/compare.js'
import { compareDispositions } from '../../src/reconcile/dispositions.js'
import { aChaosExchange, booksOf, settledRecords, unnumbered } from '../given/chaos.js'

const { lab, ami, plain, tried } = await aChaosExchange(t, { auditEveryMs: 3_000 })
const LOAD = { seconds: 4, ratePerSecond: 8, talkMs: 500 }
const pbx = 'lab' as PbxId
let made = 0

async function both() {
  made += (await mixedLoad(lab, LOAD)).made
  ami.calm()
  return { straight: await settledRecords(lab, plain, made), through: await settledRecords(lab, tried, made) }
}

const once = (t: Test, ids: readonly string[], what: string) => t.equal(new Set(ids).size, ids.length, what)

t.test('each event twice', async t => {
  const stream = await tried.webSocket()
  ami.set({ duplicate: 1 })
  const { straight, through } = await both()
  t.ok(ami.counts.duplicated > 500)
  t.strictSame(unnumbered(through), unnumbered(straight))
  once(t, stream.all.map(e => e.id), 'no event twice') // prettier-ignore
  for (const type of ['call.started', 'call.ended', 'call.recorded'])
    once(t, stream.all.filter(e => e.type === type).map(e => e.subject), `${type} once a call`) // prettier-ignore
  stream.close()
})

t.test('neighbours have changed places, up to five', async t => {
  const stream = await tried.webSocket()
  ami.set({ reorder: 1 })
  const { straight, through } = await both()
  t.ok(ami.counts.reordered > 100)
  t.strictSame(unnumbered(through), unnumbered(straight))
  once(t, stream.all.map(e => e.id), 'no event twice') // prettier-ignore
  stream.close()
})

t.test('one event of twenty is lost, Hangups too', async t => {
  ami.set({ drop: 0.05 })
  const { through } = await both()
  t.ok(ami.counts.dropped > 20, `${ami.counts.dropped} lost`)
  const { theirs, cdr, bad } = booksOf(lab)
  t.strictSame(bad, [])
  const differences = [
    ...compareCalls({ pbx, ours: through, theirs, gaps: [], ...USUAL }),
    ...compareDispositions(pbx, through, cdr),
  ]
  // One HangupRequest that is lost looks like an end by the PBX: docs/decisions/0028-offers-and-ends.md.
  const isPrice = ({ kind, ours }: (typeof differences)[number]) => kind === 'endedBy' && ours === 'pbx'
  const unexplained = differences.filter(d => d.reason === undefined && !isPrice(d))
  t.strictSame(unexplained, [], 'whatever is not as the PBX says, says so')
  t.ok(
    through.some(call => call.inferred),
    'and some do',
  )
  t.comment(`${through.filter(call => call.inferred).length} inferred, ${differences.length} differences explained`)
})

t.end()
