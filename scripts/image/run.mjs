/** Runs programs for the image scripts: what they say goes to a log, the end of which is shown when one fails. */
import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'

/** Set by scripts/image.mjs: the private folder, and what was asked for. */
export const asked = JSON.parse(process.env.ALADDIN_IMAGE ?? '{}')
const log = `${asked.folder}/log`

/** What was wrong, said to the user without a stack. */
export class Failed extends Error {}

export function tell(text) {
  appendFileSync(log, text)
  if (asked.verbose) process.stderr.write(text)
}

/** One step of the story: its name, and how long it took. */
export async function step(name, doing) {
  const began = process.hrtime.bigint()
  tell(`=== ${name}\n`)
  const result = await doing()
  const seconds = Number((process.hrtime.bigint() - began) / 100_000_000n) / 10
  const note = typeof result === 'string' ? `: ${result}` : ''
  process.stdout.write(`${seconds.toFixed(1).padStart(6)} s  ${name}${note}\n`)
  return result
}

export function start(command, args, options = {}) {
  tell(`$ ${command} ${args.join(' ').replace(/(--env \w+=)\S+/g, '$1…')}\n`)
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let out = ''
  child.stdout?.on('data', data => {
    out += data
    tell(String(data))
  })
  child.stderr?.on('data', data => tell(String(data)))
  const ended = new Promise((resolve, reject) => {
    child.on('error', error => reject(new Failed(`${command} cannot be run (${error.code})`)))
    child.on('close', code => resolve({ code, out }))
  })
  return { pid: child.pid, ended }
}

/** Standard output; a program that fails ends the story. */
export async function run(command, args, options) {
  const { code, out } = await start(command, args, options).ended
  if (code === 0) return out
  throw new Failed(`${command} failed (${code})`)
}

/** Ends the story with what was wrong, and the end of the log. */
export function fail(error) {
  const last = asked.verbose ? '' : readFileSync(log, 'utf8').trimEnd().split('\n').slice(-20).join('\n')
  process.stderr.write(`${last}\n\n${error instanceof Failed ? error.message : error.stack}\n`)
  process.exit(1)
}
