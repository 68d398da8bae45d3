/** The journal: what was kept is read again, and a crash in the middle of a write takes nothing along but that write. */
import fc from 'fast-check'
import t from 'tap'
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { emptyDisk, fillDisk } from '../given/disk.js'
import type { EpochMs } from '../../src/base/ids.js'
import { openJournal, type JournalRecord } from '../../src/store/journal.js'

const dir = mkdtempSync(join(tmpdir(), 'aladdin-journal-'))
t.teardown(() => rmSync(dir, { recursive: true }))
let names = 0
const aFile = () => `j${++names}`
const pathOf = (name: string) => join(dir, `${name}.journal`)
const open = (name: string, maxBytes = 1 << 20) => openJournal({ dir, name, maxBytes })

/** Built, not drawn at large: a journal has entries that follow one another. */
const aRecord = (after: number, texts: string[]): JournalRecord => ({
  at: 5 as EpochMs,
  after,
  entries: texts.map((text, i) => ({
    position: { ms: 5 as EpochMs, seq: after + i + 1 },
    type: 'call.started',
    extensions: [text],
    json: JSON.stringify({ text }),
  })),
  calls: texts.map((text, i) => [text, i % 2 ? null : { id: text }]),
})
const records = fc
  .array(fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 3 }), { minLength: 1, maxLength: 8 })
  .map(texts => texts.map((entries, i) => aRecord(i * 10, entries)))

type Journal = Awaited<ReturnType<typeof open>>
async function contentOf(journal: Journal, from = 0) {
  const found: JournalRecord[] = []
  const ends: number[] = []
  for await (const { record, end } of journal.records(from)) {
    found.push(record)
    ends.push(end)
  }
  return { found, ends }
}

async function written(kept: JournalRecord[]) {
  const name = aFile()
  const journal = await open(name)
  await Promise.all(kept.map(record => journal.append(record)))
  const { found, ends } = await contentOf(journal)
  await journal.close()
  return { name, found, ends }
}

t.test('what was kept is read, from any place on, and after it was opened again', async t => {
  await fc.assert(
    fc.asyncProperty(records, fc.nat(), async (kept, pick) => {
      const { name, found, ends } = await written(kept)
      t.strictSame(found, kept)
      const again = await open(name)
      t.equal(again.cut, 0)
      const from = pick % kept.length
      t.strictSame((await contentOf(again, from === 0 ? 0 : ends[from - 1])).found, kept.slice(from))
      await again.clear()
      t.notOk(existsSync(pathOf(name)))
      t.equal(again.size(), 0)
    }),
    { numRuns: 50 },
  )
})

t.test('cut off at any byte, or with any byte changed, all before it is there, and it can be added to', async t => {
  await fc.assert(
    fc.asyncProperty(records, fc.nat(), fc.boolean(), async (kept, pick, cutting) => {
      const { name, ends } = await written(kept)
      const bytes = readFileSync(pathOf(name))
      const at = pick % bytes.length
      if (!cutting) bytes[at] = (bytes[at] ?? 0) ^ 0x15
      writeFileSync(pathOf(name), cutting ? bytes.subarray(0, at) : bytes)
      const journal = await open(name)
      const whole = ends.filter(end => end <= at).length
      t.strictSame((await contentOf(journal)).found, kept.slice(0, whole))
      await journal.append(aRecord(999, ['new']))
      await journal.close()
      const again = await open(name)
      t.strictSame((await contentOf(again)).found, [...kept.slice(0, whole), aRecord(999, ['new'])])
      await again.close()
    }),
    { numRuns: 150 },
  )
})

t.test('what is written while it is read comes next time', async t => {
  const journal = await open(aFile())
  await journal.append(aRecord(0, ['a']))
  const reading = journal.records()
  t.match(await reading.next(), { value: { record: { after: 0 } } })
  await journal.append(aRecord(1, ['b']))
  t.match(await reading.next(), { done: true })
  await journal.clear()
  await journal.append(aRecord(2, ['c']))
  t.match((await contentOf(journal)).found, [{ after: 2 }], 'and it begins anew after it was removed')
  await journal.close()
})

t.test('it is bounded, says so, and still says that it ends', async t => {
  const name = aFile()
  const journal = await open(name, 1_000)
  for (let n = 0; journal.size() < 800; n++) await journal.append(aRecord(n, ['x']))
  await t.rejects(journal.append(aRecord(9, ['y'.repeat(200)])), /full/)
  await journal.end(aRecord(9, []))
  t.match((await contentOf(journal)).found.at(-1), { after: 9, ended: true })
  t.equal(statSync(pathOf(name)).size, journal.size())
  t.equal(statSync(pathOf(name)).mode & 0o777, 0o600, 'for its owner only')
  await journal.close()
})

t.test('on a full disk it refuses, keeps what it has, and says by its name that it ends', async t => {
  const name = aFile()
  const journal = await open(name)
  await journal.append(aRecord(0, ['kept']))
  const { size } = statSync(pathOf(name))
  try {
    fillDisk(process.pid, size + 20)
    await t.rejects(journal.append(aRecord(1, ['refused'])), { code: 'EFBIG' })
    t.equal(statSync(pathOf(name)).size, size, 'nothing of it is left')
    await journal.end(aRecord(1, []))
  } finally {
    emptyDisk(process.pid)
  }
  const kept = [{ after: 0 }, { after: -1, ended: true }]
  t.match((await contentOf(journal)).found, kept)
  await journal.close()
  const again = await open(name)
  t.match((await contentOf(again)).found, kept, 'also to the next daemon')
  await again.clear()
  t.ok(again.isEmpty())
  await again.append(aRecord(5, ['anew']))
  t.strictSame((await contentOf(again)).found, [aRecord(5, ['anew'])])
  await again.close()
})

t.test('a disk that takes nothing at all still takes its name', async t => {
  const name = aFile()
  const journal = await open(name)
  try {
    fillDisk(process.pid)
    await t.rejects(journal.append(aRecord(0, ['refused'])), { code: 'EFBIG' })
    await journal.end(aRecord(0, []))
  } finally {
    emptyDisk(process.pid)
  }
  await journal.close()
  const again = await open(name)
  t.notOk(again.isEmpty())
  t.match((await contentOf(again)).found, [{ ended: true }])
  await again.close()
})

t.test('a folder that cannot be had is told at once; a foreign file is cut', async t => {
  const name = aFile()
  appendFileSync(join(dir, 'file'), 'no folder')
  await t.rejects(openJournal({ dir: join(dir, 'file', 'x'), name, maxBytes: 1 }), { code: 'ENOTDIR' })
  writeFileSync(pathOf(name), 'something else\n'.repeat(9))
  const journal = await open(name)
  t.equal(journal.cut, 135)
  t.strictSame((await contentOf(journal)).found, [])
  await journal.close()
})
