/**
 * The files of recordings that the dialplan makes: in a folder that the daemon can read, or at an address that a template
 * names. The names come from the PBX, and are nothing but names: what is not in the folder is not there. Touches files.
 */
import { constants } from 'node:fs'
import { open, realpath, type FileHandle } from 'node:fs/promises'
import { extname, posix, sep } from 'node:path'
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import { isSealed, openedFile } from './sealed.js'

export type RecordingSettings = {
  /** As the daemon sees the folder, and as the PBX does. */
  dir?: string
  as: string
  /** Where the sound is instead; `{file}` is the path within the PBX's folder. */
  url?: string
}
export type SoundFile = { handle: FileHandle; size: number; type: string }
export type Found = { at: string } | SoundFile
export type RecordingFiles = ReturnType<typeof createRecordingFiles>

const TYPES: Readonly<Record<string, string>> = {
  '.wav': 'audio/wav',
  '.wav49': 'audio/wav',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.gsm': 'audio/gsm',
}

/** `secret`: by which the names of files are sealed. */
export function createRecordingFiles({ dir, as, url }: RecordingSettings, secret: () => Promise<string> = noSecret) {
  /** The path within the folder of the PBX; undefined when it leads elsewhere. */
  function within(file: string): string | undefined {
    const path = posix.relative(as, posix.normalize(file))
    const leads = path !== '' && !/^\.\.(?:\/|$)/.test(path) && !posix.isAbsolute(path) && !file.includes('\0')
    return leads && file.startsWith('/') ? path : undefined
  }

  return {
    async find(told: string, recording = ''): Promise<Result<Found, ErrorCode>> {
      const path = within(isSealed(told) ? openedFile(await secret(), told, recording) : told)
      if (path === undefined) return no('RECORDING_NOT_FOUND')
      if (url !== undefined) {
        const named = path.split('/').map(encodeURIComponent).join('/')
        return ok({ at: url.replaceAll('{file}', () => named) })
      }
      if (dir === undefined) return no('RECORDING_NOT_FOUND')
      const named = await openIn(dir, path)
      const written = writtenAs(path)
      return named.ok || written === undefined ? named : openIn(dir, written)
    },
  }
}

const noSecret = () => Promise.resolve('')

/** MixMonitor writes a name without an extension as raw sound, and the format `wav49` with the extension `WAV`. */
function writtenAs(path: string): string | undefined {
  const extension = extname(path)
  if (extension === '.wav49') return `${path.slice(0, -extension.length)}.WAV`
  return posix.basename(path).includes('.') ? undefined : `${path}.raw`
}

/** A link that leads out of the folder is none of its files, nor is a folder or a pipe. */
async function openIn(dir: string, path: string): Promise<Result<SoundFile, ErrorCode>> {
  try {
    const folder = await realpath(dir)
    const file = await realpath(posix.join(folder, path))
    if (!file.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)) return no('RECORDING_NOT_FOUND')
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const stat = await handle.stat()
    if (stat.isFile())
      return ok({ handle, size: stat.size, type: TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream' })
    await handle.close()
    return no('RECORDING_NOT_FOUND')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    return no(code === 'ENOENT' || code === 'ENOTDIR' ? 'RECORDING_GONE' : 'RECORDING_NOT_FOUND')
  }
}
