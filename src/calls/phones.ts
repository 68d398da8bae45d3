/**
 * Which extension a queue's member is, and which devices an extension has. The one place that says so: a member may be a device
 * (`PJSIP/1001`), or lead through the dialplan (`Local/2001@from-queue/n`) with a state interface of its own. Pure.
 */
import { DEFAULT_ENDPOINT } from '../pbx/dial-string.js'
import type { Member, PhoneState } from '../pbx/facts.js'
import { extensionOf, type Site } from './site.js'

/** `PJSIP/1001`: a device, by which somebody can be reached. */
const DEVICE = /^(?!Local\/|Agent\/|Queue\/)[A-Z0-9]+\/([^@/:&|]+)$/i
/** `Local/2001@from-queue/n`, `hint:2001@ext-local`, `Custom:2001`: a number of the dialplan. */
const NUMBER = /^(?:Local\/|hint:|Custom:)([^@/:&|]+)(?:@[^&|]*)?$/i

const MOST_PLACES = 10_000
const places = new WeakMap<Site, Map<string, string | undefined>>()

/** A device says which phone it is; where neither the interface nor the state interface is one, the number in them does. */
export function extensionOfMember(site: Site, { interface: place, stateInterface }: Omit<Member, 'name'>) {
  const key = stateInterface === undefined ? place : `${place} ${stateInterface}`
  const known = places.get(site) ?? new Map<string, string | undefined>()
  places.set(site, known)
  if (known.has(key)) return known.get(key)
  const names = stateInterface === undefined ? [place] : [place, stateInterface]
  const devices = names.flatMap(name => DEVICE.exec(name)?.[1] ?? [])
  const numbers = names.flatMap(name => NUMBER.exec(name)?.[1] ?? [])
  // A number of the dialplan is an extension already: `phones` of the configuration names devices.
  const found = [
    ...devices.flatMap(name => extensionOf(site, name) ?? []),
    ...numbers.filter(number => site.extension.test(number)),
  ][0]
  if (known.size >= MOST_PLACES) known.clear()
  known.set(key, found)
  return found
}

/**
 * As a queue would name them (`PJSIP/201-desk`), in the order of the configuration; last the endpoint that is named by the
 * extension, which there may be beside. None where it is no extension.
 */
export function devicesOf(site: Site, extension: string): string[] {
  const mapped = [...site.extensionOf].flatMap(([name, of]) => (of === extension ? [name] : []))
  const own = extensionOf(site, extension) === extension ? [extension] : []
  return [...mapped, ...own].map(name => (site.endpoint ?? DEFAULT_ENDPOINT).replace('{extension}', () => name))
}

const isGone = (phone: PhoneState | undefined) => phone === undefined || phone === 'unavailable' || phone === 'invalid'

type Phones = ReadonlyMap<string, PhoneState>

/** The device that is rung for an extension: the first that can be reached and is not busy, or else is there at all. */
export function deviceFor(site: Site, phones: Phones, extension: string): string | undefined {
  const devices = devicesOf(site, extension)
  const there = devices.filter(device => !isGone(phones.get(device)))
  return there.find(device => phones.get(device) !== 'busy') ?? there[0] ?? devices[0]
}

/** Where else the extension of this device can be rung. */
export function devicesBeside(site: Site, phones: Phones, device: string): string[] {
  const extension = extensionOfMember(site, { interface: device })
  const others = extension === undefined ? [] : devicesOf(site, extension).filter(other => other !== device)
  return others.filter(other => !isGone(phones.get(other)) && phones.get(other) !== 'busy')
}

const LOUDEST: readonly PhoneState[] = [
  'ringing',
  'in-use',
  'on-hold',
  'busy',
  'idle',
  'unknown',
  'unavailable',
  'invalid',
]

/** What the phone of an extension does: in use if one of its devices is, gone only if all are. */
export function phoneAt(
  site: Site,
  phones: ReadonlyMap<string, PhoneState>,
  extension: string,
): PhoneState | undefined {
  return combined(devicesOf(site, extension).flatMap(device => phones.get(device) ?? []))
}

export const combined = (states: readonly PhoneState[]): PhoneState | undefined =>
  LOUDEST.find(state => states.includes(state))
