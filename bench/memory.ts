/**
 * What a call that is going on takes of the daemon's memory (P13), at 5,000 of them; its baseline is the same process with
 * a thousand, so that what is there anyway does not count. Told by a server that only sends.
 */
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { sleep } from '../src/base/clock.js'
import { CHECKOUT } from '../lab/config-files.js'
import { retry } from '../lab/wait.js'
import { openAmiServer } from './ami-server.js'
import { residentKb } from './cpu.js'
import { readRecorded } from './recorded.js'
import { median, type Bench, type Measured, type Wanted } from './report.js'
import { openRig, type Rig } from './rig.js'

const ROUNDS = 5
/** Calls that are over before anything is measured: whatever grows until it is full has done so. */
const OVER = 4_000
const BEFORE = 1_000
const CALLS = 5_000
const CALLS_PER_S = 400
const AT_ONCE = 10

const collector = pathToFileURL(join(CHECKOUT, 'build/bench/programs/collect.js')).href

type Memory = { usedKb: number; residentKb: number }

async function round(rig: Rig): Promise<{ before: Memory; after: Memory }> {
  const server = await openAmiServer()
  const daemon = await rig.daemon({ amiPort: server.port, node: ['--expose-gc', '--import', collector] })
  const { program } = daemon
  const subscriber = await daemon.subscribe()
  const socket = await server.events()
  const { answered, call } = readRecorded()
  let [told, times] = [0, 0]
  const collected = async () => {
    const said = new RegExp(`collected ${++times}: (\\d+) bytes`)
    program.kill('SIGUSR2')
    const bytes = await retry(rig.lab.clock, said.source, 20_000, () =>
      Promise.resolve(said.exec(program.lastWords())?.[1]),
    )
    return { usedKb: Number(bytes) / 1_024, residentKb: residentKb(program.pid) }
  }
  /** Not faster than a very large call centre: what a burst leaves behind is not what calls take. */
  const tell = async (calls: number, textOf: (n: number) => string) => {
    for (let n = told; n < told + calls; n++) {
      socket.write(textOf(n))
      if (n % AT_ONCE === 0) await sleep(rig.lab.clock, (AT_ONCE * 1_000) / CALLS_PER_S)
    }
    told += calls
    await subscriber.until('call.answered', told)
    return collected()
  }
  await tell(OVER, call)
  await subscriber.until('call.recorded', OVER)
  const before = await tell(BEFORE, answered)
  const after = await tell(CALLS, answered)
  subscriber.close()
  await program.stop(10_000)
  server.close()
  return { before, after }
}

async function run({ rounds = ROUNDS, say }: Wanted): Promise<Measured> {
  const rig = await openRig()
  const found: { before: Memory; after: Memory }[] = []
  try {
    for (let n = 0; n < rounds; n++) {
      found.push(await round(rig))
      say(`round ${n + 1}: ${JSON.stringify(found.at(-1))}`)
    }
  } finally {
    await rig.stop()
  }
  const each = (key: keyof Memory) => found.map(({ before, after }) => (after[key] - before[key]) / CALLS)
  const megabytes = (when: 'before' | 'after', key: keyof Memory) => found.map(memory => memory[when][key] / 1_024)
  return {
    name: 'memory',
    rounds,
    values: {
      'KB in use, a call that is going on': each('usedKb'),
      'KB resident, a call that is going on': each('residentKb'),
      'in use with 6,000 calls, MB': megabytes('after', 'usedKb'),
      'resident with 6,000 calls, MB': megabytes('after', 'residentKb'),
    },
    baselines: {
      'in use with 1,000 calls, MB': megabytes('before', 'usedKb'),
      'resident with 1,000 calls, MB': megabytes('before', 'residentKb'),
    },
    // In use: what is resident hides in the room that earlier calls have left.
    ratios: { P13: median(each('usedKb')) },
  }
}

export const memoryBench: Bench = { about: 'memory of a call that is going on, at 5,000 (P13)', run }
