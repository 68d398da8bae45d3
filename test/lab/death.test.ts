/** However the process that started a lab ends, the lab ends with it and leaves nothing. */
import t, { type Test } from 'tap'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKOUT } from '../../lab/config-files.js'
import { retry } from '../../lab/wait.js'
import { systemClock } from '../../src/base/system.js'

type Running = Readonly<{ pid: number; dir: string; inIt: () => number[]; ended: Promise<number | null> }>

/** `main.js run`, and everything that runs from its folder. */
async function runLab(t: Test): Promise<Running> {
  const child = spawn(process.execPath, [join(CHECKOUT, 'build/lab/main.js'), 'run'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  const { dir } = await retry(systemClock, 'the lab to say where it is', 60_000, async () =>
    out.endsWith('}\n') ? (JSON.parse(out) as { dir: string }) : undefined,
  )
  return { pid: child.pid ?? 0, dir, inIt: () => withArgument(dir), ended }
}

/** The processes that run in this folder, or have it in their command line: Asterisk, Valkey, the guard. */
const withArgument = (folder: string) =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && (commandLine(name) + workingFolder(name)).includes(folder))
    .map(Number)

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function workingFolder(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

const gone = ({ dir, inIt }: Running) =>
  retry(systemClock, 'the lab to be gone', 5_000, async () =>
    inIt().length === 0 && !existsSync(dir) ? true : undefined,
  )

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)
  t.test(`its parent gets ${signal}`, async t => {
    const lab = await runLab(t)
    t.equal(lab.inIt().length, 3, 'Asterisk, Valkey and the guard run')
    process.kill(lab.pid, signal)
    await gone(lab)
    t.equal(await lab.ended, signal === 'SIGKILL' ? null : 0)
  })

t.test('its guard is killed, and a new one takes over', async t => {
  const lab = await runLab(t)
  const guard = () => lab.inIt().find(pid => commandLine(String(pid)).includes('guard.js'))
  const first = guard() ?? 0
  process.kill(first, 'SIGKILL')
  await retry(systemClock, 'another guard', 5_000, async () => {
    const now = guard()
    return now !== undefined && now !== first ? true : undefined
  })
  process.kill(lab.pid, 'SIGKILL')
  await gone(lab)
  t.pass('nothing is left')
})

t.test('parent and guard are killed together: the next lab sweeps up', async t => {
  const lab = await runLab(t)
  const guard = lab.inIt().find(pid => commandLine(String(pid)).includes('guard.js')) ?? 0
  process.kill(lab.pid, 'SIGSTOP') // so that it cannot start another
  process.kill(guard, 'SIGKILL')
  process.kill(lab.pid, 'SIGKILL')
  await retry(systemClock, 'the programs to die', 5_000, async () => (lab.inIt().length === 0 ? true : undefined))
  const next = await runLab(t)
  t.notOk(existsSync(lab.dir))
  process.kill(next.pid, 'SIGTERM')
  await gone(next)
})
