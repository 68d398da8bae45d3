/** Folders and programs that a configuration names: whether this machine has them. Reads the disk, changes nothing. */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Config, PbxConfig } from './config.js'

const { R_OK, W_OK, X_OK } = constants

/** Warnings: the configuration may be for another machine, or the folder not mounted yet. `path`: where programs are looked for. */
export const placeWarnings = ({ pbxs }: Config, path: string): string[] =>
  pbxs.flatMap(pbx => warningsOfPbx(pbx, path).map(line => `pbxs ${pbx.name}: ${line}`))

function warningsOfPbx({ recordings, prompts }: PbxConfig, path: string): string[] {
  const { speech } = prompts
  return [
    ...folder('recordings.dir', recordings.dir, R_OK | X_OK),
    ...folder('prompts.dir', prompts.dir, R_OK | W_OK | X_OK),
    ...(speech && !isProgram(speech.command, path)
      ? [`prompts.speech.command: there is no program ${speech.command}`]
      : []),
  ]
}

function folder(setting: string, dir: string | undefined, wanted: number): string[] {
  if (dir === undefined) return []
  try {
    if (!statSync(dir).isDirectory()) return [`${setting}: ${dir} is not a folder`]
    accessSync(dir, wanted)
    return []
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return [`${setting}: there is no folder ${dir}`]
    return [`${setting}: ${dir} cannot be ${wanted & W_OK ? 'written to' : 'read'} (${code})`]
  }
}

/** As `spawn` finds it: by its path, or in a folder of PATH. */
function isProgram(command: string, path: string): boolean {
  const places = command.includes('/') ? [command] : path.split(delimiter).map(dir => join(dir, command))
  return places.some(place => {
    try {
      accessSync(place, X_OK)
      return statSync(place).isFile()
    } catch {
      return false
    }
  })
}
