/** The doctor says how old the data of areas is. */
import t from 'tap'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EpochMs } from '../../src/base/ids.js'
import { dataAges } from '../../src/config-areas.js'
import { checkAreas } from '../../src/doctor/areas.js'

const at = (day: string) => Date.parse(day) as EpochMs

t.test('data of more than a year ago is a warning; of no date, unknown', async t => {
  const data = [
    { name: 'new', of: at('2026-02-01') },
    { name: 'old', of: at('2024-12-01') },
    { name: 'odd', of: undefined },
  ]
  t.match(checkAreas(data, at('2026-06-01')), [
    { about: 'areas', check: 'areas.age', verdict: 'ok', found: 'new: of 2026-02-01' },
    { verdict: 'warning', found: /^old: of 2024-12-01/, mend: /areas\.files/ },
    { verdict: 'unknown' },
  ])
})

t.test(
  'a phone.dat says its month, another file when it was written; the library has the date of its data',
  async t => {
    const folder = mkdtempSync(join(tmpdir(), 'areas-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const [dat, odd, csv] = ['phone.dat', 'odd.dat', 'areas.csv'].map(name => join(folder, name)) as [
      string,
      string,
      string,
    ]
    const index = Buffer.alloc(4)
    index.writeUInt32LE(8)
    writeFileSync(dat, Buffer.concat([Buffer.from('2302'), index]))
    writeFileSync(odd, Buffer.concat([Buffer.from('xx\0\0'), index]))
    writeFileSync(csv, 'prefix\n')
    utimesSync(csv, at('2025-05-05') / 1000, at('2025-05-05') / 1000)
    const [library, ...ages] = dataAges({ language: 'en', files: [dat, odd, csv, join(folder, 'none')] })
    t.ok(library && library.of !== undefined && library.of > at('2020-01-01'))
    t.strictSame(ages, [
      { name: dat, of: at('2023-02-01') },
      { name: odd, of: undefined },
      { name: csv, of: at('2025-05-05') },
      { name: join(folder, 'none'), of: undefined },
    ])
  },
)
