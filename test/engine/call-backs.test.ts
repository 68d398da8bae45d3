/** Call-backs where the PBX does not do as it is told, where it is closed, and over a start of the daemon. */
import t from 'tap'
import { no, ok, type Result } from '../../src/base/result.js'
import type { ErrorCode } from '../../src/base/errors.js'
import { createCallBacks } from '../../src/engine/call-backs.js'
import { createState, type StoredThing } from '../../src/engine/state.js'
import { isStored } from '../../src/engine/stored.js'
import type { PublicEvent } from '../../src/events/event.js'
import type { Action } from '../../src/pbx/actions.js'
import { newQueue } from '../../src/queues/state.js'
import { aClock } from '../given/clock.js'
import { ana, at, id, site } from '../given/calls.js'

const MINUTE_MS = 60_000
const asked = { leg: ana, number: '1003', queue: 'sales', position: '2' }
/** What waits for nothing but promises is done then. */
async function settle() {
  for (let i = 0; i < 50; i += 1) await Promise.resolve()
}

function some({ answer = () => ok(undefined), open = () => true, stored = [], settled = () => Promise.resolve() }: { answer?: () => Result<void, ErrorCode>; open?: () => boolean; stored?: StoredThing[]; settled?: () => Promise<void> } = {}) {
  const { clock, pass } = aClock(at(10))
  const state = createState(stored)
  state.queues.set('sales', newQueue(site.pbx, 'sales', site.counting))
  state.callOf.set(ana, id)
  const [sent, told, noted]: [Action[], PublicEvent[], unknown[]] = [[], [], []]
  const things = new Map<string, StoredThing>()
  let ids = 0
  const callBacks = createCallBacks({
    ...{ site, state, clock, rules: { attempts: 2, retryMs: MINUTE_MS, calendar: 'office' }, isOpen: open },
    dialOf: number => (number.startsWith('0900') ? undefined : number),
    link: { send: action => Promise.resolve((sent.push(action), answer())) },
    newId: () => `id${++ids}`,
    push: (events, changed) => {
      told.push(...events)
      for (const [key, thing] of changed) if (thing) things.set(key, thing)
    },
    note: (call, data) => Promise.resolve(noted.push([call, data])),
    settled,
    keepRunning: doing => doing,
    isStopping: () => false,
    may: () => undefined,
  })
  callBacks.begin()
  const calls = () => sent.filter(({ do: what }) => what === 'originate')
  return { callBacks, pass, calls, sent, told, noted, things, state }
} // prettier-ignore

t.test('asked for: at their place, in the queue that they waited in; the same number once', async t => {
  const { callBacks, calls, told, noted, things } = some()
  t.equal(await callBacks.ask(asked, at(10)), undefined)
  t.equal(await callBacks.ask(asked, at(11)), undefined)
  t.match(calls(), [{ endpoint: 'Local/1003@aladdin-callback', context: 'aladdin-callback-queue', callerId: '1003', variables: { ALADDIN_QUEUE: 'sales', ALADDIN_POSITION: '2' } }]) // prettier-ignore
  t.strictSame(
    told.map(({ type }) => type),
    ['call-back.opened', 'call-back.changed'],
  )
  t.match(noted, [[id, { callBackState: 'open' }]])
  for (const [key, thing] of things) t.ok(isStored(JSON.parse(JSON.stringify(thing)), key))
  t.match(await callBacks.asked.list(true), [{ state: 'waiting', position: 2, call: id }])
})

t.test('refused: a number that may not be dialled, no such queue, nobody there, closed', async t => {
  const { callBacks, calls } = some()
  t.equal(await callBacks.ask({ ...asked, number: '0900123' }, at(10)), 'not-allowed')
  t.equal(await callBacks.ask({ ...asked, queue: 'none' }, at(10)), 'unknown')
  t.equal(await callBacks.ask({ ...asked, leg: 'x' as typeof ana }, at(10)), 'unknown')
  const shut = some({ open: () => false })
  t.equal(await shut.callBacks.ask(asked, at(10)), 'closed')
  t.strictSame([...calls(), ...shut.calls()], [])
})

t.test('the PBX is away: tried again, and not counted', async t => {
  let is: Result<void, ErrorCode> = no('PBX_DOWN')
  const { callBacks, pass, calls } = some({ answer: () => is })
  await callBacks.ask(asked, at(10))
  t.match(await callBacks.asked.list(true), [{ state: 'pausing', attempts: [] }])
  is = ok(undefined)
  pass(MINUTE_MS / 2)
  await settle()
  t.equal(calls().length, 1)
  pass(MINUTE_MS / 2 + 2_000)
  await settle()
  t.equal(calls().length, 2)
  t.match(await callBacks.asked.list(true), [{ state: 'waiting', attempts: [{}] }])
})

t.test('cancelled while it is being stored: nobody is put into the queue', async t => {
  let stored: () => void = () => undefined
  const gate = new Promise<void>(resolve => (stored = resolve))
  const { callBacks, calls } = some({ settled: () => gate })
  const asking = callBacks.ask(asked, at(10))
  const cancelling = callBacks.asked.cancel('hq:id1', { key: 'crm' })
  stored()
  await Promise.all([asking, cancelling])
  t.match(await callBacks.asked.list(false), [{ state: 'cancelled' }])
  t.strictSame(calls(), [])
})

t.test('the PBX knows nothing of it: lost, and tried again in front; then it is over', async t => {
  const { callBacks, pass, calls } = some()
  await callBacks.ask(asked, at(10))
  for (let s = 0; s < 40; s += 1) {
    pass(1_000)
    await settle()
  }
  t.match(calls()[1], { variables: { ALADDIN_POSITION: '1' } })
  t.match(await callBacks.asked.list(false), [
    { state: 'failed', attempts: [{ outcome: 'lost' }, { outcome: 'lost' }] },
  ])
  t.equal(calls().length, 2)
})

t.test('with the next daemon it goes on where it was; while it is closed, nobody is called', async t => {
  const { callBacks, things } = some({ answer: () => no('PBX_DOWN') })
  await callBacks.ask(asked, at(10))
  const stored = [...things.values()].map(thing => JSON.parse(JSON.stringify(thing)) as StoredThing)
  let open = false
  const next = some({ stored, open: () => open })
  next.pass(2 * MINUTE_MS)
  await settle()
  t.equal(next.calls().length, 0)
  open = true
  next.pass(1_000)
  await settle()
  t.equal(next.calls().length, 1)
  const [one] = await next.callBacks.asked.list(true)
  t.match(await next.callBacks.asked.cancel(one?.id ?? '', { key: 'crm' }), { ok: true, value: { state: 'cancelled', doneBy: 'key:crm' } }) // prettier-ignore
  t.match(next.sent.at(-1), { do: 'hangup' })
  t.match(await next.callBacks.asked.cancel('hq:none', { key: 'crm' }), { ok: false, error: 'CALL_BACK_NOT_FOUND' })
})
