/** The daemon as a process of its own, for what a process can meet: it is killed, stands still, or is asked to end. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKOUT } from '../../lab/config-files.js'
import { labConfig, type LabDaemonOptions } from '../../lab/daemon.js'
import type { Lab } from '../../lab/lab.js'
import { freeTcp } from '../../lab/ports.js'
import type { Program } from '../../lab/programs.js'
import { retry } from '../../lab/wait.js'
import { elapsedMs } from '../../src/base/system.js'
import { aCrm, KEY, type Crm } from './exchange.js'

const PATIENCE_MS = 30_000

export type DaemonProcess = {
  crm: Crm
  address: string
  /** Resolves when it is ready, with how long that took from its start. */
  start: () => Promise<{ program: Program; readyAfterMs: number }>
  /** One figure of its metrics, summed over labels that have this text. */
  metric: (name: string, having?: string) => Promise<number>
}

/** Each start is with the same configuration, on the same port. `name` keeps the files and keys of several apart. */
export async function aDaemonProcess(
  lab: Lab,
  name: string,
  options: Partial<LabDaemonOptions> = {},
): Promise<DaemonProcess> {
  const port = await freeTcp()
  const address = `http://127.0.0.1:${port}`
  const crm = aCrm(lab, () => address)
  const file = join(lab.dir, `${name}.yaml`)
  writeFileSync(file, JSON.stringify(labConfig(lab, { key: KEY, port, prefix: name, ...options })))
  return {
    crm,
    address,
    async start() {
      const args = [join(CHECKOUT, 'build/src/main.js'), 'start', '--config', file]
      const began = elapsedMs()
      const program = lab.programs.start(name, { program: process.execPath, args })
      await retry(lab.clock, `the daemon ${name}`, PATIENCE_MS, async () => {
        if (!program.running()) throw new Error(`the daemon has ended: ${program.lastWords()}`)
        const answer = await crm.get<{ status: string }>('/readyz').catch(() => undefined)
        return answer?.body.status === 'ready' ? true : undefined
      })
      return { program, readyAfterMs: elapsedMs() - began }
    },
    async metric(metric, having = '') {
      const text = await (await fetch(`${address}/metrics`)).text()
      const lines = text.split('\n').filter(line => line.startsWith(metric) && line.includes(having))
      return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
    },
  }
}
