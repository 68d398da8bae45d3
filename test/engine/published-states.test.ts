/** What is published of agents, extensions, queues and alarms is what the API answers: at each revision the same, whatever happens. */
import t from 'tap'
import fc from 'fast-check'
import { NO_DIRECTORY, type Directory } from '../../src/directory/state.js'
import type { Workgroup } from '../../src/events/directory.js'
import { ok } from '../../src/base/result.js'
import type { Action } from '../../src/pbx/actions.js'
import type { Fact, LegFact, MemberSeen, PbxFact } from '../../src/pbx/facts.js'
import * as given from '../given/calls.js'
import { at } from '../given/calls.js'
import { aClock } from '../given/clock.js'
import { aStore, anEngine, down, seen, up } from '../given/engine.js'
import { aMember, givesUp, waits } from '../given/queues.js'

const BY = { key: 'crm' }
const sales: Workgroup = {
  ...{ id: 'sales', name: 'Sales', strategy: 'ringall', ringForMs: 15_000, wrapUpMs: 0, serviceLevelMs: 20_000 },
  alarms: { waiting: 2, longestWaitMs: 60_000, readyAgents: 1 },
}
const directory: Directory = {
  ...NO_DIRECTORY,
  workgroups: new Map([['sales', sales]]),
  staff: new Map(['8001', '8002'].map(id => [id, { id, name: id, workgroups: [{ workgroup: 'sales', level: 10 }] }])),
}
const memberOf = (extension: string, name: string, more: Partial<MemberSeen> = {}) =>
  aMember(extension, { name, kind: 'dynamic', ...more })
const there = (s: number): PbxFact => ({
  ...(seen(s) as Extract<PbxFact, { type: 'pbx.seen' }>),
  queues: [{ name: 'sales', strategy: 'ringall', members: [aMember('1009')] }],
  phones: ['1001', '1002', '1009'].map(e => ({ device: `PJSIP/${e}`, phone: 'idle' })),
})

/** What app_queue would say to each action. */
function obeys(action: Action): Fact[] {
  if (action.do === 'queue-add') {
    const { interface: place, name, penalty, paused } = action
    return [{ type: 'member.changed', at: at(1), member: aMember('', { interface: place, name, kind: 'dynamic', penalty, paused }) }] // prettier-ignore
  }
  if (action.do === 'queue-remove')
    return [{ type: 'member.removed', at: at(1), queue: 'sales', member: { interface: action.interface, name: '' } }]
  return []
}

const phone = (extension: string, is: 'idle' | 'ringing' | 'in-use' | 'unavailable'): Fact => ({
  ...{ type: 'phone.changed', at: at(1), device: `PJSIP/${extension}`, phone: is },
})

type Office = ReturnType<typeof anOffice>
function anOffice() {
  // Shortly before midnight in Berlin.
  const { clock, pass } = aClock(at(2_750))
  const store = aStore()
  const newest = new Map<string, string>()
  const revisions = new Map<string, number>()
  const twice: string[] = []
  const append: typeof store.append = batch => {
    for (const { json } of batch.entries) {
      const { data } = JSON.parse(json) as { data: Record<string, { id: string; revision: number } | undefined> }
      for (const kind of ['agent', 'extension', 'queue', 'alarm']) {
        const thing = data[kind]
        if (!thing) continue
        const key = `${kind} ${thing.id} ${thing.revision}`
        if (newest.has(key)) twice.push(`${key} was published twice`)
        if (thing.revision !== (revisions.get(`${kind} ${thing.id}`) ?? 0) + 1) twice.push(`${key} does not follow`)
        revisions.set(`${kind} ${thing.id}`, thing.revision)
        newest.set(key, JSON.stringify(thing)).set(`${kind} ${thing.id}`, JSON.stringify(thing))
      }
    }
    return store.append(batch)
  }
  const begin = (heard = [up(0), there(0)]) => {
    const office = anEngine(
      (action, _, tell) => {
        void Promise.resolve().then(() => tell(obeys(action)))
        return ok(undefined)
      },
      { clock, append, directory, stored: { ...store.stored(), heardOfPbxAt: at(1) } },
    )
    office.tell(heard)
    return office
  }
  return { pass, newest, twice, begin, now: begin() }
}

