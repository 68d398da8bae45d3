/** `aladdin ivr check` and `aladdin ivr draw`: the menus of a folder. Prints to the given function; no logic of its own. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { readMenus } from './config-ivr.js'
import { PROMPT_PREFIX } from './events/prompt.js'
import { drawMenu } from './ivr/check.js'
import { soundsOf } from './ivr/menus.js'

const ENDING = /\.[A-Za-z0-9]+$/

/** The names of all sounds below a folder, without their endings. */
function soundsIn(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below)).flatMap(name => {
    const path = join(below, name)
    return statSync(join(folder, path)).isDirectory() ? soundsIn(folder, path) : [path.replace(ENDING, '')]
  })
}

/** Of a sound that is named from the root, whether a file of that name is there. */
const isThere = (name: string) =>
  isAbsolute(name) &&
  ['wav', 'sln', 'gsm', 'ulaw', 'alaw', 'g722', 'wav49', 'mp3'].some(end => existsSync(`${name}.${end}`))

/** `sounds`: that of a language, such as /var/lib/asterisk/sounds/en; `prompts`: that of the prompts. Without both, sounds are not looked for. */
export type Folders = { sounds?: string | undefined; prompts?: string | undefined }

/** Whether all is well. */
export function ivrCommand(what: 'check' | 'draw', dir: string, { sounds, prompts }: Folders, say: (line: string) => void): boolean {
  const plain = readMenus({ dir })
  const all = plain.ok ? [...plain.value.values()].flatMap(menu => Object.values(menu.nodes).flatMap(soundsOf)) : []
  const here = [...(sounds === undefined ? [] : soundsIn(sounds)), ...(prompts === undefined ? [] : soundsIn(prompts).map(name => `${PROMPT_PREFIX}${name}`))]
  const known = sounds === undefined && prompts === undefined ? undefined : new Set([...here, ...all.filter(isThere)])
  const menus = readMenus({ dir }, known ? { sounds: known } : {})
  if (!menus.ok) {
    for (const line of menus.error) say(`${line}\n`)
    return false
  }
  if (what === 'draw') for (const menu of menus.value.values()) say(drawMenu(menu))
  else say(`${menus.value.size} menus, and all is well\n`)
  return true
} // prettier-ignore
