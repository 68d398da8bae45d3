/**
 * A disk on which one process has no more room (setrlimit(2), RLIMIT_FSIZE): no file of its may grow. It says EFBIG where a
 * full disk says ENOSPC; nobody needs to be root for it.
 */
import { execFileSync } from 'node:child_process'

const limit = (pid: number | undefined, bytes: string) => {
  if (pid === undefined) throw new Error('it does not run')
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`])
}

// Node ignores the signal that comes with it; what tap loads listens to it, and would end the process.
process.on('SIGXFSZ', () => undefined)

/** No file may be longer than this; what is there stays. */
export const fillDisk = (pid: number | undefined, bytes = 1) => limit(pid, String(bytes))
export const emptyDisk = (pid: number | undefined) => limit(pid, 'unlimited')
