/** Which PBX a request means. */
import { Type } from 'typebox'
import { Refusal } from '../base/errors.js'
import type { Pbx, Pbxs } from './ports.js'

export const pbxName = Type.Optional(
  Type.String({ maxLength: 32, description: 'Where there are several; the first if left out' }),
)

export function pbxNamed(pbxs: Pbxs, name: string | undefined): Pbx {
  const pbx = name === undefined ? [...pbxs.values()][0] : pbxs.get(name)
  if (!pbx) throw new Refusal('PBX_NOT_FOUND')
  return pbx
}
