/**
 * The running programs of one lab, and the guard that ends them with it. Each program dies with this process by the
 * kernel's hand (mortal.ts); the guard is the second net, and removes the run folder. Touches processes.
 */
import { inTime } from '../src/base/clock.js'
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Clock } from '../src/base/clock.js'
import { spawnMortal } from './mortal.js'
import { processName } from './process-name.js'
import type { Command } from './root.js'

export type Program = Readonly<{
  pid: number
  /** Resolves with the exit code, or null after a signal. */
  ended: Promise<number | null>
  running: () => boolean
  kill: (signal?: NodeJS.Signals) => void
  /** Asks it to end, and kills it when it has not after so long. */
  stop: (withinMs?: number) => Promise<void>
  /** The end of what it wrote, to tell why it ended. */
  lastWords: () => string
}>

export type Programs = Readonly<{
  /** What the program writes goes to `log/<name>.out` in the run folder. */
  start: (name: string, command: Command, env?: Record<string, string>) => Program
  guard: () => number | undefined
  /** A file elsewhere that is to go with the run folder, however that goes. */
  alsoRemove: (path: string) => void
  stopAll: () => Promise<void>
}>

const LAST_WORDS = 500
const STOP_WITHIN_MS = 2_000
const GUARD = fileURLToPath(new URL('guard.js', import.meta.url))

export function openPrograms(folder: string, clock: Clock): Programs {
  const running = new Set<Program>()
  const guard = keepGuard(folder)
  const start = (name: string, command: Command, env: Record<string, string> = {}) => {
    const log = join(folder, 'log', `${name}.out`)
    const child = spawnInto(log, command, env, folder)
    if (child.pid === undefined) throw new Error(`${command.program} does not start`)
    const known = processName(child.pid)
    if (known !== undefined) guard.tell(`+${known}`)
    const program = asProgram(child, child.pid, log, clock)
    running.add(program)
    void program.ended.then(() => {
      running.delete(program)
      if (known !== undefined) guard.tell(`-${known}`)
    })
    return program
  }
  const stopAll = async () => {
    await Promise.all([...running].map(program => program.stop()))
    await guard.end()
  }
  return { start, stopAll, alsoRemove: path => guard.tell(`!${path}`), guard: guard.pid }
}

function spawnInto(log: string, command: Command, env: Record<string, string>, cwd: string): ChildProcess {
  const out = openSync(log, 'a', 0o600)
  const options = { stdio: ['ignore', out, out] as ['ignore', number, number], cwd, env: { ...process.env, ...env } }
  const child = spawnMortal(command.program, command.args, options)
  closeSync(out)
  child.on('error', () => undefined) // shows as a missing pid
  return child
}

function asProgram(child: ChildProcess, pid: number, log: string, clock: Clock): Program {
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
  const running = () => child.exitCode === null && child.signalCode === null
  const kill = (signal: NodeJS.Signals = 'SIGKILL') => void child.kill(signal)
  const stop = async (withinMs = STOP_WITHIN_MS) => {
    if (!running()) return
    kill('SIGTERM')
    if (await inTime(clock, withinMs, ended)) return
    kill()
    await ended
  }
  const lastWords = () => readFileSync(log, 'utf8').trim().slice(-LAST_WORDS)
  return { pid, ended, running, kill, stop, lastWords }
}

/** A guard that dies before its time is replaced, so there is always one. */
function keepGuard(folder: string): {
  tell: (line: string) => void
  end: () => Promise<void>
  pid: () => number | undefined
} {
  const told = new Set<string>()
  let ending = false
  const open = () => {
    const child = spawn(process.execPath, [GUARD, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    child.stdin.on('error', () => undefined)
    child.unref()
    for (const line of told) child.stdin.write(`${line}\n`)
    child.once('exit', () => {
      if (!ending) guard = open()
    })
    return child
  }
  let guard = open()
  const tell = (line: string) => {
    if (line.startsWith('-')) told.delete(`+${line.slice(1)}`)
    else told.add(line)
    guard.stdin.write(`${line}\n`)
  }
  const end = async () => {
    ending = true
    if (guard.exitCode !== null || guard.signalCode !== null) return
    const gone = new Promise(resolve => guard.once('exit', resolve))
    guard.ref()
    guard.stdin.end()
    await gone
  }
  return { tell, end, pid: () => guard.pid }
}
