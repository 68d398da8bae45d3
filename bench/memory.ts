/**
 * What a call that is going on takes of the daemon's memory (P13), at 5,000 of them; its baseline is the same process with
 * a thousand, so that what is there anyway does not count. Told by a server that only sends.
 */
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { CHECKOUT } from '../lab/config-files.js'
import { retry } from '../lab/wait.js'
import { openAmiServer } from './ami-server.js'
import { residentKb } from './cpu.js'
import { readRecorded } from './recorded.js'
import { median, type Bench, type Measured, type Wanted } from './report.js'
import { openRig, type Rig } from './rig.js'

const ROUNDS = 5
const BEFORE = 1_000
const CALLS = 5_000

const collector = pathToFileURL(join(CHECKOUT, 'build/bench/programs/collect.js')).href

async function round(rig: Rig): Promise<{ before: number; after: number }> {
  const server = await openAmiServer()
  const daemon = await rig.daemon({ amiPort: server.port, node: ['--expose-gc', '--import', collector] })
  const { program, address } = daemon
  const subscriber = await daemon.subscribe()
  const socket = await server.events()
  const { answered } = readRecorded()
  const collected = async () => {
    const said = () => program.lastWords().split('collected').length
    const before = said()
    program.kill('SIGUSR2')
    await retry(rig.lab.clock, `the collector of ${address}`, 20_000, () =>
      Promise.resolve(said() > before || undefined),
    )
    return residentKb(program.pid)
  }
  const talk = async (from: number, to: number) => {
    for (let n = from; n < to; n++) socket.write(answered(n))
    await subscriber.until('call.answered', to)
    return collected()
  }
  const before = await talk(0, BEFORE)
  const after = await talk(BEFORE, BEFORE + CALLS)
  subscriber.close()
  await program.stop(10_000)
  server.close()
  return { before, after }
}

async function run({ rounds = ROUNDS, say }: Wanted): Promise<Measured> {
  const rig = await openRig()
  const found: { before: number; after: number }[] = []
  try {
    for (let n = 0; n < rounds; n++) {
      found.push(await round(rig))
      say(`round ${n + 1}: ${JSON.stringify(found.at(-1))}`)
    }
  } finally {
    await rig.stop()
  }
  const each = found.map(({ before, after }) => (after - before) / CALLS)
  return {
    name: 'memory',
    rounds,
    values: { 'KB a call that is going on': each, 'resident with 6,000 calls, MB': found.map(f => f.after / 1_024) },
    baselines: { 'resident with 1,000 calls, MB': found.map(f => f.before / 1_024) },
    ratios: { P13: median(each) },
  }
}

export const memoryBench: Bench = { about: 'memory of a call that is going on, at 5,000 (P13)', run }
