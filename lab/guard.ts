/**
 * A process of its own that outlives the lab by a moment. Its input is a pipe from the lab, which the kernel closes
 * however the lab ends; then it kills what still runs and removes the run folder. Lines on the pipe: `+name` and
 * `-name` for each program that starts and ends (process-name.ts), and `!path` for a file elsewhere that is to go with
 * them. Argument: the run folder.
 */
import { existsSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { sleep } from '../src/base/clock.js'
import { systemClock } from '../src/base/system.js'
import { isAlive } from './process-name.js'

const LOOK_AGAIN_MS = 50
const TRIES = 100

/** A program that is being killed may still write, so removing goes on until it holds. */
async function endAll(programs: Iterable<string>, folder: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const alive = [...programs].filter(isAlive)
    for (const name of alive) kill(Number(name.split('-')[0]))
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
    if (alive.length === 0 && !existsSync(folder)) return
    await sleep(systemClock, LOOK_AGAIN_MS)
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    return // it ended by itself
  }
}

const folder = process.argv[2]
if (folder === undefined) throw new Error('the guard needs a run folder')
const programs = new Set<string>()
const files = new Set<string>()
for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('+')) programs.add(line.slice(1))
  if (line.startsWith('-')) programs.delete(line.slice(1))
  if (line.startsWith('!')) files.add(line.slice(1))
}
for (const file of files) rmSync(file, { force: true })
await endAll(programs, folder)
