/** Makes a process stand still, as a machine that hangs would; resolves when its last thread does. */
import { readdirSync, readFileSync } from 'node:fs'
import { retry } from '../../lab/wait.js'
import { systemClock } from '../../src/base/system.js'

const stateOf = (pid: number, thread: string) =>
  /\) (\S)/.exec(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'))?.[1]

export async function freeze(pid: number | undefined): Promise<void> {
  // Signal 0 would go to everybody in this process group.
  if (pid === undefined) throw new Error('it does not run')
  process.kill(pid, 'SIGSTOP')
  const still = () => readdirSync(`/proc/${pid}/task`).every(thread => stateOf(pid, thread) === 'T')
  await retry(systemClock, `${pid} to stand still`, 5_000, () => Promise.resolve(still() || undefined))
}
