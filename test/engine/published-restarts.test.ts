/**
 * Every recorded session, with the daemon killed in the middle of it: what is answered is what the newest events have, also before the PBX
 * is heard of again, and no revision is published twice.
 */
import t from 'tap'
import { NO_DIRECTORY, type Directory } from '../../src/directory/state.js'
import type { EngineParts } from '../../src/engine/parts.js'
import type { Workgroup } from '../../src/events/directory.js'
import type { ChannelSeen, PbxFact } from '../../src/pbx/facts.js'
import { createRandom } from '../chaos/random.js'
import { book, bookSite, factsOfFrames, framesOf, VERSIONS } from '../given/books.js'
import { aClock } from '../given/clock.js'
import { anEngine, aStore } from '../given/engine.js'
import { factsIn, recordings } from '../given/recording.js'

const KINDS = ['call', 'queue', 'extension', 'alarm'] as const
type Thing = { id: string; revision: number }
type Random = ReturnType<typeof createRandom>

const sales: Workgroup = {
  ...{ id: 'sales', name: 'Sales', strategy: 'ringall', ringForMs: 15_000, wrapUpMs: 0, serviceLevelMs: 20_000 },
  alarms: { waiting: 1, readyAgents: 3 },
}
const directory: Directory = { ...NO_DIRECTORY, workgroups: new Map([['sales', sales]]) }

/** What the log has, and what is wrong with it. */
function aLog() {
  const store = aStore()
  const newest = new Map<string, { text: string; revision: number }>()
  const broken: string[] = []
  const append: typeof store.append = batch => {
    for (const { json } of batch.entries) {
      const { type, data } = JSON.parse(json) as { type: string; data: Record<string, Thing | undefined> }
      for (const kind of KINDS) {
        const thing = data[kind]
        if (!thing || type.startsWith('voicemail.')) continue
        const key = `${kind} ${thing.id}`
        if (thing.revision !== (newest.get(key)?.revision ?? 0) + 1) broken.push(`${key}: ${type} ${thing.revision}`)
        newest.set(key, { text: JSON.stringify(thing), revision: thing.revision })
      }
    }
    return store.append(batch)
  }
  return { ...store, append, newest, broken }
}

type Log = ReturnType<typeof aLog>
type Running = { engine: ReturnType<typeof anEngine>['engine']; tell: (facts: PbxFact[]) => void; pass: (ms: number) => void; kill: () => void } // prettier-ignore

/** An engine that can be killed: nothing that it does later is written. */
function begin(log: Log, at: number, parts: Partial<EngineParts>): Running {
  const { clock, pass } = aClock(at)
  let alive = true
  const append: typeof log.append = batch => (alive ? log.append(batch) : Promise.resolve())
  const stored = { ...log.stored(), heardOfPbxAt: at as never }
  const { engine, tell } = anEngine(undefined, { ...parts, clock, append, directory, stored })
  return { engine, tell, pass, kill: () => (alive = false) }
}

/** What is waited for comes in microtasks alone. */
const settle = async () => {
  for (let n = 0; n < 30; n += 1) await Promise.resolve()
}

async function differing({ engine }: Running, { newest, broken }: Log): Promise<string[]> {
  await settle()
  const { calls, queues, alarms } = await engine.snapshot()
  const lists = { call: calls, queue: queues, alarm: alarms, extension: await engine.extensions.list() }
  const ids = [...newest.keys()].filter(key => key.startsWith('call ')).map(key => key.slice('call '.length))
  const one = (await Promise.all(ids.map(id => engine.call(id as never)))).flatMap(call => call ?? [])
  const all = Object.entries({ ...lists, call: [...lists.call, ...one] }) as [string, Thing[]][]
  const others = all.flatMap(([kind, things]) =>
    things.flatMap(thing => {
      const [is, event] = [JSON.stringify(thing), newest.get(`${kind} ${thing.id}`)?.text]
      return is === event || (thing.revision === 0 && !event) ? [] : [`${kind} ${thing.id}:\n${event}\n${is}`]
    }),
  )
  return [...broken, ...others]
}

/** As the PBX would list them: what has been told of them is left out. */
function channelsIn(facts: readonly PbxFact[]): ChannelSeen[] {
  const there = new Map<string, ChannelSeen>()
  for (const fact of facts) {
    if (fact.type === 'channel.created') there.set(fact.leg, { ...fact, since: fact.at })
    if (fact.type === 'channel.gone') there.delete(fact.leg)
  }
  return [...there.values()]
}

/** Plays them in pieces; answers with what differs, and how often it was looked. */
async function play(facts: readonly PbxFact[], random: Random, parts: Partial<EngineParts>, restarts: number) {
  const log = aLog()
  const start = facts[0]?.at ?? 0
  let at = start
  let now = begin(log, at, parts)
  const seen = (told: readonly PbxFact[]): PbxFact[] => [
    { type: 'link.up', at: at as never, version: '22' },
    { type: 'pbx.seen', at: at as never, channels: channelsIn(told), queues: [{ name: 'sales', strategy: 'ringall', members: [] }] }, // prettier-ignore
  ]
  now.tell(seen([]))
  const wrong: string[] = []
  const most = Math.ceil(facts.length / (2 * restarts))
  for (let from = 0; from < facts.length && wrong.length === 0;) {
    const some = facts.slice(from, (from += random.between(1, most)))
    for (const fact of some) {
      now.pass(Math.max(0, fact.at - at))
      at = Math.max(at, fact.at)
      now.tell([fact])
    }
    wrong.push(...(await differing(now, log)))
    now.kill()
    now = begin(log, at + 2_000, parts)
    wrong.push(...(await differing(now, log)).map(what => `alone: ${what}`))
    now.tell(seen(facts.slice(0, from)))
    wrong.push(...(await differing(now, log)).map(what => `heard again: ${what}`))
  }
  now.pass(60_000)
  wrong.push(...(await differing(now, log)))
  await now.engine.stop()
  return { wrong, told: log.newest.size }
}

t.test('the stories', async t => {
  const random = createRandom(3)
  let told = 0
  for (const story of recordings()) {
    const { wrong, told: some } = await play(factsIn(story), random, {}, 1)
    t.strictSame(wrong.slice(0, 1), [], story)
    told += some
  }
  t.ok(told > 500, `${told} were published`)
})

for (const version of VERSIONS)
  t.test(`the books of Asterisk ${version}`, async t => {
    const facts = factsOfFrames(framesOf(book(version, 'events.ami')))
    const { wrong } = await play(facts, createRandom(5), { site: bookSite }, 20)
    t.strictSame(wrong.slice(0, 1), [])
  })
