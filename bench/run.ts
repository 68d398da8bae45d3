/** `npm run bench -- NAME [--json] [--rounds N] [--seconds S]`: runs one benchmark and prints its figures. */
import { parseArgs } from 'node:util'
import { agentsBench } from './agents.js'
import { areasBench } from './areas.js'
import { blacklistBench } from './blacklist.js'
import { commandsBench } from './commands.js'
import { costBench, harmBench } from './cost.js'
import { historyBench } from './history.js'
import { inboundBench } from './inbound.js'
import { ivrBench } from './ivr.js'
import { ingestBench } from './ingest.js'
import { memoryBench } from './memory.js'
import { popBench } from './pop.js'
import { reduceBench } from './reduce.js'
import { resyncBench } from './resync.js'
import { startBench } from './start.js'
import { asText, type Bench } from './report.js'

const BENCHES: Readonly<Record<string, Bench>> = {
  cost: costBench,
  harm: harmBench,
  ingest: ingestBench,
  pop: popBench,
  start: startBench,
  resync: resyncBench,
  memory: memoryBench,
  history: historyBench,
  reduce: reduceBench,
  agents: agentsBench,
  commands: commandsBench,
  inbound: inboundBench,
  ivr: ivrBench,
  blacklist: blacklistBench,
  areas: areasBench,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, rounds: { type: 'string' }, seconds: { type: 'string' } },
})
const number = (text: string | undefined, key: string) => {
  if (text === undefined) return {}
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${key} must be a whole number`)
  return { [key]: value }
}
const bench = BENCHES[positionals[0] ?? '']
if (!bench) {
  console.error('npm run bench -- NAME [--json] [--rounds N] [--seconds S]\n')
  for (const [name, { about }] of Object.entries(BENCHES)) console.error(`  ${name.padEnd(8)} ${about}`)
  process.exitCode = 2
} else {
  const measured = await bench.run({
    ...number(values.rounds, 'rounds'),
    ...number(values.seconds, 'seconds'),
    say: line => console.error(line),
  })
  console.log(values.json ? JSON.stringify(measured) : asText(measured))
}
