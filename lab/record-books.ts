/**
 * Records one load of mixed calls from all sides: what AMI told of it, and what Asterisk itself wrote down (CDR, CEL). Run
 * by hand when Asterisk changes: `node build/lab/record-books.js 16|22` writes test/books/<version>/.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openAmi } from './ami.js'
import { CHECKOUT } from './config-files.js'
import { startLab } from './lab.js'
import { mixedLoad } from './mixed-load.js'
import { retry } from './wait.js'
import type { AsteriskVersion } from './recipe.js'

const asterisk: AsteriskVersion = process.argv[2] === '16' ? '16' : '22'
const folder = join(CHECKOUT, 'test/books', asterisk)
const lab = await startLab({ asterisk, say: line => console.error(line) })
try {
  const ami = await openAmi(lab.asterisk.ami, lab.clock)
  await ami.frames.until('FullyBooted', frame => frame['Event'] === 'FullyBooted', 10_000)
  const { made } = await mixedLoad(lab, { seconds: 6, ratePerSecond: 4 })
  await retry(lab.clock, 'the last call to end', 10_000, async () =>
    /^0 active channels/m.test(await lab.asterisk.cli('core show channels count')) ? true : undefined,
  )
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'events.ami'), ami.raw())
  const { cdr, cel, queueLog } = lab.asterisk.files
  copyFileSync(cdr, join(folder, 'cdr.csv'))
  copyFileSync(cel, join(folder, 'cel.csv'))
  if (existsSync(queueLog)) copyFileSync(queueLog, join(folder, 'queue_log'))
  console.error(`${made} calls, ${readFileSync(cel, 'utf8').split('\n').length} lines of CEL`)
  ami.close()
} finally {
  await lab.stop()
}
