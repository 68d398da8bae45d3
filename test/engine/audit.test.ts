/** The audit: an end that was never told is found out; what is only under way is not taken for lost. */
import t from 'tap'
import { sleep } from '../../src/base/clock.js'
import type { EpochMs } from '../../src/base/ids.js'
import { no, ok } from '../../src/base/result.js'
import { systemClock } from '../../src/base/system.js'
import type { ChannelSeen, LegFact } from '../../src/pbx/facts.js'
import { createAudit, suspected } from '../../src/engine/audit.js'
import * as given from '../given/calls.js'
import { aLinkStatus } from '../given/link.js'

const talking = given.tell(given.theyTalk()).call
if (!talking) throw new Error('no call')

const there: ChannelSeen[] = talking.legs.map(leg => ({
  leg: leg.id,
  linked: given.ana,
  name: leg.name,
  state: 'up',
  caller: { number: '', name: '' },
  exten: '',
  since: leg.startedAt,
  bridge: 'b1' as never,
}))
const gone = (facts: readonly LegFact[]) => facts.filter(f => f.type === 'channel.gone').map(f => f.leg)

/** An audit each 30 s, beside a PBX that has the channels given for each look. */
function anAudit(lists: (ChannelSeen[] | 'silent')[], calls = [talking]) {
  let now = given.at(0)
  const due: { at: EpochMs; run: () => void }[] = []
  const looks: number[] = []
  const found: LegFact[] = []
  const audit = createAudit({
    link: {
      start: () => undefined,
      send: () => Promise.resolve(ok(undefined)),
      status: () => aLinkStatus('ready'),
      stop: () => Promise.resolve(),
      channels: () => {
        looks.push((now - given.at(0)) / 1_000)
        const list = lists.shift() ?? []
        return Promise.resolve(list === 'silent' ? no('PBX_SILENT') : ok(list))
      },
    },
    clock: {
      now: () => now,
      wake: (at, run) => {
        const one = { at, run }
        due.push(one)
        return () => void due.splice(due.indexOf(one), 1)
      },
    },
    everyMs: 30_000,
    calls: () => calls.filter(call => call !== undefined),
    found: facts => found.push(...facts),
  })
  audit.start()
  /** Lets the next timer go off. */
  const next = async () => {
    const one = due.shift()
    now = one?.at ?? now
    one?.run()
    // All that was answered at once has been heard when the next timer of the real clock goes off.
    await sleep(systemClock, 0)
  }
  return { audit, looks, found, next, waits: () => due.length }
}

t.test('what is as it was told, is looked at every half minute and no more', async t => {
  const { looks, found, next } = anAudit([there, there, there])
  for (let i = 0; i < 3; i++) await next()
  t.strictSame(looks, [30, 60, 90])
  t.strictSame(found, [])
})

t.test('an end that was not told is believed at the second look', async t => {
  const { looks, found, next } = anAudit([[], []])
  await next()
  t.strictSame(found, [], 'its Hangup may be under way')
  await next()
  t.strictSame(looks, [30, 32])
  t.strictSame(gone(found), [given.ana, given.ben])
  t.ok(found.every(fact => fact.inferred))
})

t.test('what was under way at the first look is no difference at the second', async t => {
  const newcomer: ChannelSeen = { ...there[0], leg: given.leg('7.1'), linked: given.leg('7.1') } as ChannelSeen
  const { looks, found, next } = anAudit([[...there, newcomer], there, []])
  for (let i = 0; i < 3; i++) await next()
  t.strictSame(looks, [30, 32, 62])
  t.strictSame(found, [])
})

t.test('nobody is asked while no call lives, and silence proves nothing', async t => {
  const idle = anAudit([[]], [])
  await idle.next()
  t.strictSame(idle.looks, [])
  const silent = anAudit(['silent', 'silent'])
  await silent.next()
  await silent.next()
  t.strictSame(silent.found, [])
  silent.audit.stop()
  t.equal(silent.waits(), 0, 'and a stopped audit leaves no timer behind')
})

t.test('who is in a bridge alone waits there, and talks with nobody', async t => {
  const { call } = given.tell([
    given.anaDials(0),
    ...given.benIsDialled(1),
    given.picksUp(2),
    given.picksUp(2, given.ana),
  ])
  if (!call) throw new Error('no call')
  const types = (channels: ChannelSeen[]) => suspected([call], channels, given.at(60)).map(f => f.type)
  const [ana, ben] = there as [ChannelSeen, ChannelSeen]
  const { bridge: _, ...aside } = ben
  t.strictSame(types([ana, aside]), [])
  t.strictSame(types([ana, ben]), ['dial.ended', 'bridge.entered', 'bridge.entered'], 'with him, she is answered')
})
