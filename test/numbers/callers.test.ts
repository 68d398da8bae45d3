/** A caller has no dial prefix: what looks like a number behind it is a number of its own, wherever callers are compared. */
import t from 'tap'
import { callerOf, partyOf, type Site } from '../../src/calls/site.js'
import { canonicalOf } from '../../src/daemon-history.js'
import type { CallView } from '../../src/events/call.js'
import type { FollowUp } from '../../src/events/follow-up.js'
import { fits, termsAsked, termsOf } from '../../src/history/terms.js'
import { followUp } from '../../src/missed/reduce.js'
import { keyOfCaller, readNumber } from '../../src/numbers/read.js'
import { site } from '../given/calls.js'
import { rulesOf } from '../given/numbers.js'

const shanghai: Site = { ...site, ...rulesOf({ trunkPrefix: '9', ownArea: '021' }, 'CN') }
const prefixed: Site = { ...shanghai, prefixedCallers: true }
const [NUMBER, BEHIND] = ['13812345678', '913812345678']

let calls = 0
const call = (direction: CallView['direction'], from: CallView['from'], to: CallView['to'], number: string) => ({
  ...{ id: `hq:1.${++calls}`, pbx: 'hq', revision: 1, state: 'ended' as const, direction },
  ...{ startedAt: '2026-03-01T00:00:00.000Z', outcome: 'abandoned' as const, from, to },
  legs: [
    {
      ...{ id: '1.1', channel: '', state: 'gone' as const, startedAt: '2026-03-01T00:00:00.000Z', trunk: 'trunk' },
      ...{ side: direction === 'inbound' ? ('caller' as const) : ('callee' as const), number },
    },
  ],
  ...{ offers: [], segments: [], queues: [], transfers: [], agents: [] },
})
const callFrom = (at: Site, shown: string): CallView =>
  call('inbound', callerOf(at, shown), { number: '62340000' }, callerOf(at, shown).number)
const callTo = (at: Site, number: string): CallView =>
  call('outbound', { number: '1001', extension: '1001' }, partyOf(at, number, '', 'dialled'), number)

function finds(at: Site, number: string, found: CallView, outside?: true) {
  const canonical = canonicalOf(at)
  const asked = { limit: 10, number, ...(outside && { outside }) }
  const terms = new Set(termsOf(found, canonical))
  const isLookedAt = termsAsked(asked, canonical).some(all => all.every(term => terms.has(term)))
  return isLookedAt && fits(found, asked, canonical)
}

t.test('by what a caller is compared', async t => {
  t.equal(keyOfCaller(shanghai, callerOf(shanghai, BEHIND)), BEHIND)
  t.equal(keyOfCaller(shanghai, callerOf(shanghai, NUMBER)), '+8613812345678')
  t.equal(keyOfCaller(prefixed, callerOf(prefixed, BEHIND)), '+8613812345678')
  t.equal(keyOfCaller(shanghai, { number: '9110' }), '9110')
})

t.test('the calls before of a caller are theirs', async t => {
  const [mine, others, dialled] = [callFrom(shanghai, BEHIND), callFrom(shanghai, NUMBER), callTo(shanghai, BEHIND)]
  t.ok(finds(shanghai, BEHIND, mine, true))
  t.notOk(finds(shanghai, BEHIND, others, true))
  t.notOk(finds(shanghai, BEHIND, dialled, true), 'what was dialled behind the prefix is the other number')
  t.ok(finds(shanghai, '+8613812345678', others, true))
  t.ok(finds(shanghai, '+8613812345678', dialled, true))
  t.notOk(finds(shanghai, '+8613812345678', mine, true))
  for (const shown of [BEHIND, NUMBER])
    t.ok(finds(prefixed, '+8613812345678', callFrom(prefixed, shown), true), `${shown}, where trunks put it there`)
})

t.test('whoever looks for a number finds what is shown', async t => {
  t.ok(finds(shanghai, BEHIND, callFrom(shanghai, BEHIND)))
  t.ok(finds(shanghai, BEHIND, callFrom(shanghai, NUMBER)), 'a person may have written the dial prefix')
  t.notOk(finds(shanghai, NUMBER, callFrom(shanghai, BEHIND)))
  t.ok(finds(shanghai, '4'.repeat(79), callFrom(shanghai, '4'.repeat(79))), 'also what is longer than any number')
})

t.test('to be called back, they are two', async t => {
  const open = new Map<string, FollowUp>()
  const follow = (at: Site, one: CallView) => {
    const changes = followUp(at, open, one)
    for (const { key, item } of changes)
      if (item.state === 'open') open.set(key, item)
      else open.delete(key)
    return changes.map(({ type }) => type)
  }
  t.strictSame(follow(shanghai, callFrom(shanghai, BEHIND)), ['missed.opened'])
  t.strictSame(follow(shanghai, callFrom(shanghai, NUMBER)), ['missed.opened'])
  t.strictSame(follow(shanghai, callFrom(shanghai, BEHIND)), ['missed.repeated'])
  t.strictSame(follow(shanghai, { ...callTo(shanghai, NUMBER), outcome: 'answered' }), ['missed.closed'])
  t.strictSame(
    [...open.values()].map(({ party }) => party.number),
    [BEHIND],
  )
  t.strictSame(follow(shanghai, { ...callFrom(shanghai, BEHIND), outcome: 'answered' }), ['missed.closed'])
  t.strictSame(follow(prefixed, callFrom(prefixed, BEHIND)), ['missed.opened'])
  t.strictSame(follow(prefixed, callFrom(prefixed, NUMBER)), ['missed.repeated'])
})

t.test('marks that are written for a dash', async t => {
  for (const mark of ['\u30fc', '\uff70', '~', '\uff5e', '\u223c', '\u2022'])
    t.equal(readNumber(shanghai, `021${mark}6234${mark}5678`, 'caller')?.e164, '+862162345678', mark)
})