async function broken({ now, newest, twice }: Office): Promise<string[]> {
  const { engine } = now
  const { queues, agents, alarms } = await engine.snapshot()
  const seen = compared(newest, { agent: agents, queue: queues, alarm: alarms })
  const lists = { agent: await engine.agents.list(), extension: await engine.extensions.list(), queue: await engine.queues(), alarm: await engine.alarms() } // prettier-ignore
  const up = [...newest].filter(([key, text]) => /^alarm \S+$/.test(key) && !text.includes('"clearedAt"'))
  const gone = up.filter(([key]) => !lists.alarm.some(({ id }) => key === `alarm ${id}`))
  return [...twice, ...seen, ...compared(newest, lists), ...gone.map(([key]) => `${key} is up, and not answered`)]
}

type Things = readonly { id: string; revision: number }[]

/** What the API answers, and the newest events have otherwise. */
function compared(newest: ReadonlyMap<string, string>, lists: Record<string, Things>): string[] {
  return Object.entries(lists).flatMap(([kind, things]) =>
    things.flatMap(thing => {
      const [event, text] = [newest.get(`${kind} ${thing.id}`), JSON.stringify(thing)]
      return thing.revision === 0 || event === text ? [] : [`${kind} ${thing.id}:\n${String(event)}\n${text}`]
    }),
  )
}

const call = (n: number): LegFact[] =>
  ([given.anaDials(n), ...given.benIsDialled(n), given.rings(n), given.picksUp(n)] as LegFact[]).map(fact => fact)

const MOVES: Record<string, (office: Office, n: number) => unknown> = {
  signsIn: ({ now }, n) => void now.engine.agents.signIn(n % 2 ? '8001' : '8002', { extension: n % 3 ? '1001' : '1002' }, BY), // prettier-ignore
  signsOut: ({ now }, n) => void now.engine.agents.signOut(n % 2 ? '8001' : '8002', {}, BY),
  isReady: ({ now }, n) => void now.engine.agents.be(n % 2 ? '8001' : '8002', { state: 'ready' }, BY),
  rings: ({ now }, n) => now.tell([phone(n % 2 ? '1001' : '1002', 'ringing')]),
  isIdle: ({ now }, n) => now.tell([phone(n % 2 ? '1001' : '1009', 'idle')]),
  isBusy: ({ now }, n) => now.tell([phone(n % 2 ? '1002' : '1009', 'in-use')]),
  isGone: ({ now }, n) => now.tell([phone(n % 2 ? '1001' : '1010', 'unavailable')]),
  waits: ({ now }, n) => now.tell(waits(1, n + 10)),
  givesUp: ({ now }, n) => now.tell(givesUp(2, n + 10)),
  calls: ({ now }, n) => now.tell(call(n)),
  hangsUp: ({ now }) => now.tell([given.isGone(20, given.ben), given.isGone(20, given.ana)]),
  isPaused: ({ now }, n) => now.tell([{ type: 'member.changed', at: at(1), member: memberOf('1001', '8001', { paused: n % 2 === 0 }) }]), // prettier-ignore
  time: ({ pass }, n) => pass([1, 300, 450, 3_000, 90_000, 3_600_000][n % 6] ?? 1),
  away: ({ now }) => now.tell([down(3)]),
  isBack: ({ now }) => now.tell([up(4), there(4)]),
  restarts: async office => {
    await stop(office)
    office.now = office.begin()
  },
  /** The PBX is not heard of until it is back. */
  restartsAlone: async office => {
    await stop(office)
    office.now = office.begin([])
  },
}

/** What an async command waits for comes in microtasks alone. */
const settle = async () => {
  for (let n = 0; n < 30; n += 1) await Promise.resolve()
}

/** What is still asked of the PBX is waited for until it was too long silent. */
async function stop({ now, pass }: Office) {
  const stopped = now.engine.stop()
  for (let n = 0; n < 10; n += 1) {
    pass(2_000)
    await settle()
  }
  return stopped
}

t.test('whatever happens', async t => {
  let played = 0
  const move = fc.tuple(fc.constantFrom(...Object.keys(MOVES)), fc.nat(5))
  await fc.assert(
    fc.asyncProperty(fc.array(move, { maxLength: 30, size: 'max' }), async moves => {
      const office = anOffice()
      await settle()
      for (const [name, n] of moves) {
        played += 1
        await MOVES[name]?.(office, n)
        await settle()
        const wrong = await broken(office)
        if (wrong.length > 0) throw new Error(`after ${name} ${n}: ${wrong[0] ?? ''}`)
      }
      office.pass(10_000)
      await settle()
      await stop(office)
    }),
    { numRuns: 150, ...(process.env['SEED'] && { seed: Number(process.env['SEED']) }) },
  )
  t.ok(played > 500, `${played} moves, and each state as published`)
})

t.end()
