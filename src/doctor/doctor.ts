/** Looks at all that a configuration names, each thing by itself, and reports in the order of the configuration. */
import type { AmiAddress } from '../ami/connection.js'
import type { AmiLogin } from '../ami/login.js'
import type { AriAddress } from '../ari/connection.js'
import type { RedisSettings } from '../store/redis.js'
import { checkAmi, type AmiParts } from './ami.js'
import { checkAri } from './ari.js'
import { checkAreas, type DataAge } from './areas.js'
import type { Check } from './check.js'
import type { Endpoints } from './endpoints.js'
import { checkRecordings } from './recordings.js'
import { checkRedis } from './redis.js'

export type Patient = {
  redis: RedisSettings
  /** The data of areas that there is. */
  areaData?: readonly DataAge[]
  pbxs: readonly (Endpoints & {
    name: string
    ami: AmiAddress & AmiLogin
    ari?: AriAddress
    recordings?: { dir?: string }
  })[]
}

/** Never rejects because of what it looks at: that something is not there is what it tells. */
export async function examine({ redis, pbxs, areaData = [] }: Patient, parts: AmiParts): Promise<Check[]> {
  const ofPbxs = pbxs.flatMap(({ name, ami, ari, recordings, ...endpoints }) => [
    checkAmi(name, ami, parts, endpoints),
    ...(ari ? [checkAri(name, ari, parts.clock)] : []),
    ...(recordings?.dir === undefined ? [] : [checkRecordings(name, recordings.dir)]),
  ])
  const seen = await Promise.all([checkRedis(redis, parts.clock), ...ofPbxs])
  return [...seen.flat(), ...checkAreas(areaData, parts.clock.now())]
}
