/** Whether the endpoints that the configuration names exist on the PBX. Only reads. */
import { DEFAULT_ENDPOINT } from '../pbx/dial-string.js'
import type { Checks } from './check.js'
import type { Read } from './dialplan.js'

export type Endpoints = {
  trunks?: readonly string[]
  phones?: Readonly<Record<string, string>>
  /** How the PBX names the device of an extension. */
  endpoint?: string
}

/** A name that the daemon may ask for. */
const NAME = /^[\w.+-]{1,80}$/

export async function judgeEndpoints(
  checks: Checks,
  { trunks = [], phones = {}, endpoint = DEFAULT_ENDPOINT }: Endpoints,
  read: Read,
): Promise<void> {
  const named = { trunks, phones: Object.keys(phones) }
  for (const [field, names] of Object.entries(named)) {
    if (names.length === 0 || !endpoint.startsWith('PJSIP/')) continue
    const check = `endpoints.${field}`
    const states = await Promise.all(
      names.map(name => (NAME.test(name) ? read(`DEVICE_STATE(PJSIP/${name})`) : Promise.resolve('INVALID'))),
    )
    const missing = names.filter((_, i) => states[i] === 'INVALID')
    if (missing.length > 0)
      checks.warning(check, `the PBX has no endpoint ${missing.join(', ')}`, `${field}: the names as in pjsip.conf`)
    else if (states.includes(undefined))
      checks.unknown(check, 'cannot be checked: it takes the write right call or reporting, and func_devstate') // prettier-ignore
    else checks.ok(check, names.join(', '))
  }
}
