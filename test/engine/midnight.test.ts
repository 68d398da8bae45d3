/** A new day: counters are published as they are then, by the time zone of each PBX, also on days of 23 and 25 hours. */
import t from 'tap'
import type { EpochMs } from '../../src/base/ids.js'
import { NO_DIRECTORY, type Directory } from '../../src/directory/state.js'
import { nextDay } from '../../src/engine/midnight.js'
import type { Batch } from '../../src/engine/writer.js'
import type { LegFact, PbxFact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'
import { aClock } from '../given/clock.js'
import { anEngine, aStore, seen } from '../given/engine.js'

const time = (text: string) => Date.parse(text) as EpochMs
const directory: Directory = {
  ...NO_DIRECTORY,
  staff: new Map([['8001', { id: '8001', name: 'Ana', workgroups: [] }]]),
}

t.test('the next day begins at its midnight, wherever that is', async t => {
  const cases: [zone: string, at: string, next: string][] = [
    ['Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-28T23:00:00.000Z'],
    ['Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00.000Z'],
    ['Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00.000Z'],
    ['Asia/Shanghai', '2026-11-29T15:59:59.999Z', '2026-11-29T16:00:00.000Z'],
    ['Asia/Kathmandu', '2026-11-29T12:00:00Z', '2026-11-29T18:15:00.000Z'],
    ['Asia/Beirut', '2026-03-28T12:00:00Z', '2026-03-28T22:00:00.000Z'],
    ['Pacific/Apia', '2011-12-29T12:00:00Z', '2011-12-30T10:00:00.000Z'],
    ['UTC', '2026-12-31T00:00:00Z', '2027-01-01T00:00:00.000Z'],
  ]
  for (const [zone, at, next] of cases) t.equal(new Date(nextDay(time(at), zone)).toISOString(), next, `${zone} ${at}`)
})

/** Ana answers a caller of the queue sales at 14 minutes to midnight in Shanghai, and her colleague's call is over. */
async function anEvening(zone: string, start: string) {
  const { clock, pass } = aClock(time(start))
  const site = { ...given.site, counting: { ...given.site.counting, timeZone: zone } }
  const store = aStore()
  const told: string[] = []
  const append = (batch: Batch) => {
    for (const { type, json } of batch.entries) {
      if (!/^(agent|extension|queue)\.changed$/.test(type)) continue
      const { data } = JSON.parse(json) as {
        data: Record<string, { id: string; today: Record<string, string | number> }>
      }
      const what = Object.values(data)[0]
      const { date, answered, dialled, offered } = what?.today ?? {}
      told.push([what?.id, date, `answered ${answered}`, `${dialled ?? offered}`].join(' '))
    }
    return store.append(batch)
  }
  const { engine, tell } = anEngine(undefined, { clock, append, site, directory, stored: store.stored() })
  const now = (fact: object, s: number) => ({ ...fact, at: (time(start) + s * 1_000) as EpochMs })
  const phones = ['1001', '1002'].map(e => ({ device: `PJSIP/${e}`, phone: 'idle' }))
  tell([now({ type: 'link.up', version: '22' }, 0) as PbxFact, { ...seen(0), phones, queues: [{ name: 'sales', strategy: 'ringall', members: [] }] } as PbxFact]) // prettier-ignore
  t.match(await engine.agents.signIn('8001', { extension: '1002' }, { key: 'crm' }), { ok: true })
  const facts = [...given.theyTalk(), ...given.end(20, given.ana)].map(f => now(f, (f.at - given.at(0)) / 1_000))
  tell(facts as LegFact[])
  const waits = [
    given.appears(30, { of: given.leg('1.9'), endpoint: 'trunk', number: '0301', dials: '2000' }),
    { type: 'queue.joined', at: given.at(31), leg: given.leg('1.9'), queue: 'sales', position: 1 },
  ].map(f => now(f, (f.at - given.at(0)) / 1_000))
  tell(waits as LegFact[])
  pass(60_000)
  await engine.snapshot()
  const leaves = (s: number) =>
    tell([
      now({ type: 'queue.abandoned', leg: given.leg('1.9'), queue: 'sales' }, s),
      now({ type: 'hangup.asked', leg: given.leg('1.9'), by: 'far-side' }, s),
      now({ type: 'queue.left', leg: given.leg('1.9'), queue: 'sales' }, s),
      now({ type: 'channel.gone', leg: given.leg('1.9'), causeQ850: 16 }, s),
    ] as LegFact[])
  return { engine, told, pass, store, leaves, clock, site }
}

t.test('at midnight agents, extensions and queues are published with the counters of the new day', async t => {
  const { engine, told, pass, leaves } = await anEvening('Asia/Shanghai', '2026-11-29T15:46:00Z')
  t.ok(told.includes('hq:8001 2026-11-29 answered 1 0'), told.join())
  t.ok(told.includes('hq:1002 2026-11-29 answered 1 0'))
  t.ok(told.includes('hq:sales 2026-11-29 answered 0 1'))
  const before = told.length
  pass(12 * 60_000)
  await engine.snapshot()
  t.equal(told.length, before, 'nothing is published before')
  pass(60_500)
  await engine.snapshot()
  t.strictSame(told.slice(before).sort(), [
    'hq:1001 2026-11-30 answered 0 0',
    'hq:1002 2026-11-30 answered 0 0',
    'hq:8001 2026-11-30 answered 0 0',
    'hq:sales 2026-11-30 answered 0 0',
  ])
  leaves(15 * 60)
  pass(5_000)
  const [sales] = await engine.queues()
  t.match(sales?.today, { date: '2026-11-30', offered: 0, outcomes: {} }, 'who joined yesterday counts for yesterday')
  t.match(sales?.lastHalfHour, { offered: 1, abandoned: 1 })
  const quiet = told.length
  pass(24 * 3_600_000)
  await engine.snapshot()
  t.strictSame(
    told
      .slice(quiet)
      .filter(line => !line.startsWith('hq:sales'))
      .sort(),
    ['1001', '1002', '8001'].map(who => `hq:${who} 2026-12-01 answered 0 0`),
    'the date is another, once',
  )
  await engine.stop()
})

t.test('another PBX has its midnight at another time, and a day of 25 hours is over after 25', async t => {
  const { engine, told, pass } = await anEvening('Europe/Berlin', '2026-10-25T15:46:00Z')
  const before = told.length
  pass(7 * 3_600_000 + 12 * 60_000)
  await engine.snapshot()
  t.strictSame(
    told.slice(before).filter(line => line.includes('2026-10-26')),
    [],
  )
  pass(2 * 60_000)
  await engine.snapshot()
  t.ok(told.includes('hq:8001 2026-10-26 answered 0 0'))
  t.ok(told.includes('hq:1001 2026-10-26 answered 0 0'))
  await engine.stop()
})

t.test('a day that began while the daemon was away is published when it is back', async t => {
  const { engine, store, pass, clock, site } = await anEvening('Asia/Shanghai', '2026-11-29T15:46:00Z')
  await engine.stop()
  pass(3_600_000)
  const again = anEngine(undefined, { clock, site, directory, stored: store.stored() })
  await again.engine.snapshot()
  const told = again.log.filter(({ type }) => type === 'extension.changed').reverse()
  t.match(
    told.map(({ json }) => (JSON.parse(json) as { data: object }).data),
    [
      { extension: { extension: '1001', today: { date: '2026-11-30', dialled: 0 } } },
      { extension: { extension: '1002', today: { date: '2026-11-30', answered: 0 } } },
    ],
  )
  await again.engine.stop()
})

t.end()
