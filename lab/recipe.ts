/**
 * What a lab is made of: which Debian suites hold which Asterisk, which packages are fetched, and which of their
 * dependencies no program of the lab loads. Pure.
 */
import { createHash } from 'node:crypto'

export type AsteriskVersion = '16' | '22'

export type Recipe = Readonly<{
  asterisk: AsteriskVersion
  /** Tried in this order; the first that has this Asterisk is taken. */
  suites: readonly string[]
  packages: readonly string[]
  /** Dependencies that are left out of the download. */
  without: RegExp
}>

const PHONES_AND_LOAD = ['baresip-core', 'sip-tester']
const SOUNDS = ['asterisk-core-sounds-en-gsm', 'asterisk-moh-opsound-gsm']
const SPEECH = ['espeak-ng']
const ASTERISK = ['asterisk', 'asterisk-modules', 'asterisk-config']

/**
 * Needed only by maintainer scripts, which never run here, or by modules that modules.conf does not load (calendars,
 * SNMP, Codec2). They would be 45 % of what is fetched.
 */
const WITHOUT = new RegExp(
  '^(adduser|base-passwd|dbus.*|debconf|dirmngr|gnupg.*|gpg.*|pinentry-.*|passwd|login.*|lsb-base' +
    '|systemd|libsystemd-shared|(lib)?perl.*|libsnmp.*|snmp.*|(lib)?python3?.*|readline-common|tzdata' +
    '|libdb5.*|libpam.*|libsemanage.*|libsepol.*|pci\\.ids|redis-sentinel)$',
)

const RECIPES: Readonly<Record<AsteriskVersion, Recipe>> = {
  // Forky and sid both have 22.10.1 and both install. Forky comes first: packages reach it together and tried.
  '22': {
    asterisk: '22',
    suites: ['forky', 'sid'],
    packages: [...ASTERISK, ...SOUNDS, 'valkey-server', ...PHONES_AND_LOAD, ...SPEECH],
    without: new RegExp(`${WITHOUT.source}|^lib(icu|ical|codec2).*$`),
  },
  // Bullseye is the last Debian release with 16 (16.28), with voicemail in a package of its own. Its Redis, 6.0, is one that
  // is too old.
  '16': {
    asterisk: '16',
    suites: ['bullseye'],
    packages: [...ASTERISK, 'asterisk-voicemail', ...SOUNDS, 'redis-server', ...PHONES_AND_LOAD, ...SPEECH],
    without: WITHOUT,
  },
}

export const recipeFor = (asterisk: AsteriskVersion): Recipe => RECIPES[asterisk]

/** The cache folder's name: another recipe, or another processor, is another folder. */
export function recipeName(recipe: Recipe, architecture: string): string {
  const what = JSON.stringify([recipe.suites, recipe.packages, recipe.without.source, architecture])
  return `asterisk-${recipe.asterisk}-${createHash('sha256').update(what).digest('hex').slice(0, 12)}`
}
