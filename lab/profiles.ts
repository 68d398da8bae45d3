/**
 * What kind of PBX a lab is. `plain` is a small one of our own; `field` has the habits of the PBXs that integrators have:
 * contexts in the manner of FreePBX, queue members that are Local channels, endpoints that are not numbers, a dial prefix.
 * Both answer the same test numbers, so that a story can be played on either. Pure.
 */

import { LabUnavailable } from './errors.js'

export type ProfileName = 'plain' | 'field'

export type Profile = Readonly<{
  name: ProfileName
  /** Where phones dial, and where a call goes on that is transferred. */
  dialContext: string
  transferContext: string
  /** The endpoints of an extension, where they are not named by it: one or more devices. */
  devices: Readonly<Record<string, readonly string[]>>
  /** Extensions beside 1001 to 1020. */
  moreExtensions: readonly string[]
  /** An extension, or another number inside, as the outside dials it. */
  fromOutside: (number: string) => string
  /** The same in the block of numbers whose calls the daemon is asked about. */
  askedAbout: (number: string) => string
  /** The global variable of the dialplan that says for how many seconds an extension rings. */
  ringVariable: string
  customers: Readonly<Record<'customer' | 'other', string>>
  /** What the configuration of the daemon says of such a PBX. */
  settings: Readonly<Record<string, unknown>>
  /** The file of its staff and workgroups, in lab/, where it has one of its own. */
  directory?: string
}>

const PLAIN: Profile = {
  name: 'plain',
  dialContext: 'from-phones',
  transferContext: 'from-phones',
  devices: {},
  moreExtensions: [],
  fromOutside: number => `49301234${number}`,
  askedAbout: number => `49301235${number}`,
  ringVariable: 'LAB_RING',
  customers: { customer: '491701234567', other: '491709876543' },
  settings: { trunks: ['trunk'], extensions: '^1[0-9]{3}$', country: 'DE', bareNumbers: 'international' },
}

const FIELD_DEVICES = {
  '1001': ['alice'],
  '1002': ['SIP-1002'],
  '201': ['201-desk', '201-soft'],
  '202': ['SIP-202'],
} as const

const FIELD: Profile = {
  name: 'field',
  dialContext: 'from-internal',
  transferContext: 'from-internal-xfer',
  devices: FIELD_DEVICES,
  moreExtensions: ['201', '202'],
  fromOutside: number => `0216123${number.padStart(4, '0')}`,
  askedAbout: number => `0216124${number.padStart(4, '0')}`,
  ringVariable: 'RINGTIMER',
  customers: { customer: '13812345678', other: '13987654321' },
  settings: {
    trunks: ['trunk', 'telco'],
    extensions: '^(1[0-9]{3}|20[12])$',
    phones: Object.fromEntries(
      Object.entries(FIELD_DEVICES).flatMap(([extension, devices]) => devices.map(device => [device, extension])),
    ),
    country: 'CN',
    bareNumbers: 'national',
    dialling: { trunkPrefix: '9', form: 'national', ownArea: '021' },
  },
  directory: 'lab/field-directory.yaml',
}

export const PROFILES: Readonly<Record<ProfileName, Profile>> = { plain: PLAIN, field: FIELD }

/** By ALADDIN_LAB_PROFILE. Throws LabUnavailable on a name that no profile has. */
export function profileNamed(name: string | undefined): ProfileName {
  if (name === undefined || name === '' || name === 'plain') return 'plain'
  if (name === 'field') return 'field'
  throw new LabUnavailable(`no profile of the lab is called ${name}: there are plain and field`)
}

export const devicesOf = ({ devices }: Profile, extension: string): readonly string[] =>
  devices[extension] ?? [extension]

/** The name that a phone registers under: the first device, where an extension has several. */
export const endpointOf = (profile: Profile, extension: string): string => devicesOf(profile, extension)[0] ?? extension

/** All devices as Dial() and a hint want them. */
export const dialStringOf = (profile: Profile, extension: string): string =>
  devicesOf(profile, extension)
    .map(device => `PJSIP/${device}`)
    .join('&')

/**
 * How a queue has a member that a story names as the plain PBX has it (`PJSIP/1001`, `Local/1001@agents/n`): the fields of
 * QueueAdd. On the field's PBX every member is reached through the dialplan, and its state is that of a hint.
 */
export function memberFields(
  { name }: Profile,
  member: string,
): Readonly<{ Interface: string; StateInterface?: string }> {
  const [, kind, extension, rest = ''] = /^(PJSIP|Local)\/([\w-]+)(?:@agents)?(\/n)?$/.exec(member) ?? []
  const isNumber = /^\d+$/.test(extension ?? '')
  if (extension === undefined) return { Interface: member }
  if (name === 'plain')
    return { Interface: member, ...(kind === 'Local' && isNumber ? { StateInterface: `PJSIP/${extension}` } : {}) }
  const kept = kind === 'PJSIP' ? '/n' : rest
  return {
    Interface: `Local/${extension}@from-queue${kept}`,
    ...(isNumber ? { StateInterface: `hint:${extension}@ext-local` } : {}),
  }
}
