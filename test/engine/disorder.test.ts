/**
 * A recorded load of calls, told as it was not: events left out, told twice, or in another order. The record is the same, or
 * says itself that something of it was inferred. Of all single events, and of all two of a call, that can be left out, `npm test`
 * tries a third; `npm run test:long` each.
 */
import t, { type Test } from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PbxId } from '../../src/base/ids.js'
import type { CallView } from '../../src/events/call.js'
import { compareCalls, USUAL } from '../../src/reconcile/compare.js'
import { noCounts, type FrameFaults } from '../chaos/faults.js'
import { createMangler } from '../chaos/frames.js'
import { createRandom } from '../chaos/random.js'
import { budgeted } from '../given/budget.js'
import { book, framesOf, recordsOf, theirs, toldOf, VERSIONS } from '../given/books.js'

const SEEDS = Array.from({ length: Number(process.env['SEEDS'] ?? 8) }, (_, n) => n)

const stampOf = (frame: string) => Number(/\r\nTimestamp: ([\d.]+)/.exec(frame)?.[1])
/** Events of which facts are made. */
const TOLD = /^Event: (Newchannel|Newstate|DialBegin|DialEnd|Bridge(Enter|Leave)|(Soft)?HangupRequest|Hangup)\r/
const nameOf = (frame = '') => /^Event: (\w+)/.exec(frame)?.[1] ?? ''
/** Nothing waits longer than that for others to change places with, as in the proxy. */
const HELD_S = 0.02

function mangled(text: string, seed: number, faults: Partial<FrameFaults>) {
  const counts = noCounts()
  const all = { drop: 0, duplicate: 0, reorder: 0, ...faults }
  const mangler = createMangler(createRandom(seed), () => all, counts)
  let last = 0
  const frames = framesOf(text).flatMap(frame => {
    const released = stampOf(frame) - last > HELD_S ? mangler.release() : []
    last = stampOf(frame) || last
    return [...released, ...mangler.push(Buffer.from(frame, 'latin1'))]
  })
  return { frames: [...frames, ...mangler.release()].map(f => f.toString('latin1')), counts }
}

/** Which revision tells it does not matter: a call that is told of again has one more. */
const settled = (calls: ReadonlyMap<string, CallView>) =>
  [...calls.values()].map(({ revision: _, ...call }) => call).sort((a, b) => a.id.localeCompare(b.id))

const recorded = Object.fromEntries(
  VERSIONS.map(version => [version, settled(recordsOf(framesOf(book(version, 'events.ami'))))]),
)

function sameRecords(t: Test, version: string, frames: string[], which: string) {
  const [was, is] = [recorded[version] ?? [], settled(recordsOf(frames))]
  const other = was.findIndex((call, i) => JSON.stringify(call) !== JSON.stringify(is[i]))
  t.strictSame(is[other], was[other], which)
  t.equal(is.length, was.length)
  const told = toldOf(frames).map(({ type, call }) => `${type} ${call.id} ${call.revision}`)
  t.equal(new Set(told).size, told.length, 'no event has the id of another')
}

const written = Object.fromEntries(VERSIONS.map(version => [version, theirs(version)]))

/** What differs from the PBX's own records, and is not said to be inferred. */
function wrong(version: string, frames: string[]) {
  const ours = [...recordsOf(frames).values()]
  const limits = { gaps: [], ...USUAL, toleranceMs: 60 }
  return compareCalls({ pbx: 'lab' as PbxId, ours, theirs: written[version] ?? [], ...limits }).filter(
    d => d.reason === undefined && !isUntoldHangup(d),
  )
}

/** A talk of which nobody's hangup was told is like one that the PBX ended when its time was over. */
const isUntoldHangup = ({ kind, ours }: { kind: string; ours?: unknown }) => kind === 'endedBy' && ours === 'pbx'

t.test('a call that was told in full shows no hole', async t => {
  const folder = join(import.meta.dirname, '../../../test/facts')
  const stories = readdirSync(folder)
    .filter(name => name.endsWith('.ami'))
    .map(name => [name, readFileSync(join(folder, name), 'latin1')] as const)
  for (const [name, text] of [...stories, ...VERSIONS.map(v => [v, book(v, 'events.ami')] as const)]) {
    const inferred = [...recordsOf(framesOf(text)).values()].filter(call => call.inferred)
    t.equal(inferred.length, 0, name)
  }
})

for (const version of VERSIONS) {
  const text = book(version, 'events.ami')

  t.test(`${version}: each event twice`, async t => {
    const { frames, counts } = mangled(text, 0, { duplicate: 1 })
    t.ok(counts.duplicated > 300)
    sameRecords(t, version, frames, version)
    t.equal(toldOf(frames).length, toldOf(framesOf(text)).length, 'and nothing is told twice')
  })

  t.test(`${version}: neighbours have changed places`, async t => {
    for (const seed of SEEDS) sameRecords(t, version, mangled(text, seed, { reorder: 1 }).frames, `seed ${seed}`)
  })

  t.test(`${version}: twice, and in another order`, async t => {
    for (const seed of SEEDS)
      sameRecords(t, version, mangled(text, seed, { duplicate: 0.3, reorder: 0.7 }).frames, `seed ${seed}`)
  })

  t.test(`${version}: each event left out, one at a time`, async t => {
    const frames = framesOf(text)
    const told = [...frames.keys()].filter(i => TOLD.test(frames[i] ?? ''))
    for (const i of budgeted(told, VERSIONS.indexOf(version))) {
      const heard = frames.filter((_, at) => at !== i)
      t.strictSame(wrong(version, heard), [], nameOf(frames[i]))
    }
  })

  t.test(`${version}: one event of fifty left out`, async t => {
    for (const seed of SEEDS) {
      const { frames, counts } = mangled(text, seed, { drop: 0.02 })
      t.strictSame(wrong(version, frames), [], `seed ${seed}, ${counts.dropped} left out`)
    }
  })
}

/** What is told of one call of each kind, as places in the frames. */
function ofEachKind(version: string, frames: readonly string[]): number[][] {
  const kinds = new Map((recorded[version] ?? []).map(call => [`${call.direction} ${call.outcome ?? ''}`, call.id]))
  return [...kinds.values()].map(id => {
    const linked = `inkedid: ${id.slice('lab:'.length)}\r`
    return [...frames.keys()].filter(i => TOLD.test(frames[i] ?? '') && frames[i]?.includes(linked))
  })
}

const twoOf = (places: readonly number[]) =>
  places.flatMap((one, i) => places.slice(i + 1).map(two => [one, two] as const))

for (const version of VERSIONS)
  t.test(`${version}: each two events of a call left out`, async t => {
    const frames = framesOf(book(version, 'events.ami'))
    for (const pair of budgeted(ofEachKind(version, frames).flatMap(twoOf), VERSIONS.indexOf(version))) {
      const heard = frames.filter((_, i) => !pair.includes(i))
      t.strictSame(wrong(version, heard), [], pair.map(i => nameOf(frames[i])).join(', '))
    }
  })
