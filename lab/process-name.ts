/**
 * Names a process beyond the reuse of its number: `pid-start`, the start as the kernel counts it. Touches /proc
 * (proc(5), stat, field 22).
 */
import { readFileSync } from 'node:fs'

/** Undefined when there is no such process, or only its zombie. */
export function processName(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets, and may itself hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const state = fields[0]
    return state === 'Z' || state === 'X' ? undefined : `${pid}-${fields[19] ?? ''}`
  } catch {
    return undefined
  }
}

export const thisProcess = () => processName(process.pid) ?? `${process.pid}-`

export function isAlive(name: string): boolean {
  const pid = Number(name.split('-')[0])
  return Number.isInteger(pid) && pid > 0 && processName(pid) === name
}
