/** What the configuration says of menus: `pbxs.ivr`, and the files of its folder. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Type, type Static } from 'typebox'
import { parse } from 'yaml'
import { textIn } from './base/charset.js'
import { no, ok, type Result } from './base/result.js'
import { checkMenus, menuOf, type Around } from './ivr/check.js'
import type { Menu, Menus } from './ivr/menus.js'

export const IvrSettingsSchema = Type.Object(
  { dir: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })) },
  { additionalProperties: false, default: {} },
)

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/
const MOST_BYTES = 1 << 20

/** Each `NAME.yaml` is a menu. All that is wrong with them, or the menus. */
export function readMenus({ dir }: Static<typeof IvrSettingsSchema>, around: Around = {}): Result<Menus, string[]> {
  if (dir === undefined) return ok(new Map())
  const wrong: string[] = []
  const menus = new Map<string, Menu>()
  for (const file of filesIn(dir, wrong)) {
    const name = basename(file, '.yaml')
    const menu = NAME.test(name) ? readMenu(join(dir, file), name) : no([`${file}: the name of a file is of a-z, 0-9 and -`])
    if (menu.ok) menus.set(name, menu.value)
    else wrong.push(...menu.error)
  }
  if (wrong.length === 0) wrong.push(...checkMenus(menus, around))
  return wrong.length > 0 ? no(wrong) : ok(menus)
} // prettier-ignore

function filesIn(dir: string, wrong: string[]): string[] {
  try {
    return readdirSync(dir).filter(file => file.endsWith('.yaml')).sort() // prettier-ignore
  } catch {
    wrong.push(`${dir}: cannot be read`)
    return []
  }
}

function readMenu(path: string, name: string): Result<Menu, string[]> {
  try {
    const bytes = readFileSync(path)
    if (bytes.length > MOST_BYTES) return no([`${name}: is larger than ${MOST_BYTES} bytes`])
    const text = textIn(bytes)
    if (!text.ok) return no([`${name}: ${text.error}`])
    return menuOf(name, parse(text.value, { maxAliasCount: 100 }))
  } catch (error) {
    return no([`${name}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'cannot be read'}`])
  }
}
