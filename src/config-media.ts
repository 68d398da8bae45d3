/** Sounds in the configuration, and names that may be there once: what several parts of it share. */
import { Type } from 'typebox'

/** The name of a sound as the PBX has it, without an ending. */
export const Sound = Type.String({ pattern: '^(?!.*\\.\\.)[A-Za-z0-9_./-]{1,200}$' })
/** One after the other. */
export const Media = Type.Array(Sound, { minItems: 1, maxItems: 20 })

export const twice = (names: readonly string[]) => [...new Set(names.filter((name, i) => names.indexOf(name) !== i))]
export const namedTwice = (where: string, named: readonly { name: string }[]) =>
  twice(named.map(({ name }) => name)).map(name => `${where}: two have the name ${name}`)
