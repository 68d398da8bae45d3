/** The file that a directory is first loaded from, as the configuration names it. */
import { readFileSync } from 'node:fs'
import { textIn } from './base/charset.js'
import { no, type Result } from './base/result.js'
import { parseDirectory } from './directory/file.js'
import type { Directory } from './directory/state.js'

/** Or everything that is wrong with it, one line each. */
export function readDirectory(path: string): Result<Directory, string[]> {
  try {
    const text = textIn(readFileSync(path))
    return text.ok ? parseDirectory(text.value) : no([text.error])
  } catch (error) {
    return no([`cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`])
  }
}
