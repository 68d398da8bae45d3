/**
 * Writes the lab's Asterisk configuration: the templates of lab/etc with their {{places}} filled. The files of a profile's
 * folder, and of a version's, go before the common ones. Touches the run folder.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { devicesOf, dialStringOf, memberFields, type Profile } from './profiles.js'
import { inRoot } from './root.js'

/** This file runs from build/lab; what is not TypeScript lies in the checkout. */
export const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url))
const TEMPLATES = join(CHECKOUT, 'lab/etc')

export function fillTemplate(text: string, places: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = places[name]
    if (value === undefined) throw new Error(`the template names {{${name}}}, which nothing fills`)
    return String(value)
  })
}

/** `more`: what a story needs beside, by the name of the file that it is added to; has places, too. */
export function writeConfig(
  folder: string,
  own: Readonly<{ profile: string; version: string }>,
  places: Readonly<Record<string, string | number>>,
  more: Readonly<Record<string, string>> = {},
): void {
  const etc = join(folder, 'etc')
  mkdirSync(etc)
  const folders = ['.', own.profile, own.version].map(name => join(TEMPLATES, name))
  const files = folders.flatMap(from => filesOf(from).map(file => ({ from, file })))
  for (const { from, file } of files) {
    const filled = fillTemplate(readFileSync(join(from, file), 'utf8'), places)
    writeFileSync(join(etc, file), filled, { mode: 0o600 })
  }
  for (const [file, text] of Object.entries(more)) appendFileSync(join(etc, file), `\n${fillTemplate(text, places)}\n`)
}

const filesOf = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).filter(file => statSync(join(folder, file)).isFile()) : []

/** Asterisk drops records in silence when a folder it writes to is missing. */
const WRITTEN = [
  'lib',
  'log/cdr-csv',
  'log/cdr-custom',
  'log/cel-custom',
  'lib/keys',
  'prompts',
  'spool/recording',
  'spool/monitor',
  'spool/voicemail',
]

/** The folders Asterisk writes to, and the one it reads sounds, music and its own documentation from. */
export function makeFolders(folder: string, root: string): void {
  for (const path of [...WRITTEN, 'data/sounds']) mkdirSync(join(folder, path), { recursive: true })
  const data = inRoot(root, 'usr/share/asterisk')
  for (const name of ['documentation', 'moh', 'rest-api', 'static-http', 'agi-bin', 'keys', 'firmware'])
    if (existsSync(join(data, name))) symlinkSync(join(data, name), join(folder, 'data', name))
  symlinkSync(join(data, 'sounds/en_US_f_Allison'), join(folder, 'data/sounds/en'))
}

const PHONE_COUNT = 20
export const EXTENSIONS = Array.from({ length: PHONE_COUNT }, (_, n) => String(1001 + n))

export const extensionsOf = ({ moreExtensions }: Profile) => [...EXTENSIONS, ...moreExtensions]

/** One endpoint, one login and one address for each phone. */
export const phoneSections = (profile: Profile, password: string) =>
  extensionsOf(profile)
    .flatMap(extension => devicesOf(profile, extension).map(device => ({ extension, device })))
    .map(
      ({ extension, device }) => `[${device}](phone)
callerid = Phone ${extension} <${extension}>
auth = ${device}
aors = ${device}
mailboxes = ${extension}@aladdin

[${device}]
type = auth
auth_type = userpass
username = ${device}
password = ${password}

[${device}](phone-contact)
`,
    )
    .join('\n')

export const hints = (profile: Profile) =>
  [...extensionsOf(profile), ...(profile.name === 'field' ? MIX_EXTENSIONS : [])]
    .map(extension => `exten => ${extension},hint,${dialStringOf(profile, extension)}`)
    .join('\n')

/** Where the dialplan looks up the phones of an extension. */
export const deviceGlobals = (profile: Profile) =>
  Object.keys(profile.devices)
    .map(extension => `DEV_${extension} = ${dialStringOf(profile, extension)}`)
    .join('\n')

/** A line of queues.conf. Without a name of its own, a member has that of its interface. */
export function memberLine(profile: Profile, extension: string, name = ''): string {
  const { Interface, StateInterface = name === '' ? '' : Interface } = memberFields(profile, `PJSIP/${extension}`)
  return StateInterface === '' ? `member => ${Interface}` : `member => ${Interface},0,${name},${StateInterface}`
}

/** The phones of a mixed load: all of them are one SIPp, at the address where it takes the calls of a load run. */
export const MIX_EXTENSIONS = Array.from({ length: 12 }, (_, n) => String(1801 + n))
/** Those that are members of its queues. */
const MIX_MEMBERS = 10

export const mixPhones = (host: string, port: number) =>
  MIX_EXTENSIONS.map(
    extension => `[${extension}](mix-agent)
callerid = Agent ${extension} <${extension}>
aors = ${extension}

[${extension}]
type = aor
contact = sip:${extension}@${host}:${port}
`,
  ).join('\n')

export const mixMembers = (profile: Profile) =>
  MIX_EXTENSIONS.slice(0, MIX_MEMBERS)
    .map(extension => memberLine(profile, extension, profile.name === 'field' ? `Agent ${extension}` : ''))
    .join('\n')
