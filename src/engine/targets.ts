/** Whom a call can be sent on to: a number as people write it, read by the rules of the site and checked at the PBX. */
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import type { Site } from '../calls/site.js'
import type { NumberClass } from '../events/number.js'
import type { Link } from '../pbx/link.js'
import { isOutside } from '../routing/limits.js'
import type { Judged } from '../routing/numbers.js'
import type { Asker } from './agent-commands.js'
import type { PbxState } from './state.js'

type Parts = {
  state: PbxState
  site: Site
  link: Pick<Link, 'reach'>
  judged: (to: string, from: string | undefined, by: Asker) => Judged
  count: (from: string, by: Asker, kind: NumberClass) => ErrorCode | undefined
  /** Whether that would refuse it. */
  isOver: (from: string, by: Asker, kind: NumberClass) => ErrorCode | undefined
  endpointOf: (extension: string) => string | undefined
}

export type Target = {
  /** As the PBX is to dial it, and where. */
  number: string
  context: string
  isEmergency?: true
  /** Where the phone of an extension is. */
  endpoint?: string
  /** Nobody answers: it can go back to whoever sent it. A queue and a menu answer at once. */
  comesBack: boolean
  /** Counts it against the limits of whoever dials. */
  admit: () => ErrorCode | undefined
}
export type Targets = ReturnType<typeof createTargets>

export function createTargets({ state, site, link, judged, count, isOver, endpointOf }: Parts) {
  /** Nobody has signed in to it, or those who have are away. */
  const isUnattended = (number: string) => {
    const workgroup = [...state.directory.workgroups.values()].find(w => w.number === number)
    const queue = workgroup && state.queues.get(workgroup.id)
    return queue !== undefined && !queue.members.some(m => m.phone !== 'unavailable' && m.phone !== 'invalid')
  }

  function phoneOf(extension: string): Result<string, ErrorCode> {
    const endpoint = endpointOf(extension)
    const phone = endpoint === undefined ? undefined : state.phones.get(endpoint)
    if (endpoint === undefined) return no('NUMBER_UNKNOWN')
    if (phone === 'unavailable' || phone === 'invalid') return no('EXTENSION_UNREACHABLE')
    return phone === 'busy' ? no('EXTENSION_BUSY') : ok(endpoint)
  }

  return {
    isEmergency: (number: string) => judged(number, undefined, {}).class === 'emergency',

    async find(to: string, from: string, by: Asker): Promise<Result<Target, ErrorCode>> {
      const number = judged(to, from, by)
      if ('code' in number) return no(number.code)
      const { dials } = number
      // Nothing but the PBX itself stops an emergency number, whatever else looks like it.
      const isEmergency = number.class === 'emergency'
      if (dials === from && !isEmergency) return no('TRANSFER_TO_SELF')
      const isExtension = !isEmergency && site.extension.test(dials)
      const phone = isExtension ? phoneOf(dials) : undefined
      if (phone?.ok === false) return phone
      if (!isEmergency && isUnattended(dials)) return no('QUEUE_UNATTENDED')
      const reached = await (link.reach?.(dials) ?? Promise.resolve(no('PBX_DOWN' as const)))
      if (!reached.ok) return reached
      if (!reached.value.exists) return no('NUMBER_UNKNOWN')
      const over = isOver(from, by, number.class)
      if (over) return no(over)
      return ok({
        number: dials,
        context: reached.value.context,
        ...(phone?.ok && { endpoint: phone.value }),
        ...(isEmergency && { isEmergency }),
        comesBack: isExtension || isOutside(number.class),
        admit: () => count(from, by, number.class),
      })
    },
  }
}
