/**
 * The number in what a `Dial()`, a queue or an originate was given: `PJSIP/138…@trunk`, `SIP/trunk/138…`, `trunk/138…`,
 * `PJSIP/trunk/sip:138…@host`, `Local/2001@from-queue/n`, `IAX2/user:secret@host/138…@context`. Pure.
 */
import { endpointOfChannel } from './channel-name.js'

/** What can be rung by command: `PJSIP/1001`, `Local/1001@phones`. Other characters would mean something else there, or nothing. */
export const ENDPOINT = /^[A-Za-z0-9]+\/[A-Za-z0-9_.+-]+(?:@[A-Za-z0-9_.-]+)?$/
/** Of a phone: `alice`, `SIP-1002`. */
export const ENDPOINT_NAME = /^[A-Za-z0-9_.+-]+$/

/** The device of an extension, where the configuration does not say it. */
export const DEFAULT_ENDPOINT = 'PJSIP/{extension}'

/** `channel`: the name of the channel that was made for it, whose endpoint is no number that was called. */
export function numberInDialString(text: string, channel = ''): string | undefined {
  const [device = '', ...rest] = withoutTechnology(text, channel).split('/')
  const endpoint = endpointOfChannel(channel)
  return [...rest, device].map(userOf).find(part => part !== endpoint && isNumber(part))
}

function withoutTechnology(text: string, channel: string): string {
  const technology = [channel.slice(0, channel.indexOf('/') + 1), 'Local/', 'PJSIP/', 'SIP/', 'IAX2/', 'DAHDI/']
  const own = technology.find(name => name !== '' && text.startsWith(name))
  return own === undefined ? text : text.slice(own.length)
}

/** The user of `sip:138…@host;transport=tcp`, of `138…:secret@host`; `w` makes DAHDI wait before it dials. */
function userOf(part: string): string {
  const [user = ''] = part.replace(/^(?:sips?|tel):/i, '').split(/[@;:]/, 1)
  return user.replace(/^[wW]+(?=[0-9+*#])/, '').replace(/^%2[bB]/, '+')
}

/**
 * What was dialled to make a channel of this device: of `PJSIP/1001&Local/2001@agents/n`, the second for `Local/2001@agents`, which is how
 * its channels are named; `PJSIP/138…@trunk` and `PJSIP/trunk/sip:138…` for `PJSIP/trunk`.
 */
export const dialStringFor = (dialled: string, device: string): string | undefined =>
  dialled.split('&').find(text => isOfDevice(text.toLowerCase(), device.toLowerCase()))

const isOfDevice = (text: string, device: string): boolean =>
  text === device || text.startsWith(`${device}/`) || text.replace(/^([^/]+)\/[^/]*@([^@/]+)$/, '$1/$2') === device

const isNumber = (part: string) => /^[+*#0-9][*#0-9 ().-]*$/.test(part) && /[0-9]/.test(part)
