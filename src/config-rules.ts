/**
 * What contradicts what in a configuration, and what is wrong with the files that it names. Each rule is asked where the parts that it
 * looks at fit their schema, whatever else is wrong. Touches files.
 */
import { readFileSync } from 'node:fs'
import { isSupportedCountry } from 'libphonenumber-js'
import { areaContradictions, areaFileErrors } from './config-areas.js'
import { diallingContradictions, isRegExp } from './config-dialling.js'
import { readDirectory } from './config-directory.js'
import { readMenus } from './config-ivr.js'
import { namedTwice } from './config-media.js'
import { endpointContradictions, phoneTypeContradictions } from './config-phones.js'
import { popContradictions } from './config-pop.js'
import { promptContradictions } from './config-prompts.js'
import { recordingContradictions } from './config-recordings.js'
import { redisContradictions } from './config-redis.js'
import { routingContradictions } from './config-routing.js'
import { surveyContradictions } from './config-surveys.js'
import { voicemailContradictions } from './config-voicemail.js'
import type { Config, JudgedPbx, PbxConfig, Sound } from './config.js'

type Rule = readonly [of: readonly string[], wrong: (pbx: PbxConfig) => string[]]
const unless = (isWell: boolean, text: string) => (isWell ? [] : [text])

const RULES: readonly Rule[] = [
  [['extensions'], p => unless(isRegExp(p.extensions), 'extensions is no regular expression')],
  [['trunks', 'phones', 'extensions', 'endpoint'], endpointContradictions],
  [['dialling', 'country'], diallingContradictions],
  [['phoneTypes'], p => phoneTypeContradictions(p.phoneTypes)],
  [['routing'], p => routingContradictions(p.routing, isTimeZone)],
  [['surveys'], p => surveyContradictions(p.surveys)],
  [['ivr', 'routing', 'surveys'], ivrContradictions],
  [['prompts'], p => promptContradictions(p.prompts)],
  [['recordings'], p => recordingContradictions(p.recordings)],
  [['ari'], p => unless(!p.ari || URL.canParse(p.ari.url), 'ari.url is no address')],
  [['country'], p => unless(p.country === undefined || isSupportedCountry(p.country), 'country is not known')],
  [['timeZone'], p => unless(isTimeZone(p.timeZone), 'timeZone is not known')],
  [['ami'], p => unless(p.ami.caFile === undefined || p.ami.tls, 'ami.caFile is of no use without ami.tls')],
  // What the second drivers cannot do: docs/decisions/0007-second-drivers.md.
  [
    ['ami'],
    p => unless(p.ami.driver !== 'asterisk-manager' || !p.ami.tls, 'the ami.driver asterisk-manager knows no tls'),
  ],
  [['ari'], p => unless(!hasPrefix(p), 'the ari.driver ari-client knows no prefix in ari.url')],
  [['ari', 'routing', 'surveys', 'voicemail'], needsAri],
]

const hasPrefix = ({ ari }: PbxConfig) =>
  ari?.driver === 'ari-client' && URL.canParse(ari.url) && new URL(ari.url).pathname !== '/'

const asked = (judged: readonly JudgedPbx[], [of, wrong]: Rule): string[] =>
  judged
    .filter(({ isSound }) => of.every(isSound))
    .flatMap(({ pbx }) => wrong(pbx).map(line => `pbxs ${pbx.name}: ${line}`))

export function contradictions({ judged, api, redis, screenPop, mail, areas }: Sound, isMailKnown: boolean): string[] {
  const voicemail: Rule = [['voicemail'], p => (isMailKnown ? voicemailContradictions(p.voicemail, mail) : [])]
  const named = judged.filter(({ isSound }) => isSound('name')).map(({ pbx }) => pbx)
  return [
    ...namedTwice('pbxs', named),
    ...namedTwice('api.keys', api?.keys ?? []),
    ...[...RULES, voicemail].flatMap(rule => asked(judged, rule)),
    ...(screenPop ? popContradictions(screenPop) : []),
    ...(redis ? redisContradictions(redis) : []),
    ...(areas ? areasContradicted(areas, judged) : []),
  ]
}

function areasContradicted(areas: Config['areas'], judged: readonly JudgedPbx[]): string[] {
  const wrong = areaFileErrors(areas)
  if (wrong.length > 0) return wrong
  return asked(judged, [['routing'], ({ routing }) => areaContradictions(areas, routing.routes)])
}

export const menusOf = ({ ivr, routing, surveys }: PbxConfig) =>
  readMenus(ivr, {
    calendars: new Set(routing.calendars.map(({ name }) => name)),
    surveys: new Set(surveys.map(({ name }) => name)),
  })

function ivrContradictions(pbx: PbxConfig): string[] {
  const menus = menusOf(pbx)
  if (!menus.ok) return menus.error.map(line => `ivr.dir: ${line}`)
  const wanted = pbx.routing.routes.flatMap(({ name, to, closed: shut, emergency }) =>
    [to, shut, emergency].flatMap(target =>
      target && 'ivr' in target ? [[`routes ${name}`, target.ivr] as const] : [],
    ),
  )
  const keyed = pbx.routing.queueKeys.flatMap(({ queue, keys }) =>
    Object.values(keys).map(ivr => [`queueKeys ${queue}`, ivr] as const),
  )
  return [...wanted, ...keyed]
    .filter(([, ivr]) => !menus.value.has(ivr))
    .map(([what, ivr]) => `routing.${what}: there is no menu ${ivr}`)
}

/** Whoever the dialplan hands to the daemon comes over ARI, of which ari-client tells too little. */
function needsAri({ ari, routing, surveys, voicemail }: PbxConfig): string[] {
  if (ari?.driver === 'own') return []
  const parts = { 'routing.routes': routing.routes, surveys, 'voicemail.boxes': voicemail.boxes }
  const asked = Object.entries(parts).flatMap(([what, some]) => (some.length > 0 ? [what] : []))
  return asked.map(what => `${what} needs ari, with the driver own`)
}

/** What is wrong with the files that the configuration names. */
export function filesContradicted({ judged, redis }: Sound): string[] {
  return [
    ...asked(judged, [['ami/caFile'], ({ ami: { caFile } }) => unreadable('ami.caFile', caFile)]),
    ...unreadable('redis.caFile', redis?.caFile),
    ...asked(judged, [
      ['agents/directory'],
      ({ agents: { directory } }) => wrongDirectory('agents.directory', directory),
    ]),
  ]
}

/** Certificates are read at each connection, so that new ones need no restart; that they cannot be is said at once. */
function unreadable(name: string, caFile: string | undefined): string[] {
  if (caFile === undefined) return []
  try {
    return readFileSync(caFile, 'utf8').includes('-----BEGIN ') ? [] : [`${name} has no certificate in PEM form`]
  } catch (error) {
    return [`${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`]
  }
}

function wrongDirectory(name: string, path: string | undefined): string[] {
  if (path === undefined) return []
  const read = readDirectory(path)
  return read.ok ? [] : read.error.map(line => `${name}: ${line}`)
}

function isTimeZone(timeZone: string) {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }) instanceof Intl.DateTimeFormat
  } catch {
    return false
  }
}
