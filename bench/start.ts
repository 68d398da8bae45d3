/** From exec to ready (P14), beside a process that only loads the same libraries. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { elapsedMs } from '../src/base/system.js'
import { CHECKOUT } from '../lab/config-files.js'
import { ratioOf, type Bench, type Measured, type Wanted } from './report.js'
import { openRig } from './rig.js'

const ROUNDS = 11

function loading(): Promise<number> {
  const begun = elapsedMs()
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(CHECKOUT, 'build/bench/programs/libraries.js')], { stdio: 'ignore' })
    child.once('error', reject).once('exit', () => resolve(elapsedMs() - begun))
  })
}

async function run({ rounds = ROUNDS, say }: Wanted): Promise<Measured> {
  const rig = await openRig()
  const [ready, loaded]: [number[], number[]] = [[], []]
  try {
    for (let round = 0; round < rounds; round++) {
      const begun = elapsedMs()
      const { program } = await rig.daemon()
      ready.push(elapsedMs() - begun)
      await program.stop(10_000)
      loaded.push(await loading())
      say(
        `round ${round + 1}: ready after ${ready.at(-1)?.toFixed(0) ?? ''} ms, libraries ${loaded.at(-1)?.toFixed(0) ?? ''} ms`,
      )
    }
  } finally {
    await rig.stop()
  }
  return {
    name: 'start',
    rounds,
    values: { 'exec to ready, ms': ready },
    baselines: { 'loading the libraries, ms': loaded },
    ratios: { P14: ratioOf(ready, loaded) },
  }
}

export const startBench: Bench = { about: 'from exec to ready (P14)', run }
