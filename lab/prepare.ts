/** Fetches what the lab needs, if it is not in the cache: once, with its progress shown, before anything waits for it. */
import { systemClock } from '../src/base/system.js'
import { LabUnavailable } from './errors.js'
import { fetchRoot } from './fetch.js'

/** Ends the process with one clear line where the lab cannot be had. */
export async function prepareLab(say: (line: string) => void): Promise<void> {
  try {
    await fetchRoot('22', process.env, systemClock, say)
  } catch (error) {
    if (!(error instanceof LabUnavailable)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}
