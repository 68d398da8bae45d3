/** Text -> sound, by a program. The only driver there is; another one is another such function. Touches processes and files. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inTime, type Clock } from '../base/clock.js'

export type SpeechSettings = {
  driver: 'espeak-ng'
  command: string
  /** Before its own. */
  args: readonly string[]
  /** By language: the name that the program has for the voice. */
  voices: Readonly<Record<string, string>>
}

/** Undefined: the program is not there, or has failed. */
export type Speak = (text: string, voice: string) => Promise<Buffer | undefined>

const WITHIN_MS = 60_000

/** https://github.com/espeak-ng/espeak-ng/blob/master/src/espeak-ng.1.ronn. The text goes to its input: no shell, no option. */
export const espeak =
  ({ command, args }: SpeechSettings, clock: Clock): Speak =>
  async (text, voice) => {
    let folder: string | undefined
    try {
      folder = await mkdtemp(join(tmpdir(), 'aladdin-speech-'))
      const file = join(folder, 'speech.wav')
      const child = spawn(command, [...args, '-v', voice, '--stdin', '-w', file], {
        stdio: ['pipe', 'ignore', 'ignore'],
      })
      const ended = new Promise<number | null>(resolve => {
        child.on('error', () => resolve(null))
        child.on('close', resolve)
      })
      child.stdin.on('error', () => undefined)
      child.stdin.end(text)
      const isDone = await inTime(clock, WITHIN_MS, ended)
      child.kill('SIGKILL')
      return isDone && (await ended) === 0 ? await readFile(file) : undefined
    } catch {
      return undefined
    } finally {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    }
  }
