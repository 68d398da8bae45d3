/**
 * Which share of the Chinese mobile numbers has a city, range by range: `node scripts/areas-coverage.mjs [FILE…]`, where the files are
 * those of `areas.files` (CSV, phone.dat). Says nothing of whether a range has been given out.
 */
import { readFileSync } from 'node:fs'

const { createAreas, readLibrary } = await import('../build/src/areas/library.js')
const { readOwn } = await import('../build/src/config-areas.js')
const own = process.argv.slice(2).flatMap(file => readOwn(file, readFileSync(file)))
const areaOf = createAreas(readLibrary(), 'zh', own)
const RANGES = 10_000

let [all, placed, carried] = [0, 0, 0]
for (let start = 130; start < 200; start += 1) {
  let [city, carrier] = [0, 0]
  for (let range = 0; range < RANGES; range += 1) {
    const area = areaOf(`+86${start}${String(range).padStart(4, '0')}0000`)
    if (area.city !== undefined || area.region !== undefined) city += 1
    if (area.carrier !== undefined) carrier += 1
  }
  const percent = count => `${((100 * count) / RANGES).toFixed(1).padStart(5)} %`
  if (city + carrier > 0) console.log(`${start}  place ${percent(city)}  carrier ${percent(carrier)}`)
  ;[all, placed, carried] = [all + RANGES, placed + city, carried + carrier]
}
console.log(`all  place ${placed} of ${all} ranges of 10,000 numbers, carrier ${carried}`)
