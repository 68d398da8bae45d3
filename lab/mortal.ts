/**
 * Starts programs that the kernel kills when this process dies, whatever it dies of (prctl(2), PR_SET_PDEATHSIG, by way
 * of setpriv from util-linux). In sessions of their own, so a Ctrl-C in the terminal reaches only us and we stop them in
 * order. Where setpriv is missing the guard alone has to do it.
 */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const onPath = (tool: string) =>
  (process.env['PATH'] ?? '').split(':').some(folder => folder !== '' && existsSync(join(folder, tool)))

export const hasTool = (tool: string) => onPath(tool) || existsSync(`/usr/sbin/${tool}`)

export function spawnMortal(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const own: SpawnOptions = { ...options, detached: true }
  if (!hasTool('setpriv')) return spawn(program, args, own)
  return spawn('setpriv', ['--pdeathsig', 'SIGKILL', '--', program, ...args], own)
}

export type Finished = Readonly<{ code: number | null; out: string; err: string }>

/** Runs to the end and gives what was written; `onOut` sees each line of the extra pipe, descriptor 3. */
export function runMortal(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
  onOut: (line: string) => void = () => undefined,
): Promise<Finished> {
  const child = spawnMortal(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
  const written = { out: '', err: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (written.out += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (written.err += text))
  eachLine(child, onOut)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve({ code, ...written }))
  })
}

function eachLine(child: ChildProcess, see: (line: string) => void): void {
  const pipe = child.stdio[3]
  if (!pipe || !('setEncoding' in pipe)) return
  let rest = ''
  pipe.setEncoding('utf8')
  pipe.on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(see)
  })
}
