/** Callers whose number arrives but is not to be shown: the blacklist has them by their number, and among the anonymous. */
import t from 'tap'
import { viewCall } from '../../src/calls/view.js'
import { thisTurn } from '../../src/base/system.js'
import type { Fact } from '../../src/pbx/facts.js'
import { createTraces } from '../../src/engine/trace.js'
import type { ChannelSeen, LegFact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'
import { anEngine, down, seen, up } from '../given/engine.js'
import { anEmptyList } from '../given/number-list.js'
import { lastOfEach, tellAll } from '../given/recording.js'

const { at, leg } = given
const NUMBER = '+491701234567'

async function lookedFor(caller: { number: string; withheld?: true }) {
  const asked: string[][] = []
  const list = { ...anEmptyList, find: (numbers: readonly string[]) => (asked.push([...numbers]), Promise.resolve([])) }
  const { engine, tell } = anEngine(undefined, { blacklist: { list, rules: { message: ['no'], priority: -10 } } })
  tell([up(0), seen(0)])
  const { number, withheld } = caller
  const came = {
    leg: leg('1.1'),
    way: 'in',
    given: '2000',
    caller: { number, name: '' },
    ...(withheld && { withheld }),
  }
  tell([{ type: 'caller.handed', at: at(1), caller: came } as Fact])
  await new Promise<void>(resolve => thisTurn(resolve))
  await engine.stop()
  return asked
}

t.test('a trace does not have a number that must not be shown, and makes the same record', async t => {
  const caller = { number: NUMBER, name: 'Mr Secret' }
  const facts: LegFact[] = [
    given.appears(0, { of: given.ana, endpoint: 'trunk', number: NUMBER, name: 'Mr Secret', dials: '1002' }),
    { type: 'caller.changed', at: at(0), leg: given.ana, caller, withheld: true },
    ...given.benIsDialled(1),
    given.rings(2),
    given.isGone(3, given.ben),
    given.isGone(3, given.ana),
  ]
  const traces = createTraces([])
  for (const fact of facts) traces.hear(given.id, fact)
  const kept = traces.of({ id: given.id, pbx: given.site.pbx, legs: [] })?.facts ?? []
  t.equal(kept.length, facts.length)
  t.notMatch(JSON.stringify(kept), /1701234567|Secret/)
  const record = (told: readonly LegFact[]) => {
    const { type, call } = given.tell([...told, given.settles(6)]).events.at(-1) ?? {}
    return { type, call: call && viewCall(call) }
  }
  t.match(record(facts), { type: 'call.recorded' })
  t.strictSame(record(kept as LegFact[]), record(facts))
  const shown = createTraces([])
  for (const fact of facts.filter(({ type }) => type !== 'caller.changed')) shown.hear(given.id, fact)
  t.match(
    JSON.stringify(shown.of({ id: given.id, pbx: given.site.pbx, legs: [] })),
    '1701234567',
    'a number that is shown stays',
  )
})

/** The trunk's caller rings ben; nothing was heard of it. */
const begunUnheard = (more: { withheld?: true } = {}): ChannelSeen[] => {
  const caller = { number: NUMBER, name: 'Mr Secret' }
  const trunk = { caller, exten: '1002', dials: 'PJSIP/1002', ...more }
  return [
    given.channel(given.ana, 'trunk', trunk),
    given.channel(given.ben, '1002', { linked: given.ana, state: 'ringing', outgoing: true }),
  ]
}
const isTold = (facts: readonly Fact[]) => /1701234567|Mr Secret/.test(JSON.stringify(tellAll(facts)))

t.test('a call that begins while the link is away shows what the PBX says may be shown', async t => {
  const told = (channels: ChannelSeen[]): Fact[] => [
    up(0),
    seen(0),
    down(1),
    up(5),
    { type: 'pbx.seen', at: at(5), channels },
    given.rings(6),
    given.isGone(7, given.ben),
    given.isGone(7, given.ana),
    given.settles(12),
  ]
  t.ok(isTold(told(begunUnheard())))
  t.notOk(isTold(told(begunUnheard({ withheld: true }))))
})

t.test('the link went before it was said: what was told until then is taken back', async t => {
  const who = { of: given.ana, endpoint: 'trunk', number: NUMBER, name: 'Mr Secret', dials: '1002' }
  const channels = begunUnheard({ withheld: true })
  const gap: Fact[] = [down(1), up(5), { type: 'pbx.seen', at: at(5), channels }, given.rings(6)]
  const told = tellAll([up(0), seen(0), given.appears(0, who), ...gap]).filter(({ type }) => type.startsWith('call.'))
  t.match(lastOfEach(told), [{ from: { number: '' } }])
})

t.test('by the number, and as one who shows none', async t => {
  const [withheld = []] = await lookedFor({ number: NUMBER, withheld: true })
  t.strictSame([withheld[0], withheld.at(-1)], [NUMBER, 'anonymous'])
  const [shown = []] = await lookedFor({ number: NUMBER })
  t.strictSame([shown[0], shown.includes('anonymous')], [NUMBER, false], 'whoever shows it is not anonymous')
  t.strictSame(await lookedFor({ number: 'anonymous' }), [['anonymous']])
})
