/** How old the data of areas is: ranges of mobiles are given out every month. Pure. */
import type { EpochMs } from '../base/ids.js'
import { checksOf, type Check } from './check.js'

/** `of`: undefined where nothing says when it was made. */
export type DataAge = { name: string; of: EpochMs | undefined }

const YEAR_MS = 365 * 24 * 3_600_000
const dayOf = (at: EpochMs) => new Date(at).toISOString().slice(0, 10)

export function checkAreas(data: readonly DataAge[], now: EpochMs): Check[] {
  const { checks, ok, warning, unknown } = checksOf('areas')
  for (const { name, of } of data) {
    if (of === undefined) unknown('areas.age', `${name}: nothing says when it was made`)
    else if (now - of <= YEAR_MS) ok('areas.age', `${name}: of ${dayOf(of)}`)
    else
      warning(
        'areas.age',
        `${name}: of ${dayOf(of)}, more than a year ago; newer ranges of mobiles are at home nowhere`,
        'put newer data, such as a phone.dat, into areas.files: docs/areas.md',
      )
  }
  return checks
}
