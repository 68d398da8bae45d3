/** What exactly was wrong with a request, with the name of the field: for refusals whose code alone does not say it. Pure. */
import type { ErrorCode } from '../base/errors.js'

type Asked = { body?: unknown; query?: unknown; params?: unknown }

const NUMBER = ['to', 'number']

/** The fields that a refusal may be about, the likelier first, and what is wrong with the one that the request has. */
const ABOUT: Partial<Record<ErrorCode, { fields: readonly string[]; why: string; otherwise?: string }>> = {
  RIGHT_MISSING: { fields: ['by'], why: 'this member of staff lacks the right' },
  STAFF_UNKNOWN: { fields: ['by'], why: 'the directory has no such staff id' },
  PBX_NOT_FOUND: { fields: ['pbx'], why: 'the configuration has no PBX of this name' },
  AGENT_NOT_FOUND: { fields: ['agent', 'id'], why: 'the directory has no such staff id' },
  LEG_NOT_FOUND: { fields: ['leg'], why: 'nobody with this leg is in the call now' },
  NUMBER_NOT_ALLOWED: {
    fields: NUMBER,
    why: 'takes digits, *, # and a leading +, and no more of them than a number has; no + in an attended transfer',
  },
  NUMBER_UNKNOWN: { fields: NUMBER, why: 'phones of the PBX cannot dial this number' },
  NUMBER_FORBIDDEN: { fields: NUMBER, why: '`dialling.forbidden` of the configuration has this number' },
  NUMBER_CLASS_FORBIDDEN: {
    fields: NUMBER,
    why: 'neither `dialling.allowed` of the configuration nor a right opens numbers of this kind; POST /v1/numbers/explain has the kind',
  },
  TRANSFER_TO_SELF: { fields: NUMBER, why: 'this is the extension that transfers the call' },
  EXTENSION_UNKNOWN: {
    fields: ['extension', 'from'],
    why: 'does not fit `extensions` of the configuration, or the PBX has no such phone',
  },
  SPEECH_UNAVAILABLE: {
    fields: ['language'],
    why: '`prompts.speech` has no voice for it, or its program does not run',
  },
  SURVEY_UNKNOWN: {
    fields: ['survey'],
    why: 'the configuration has no survey of this name',
    otherwise: 'survey: has to be named, since the configuration has none for this queue',
  },
  WRAP_UP_CODE_UNKNOWN: {
    fields: ['code'],
    why: 'the dictionary of wrap-up codes of the workgroup has no such code, or it is retired',
  },
  REASON_UNKNOWN: { fields: ['reason'], why: 'dictionary 11 has no such code, or it is retired' },
  WORKGROUP_UNKNOWN: {
    fields: ['workgroup'],
    why: 'the directory has no such workgroup with a number, or the PBX no queue of it',
    otherwise: 'the PBX has no queue for one of the workgroups of the agent',
  },
  WHO_UNCLEAR: {
    fields: ['code'],
    why: 'several agents have talked: `agent` or `by` has to say whose it is',
    otherwise: 'extension: the call has none or several, so it has to be named, or `by`',
  },
  DIALPLAN_OUTDATED: {
    fields: [],
    why: '',
    otherwise:
      'copy dialplan/extensions-aladdin.conf of this version to the PBX and #include it in extensions.conf; then dialplan reload',
  },
  NOTES_FULL: { fields: ['data'], why: 'with these the call would have more fields than it may' },
}

const has = (part: unknown, field: string) =>
  typeof part === 'object' && part !== null && (part as Readonly<Record<string, unknown>>)[field] !== undefined

export function detailOf(code: ErrorCode, { body, query, params }: Asked): string | undefined {
  const about = ABOUT[code]
  const field = about?.fields.find(name => [body, query, params].some(part => has(part, name)))
  return about && field !== undefined ? `${field}: ${about.why}` : about?.otherwise
}

const MAX_SHOWN = 64
/** Control characters, and those that turn text around. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/** Text from outside, of a length that can be shown. */
export function shortly(text: string, most = MAX_SHOWN): string {
  const letters = Array.from(text.slice(0, 4 * most).replace(UNSEEN, ' '))
  return letters.length > most || text.length > 4 * most ? `${letters.slice(0, most).join('')}…` : letters.join('')
}

type Flaw = {
  instancePath: string
  schemaPath: string
  keyword: string
  message?: string | undefined
  params: Readonly<Record<string, unknown>>
  /** That of the keyword. */
  schema?: unknown
}

/** `oneOf` of this project is of fields, one of which a body has. */
function oneFieldOf({ schema, params }: Flaw): string {
  const fields = (schema as readonly { required: readonly string[] }[]).flatMap(({ required }) => required)
  return ` must have ${fields.join(' or ')}${params['passingSchemas'] === null ? '' : ', and only one of them'}`
}

/** The field that is not known, or the values that there are. */
function moreOf({ params }: Flaw): string {
  const { additionalProperty, allowedValues } = params
  if (typeof additionalProperty === 'string') return `: ${shortly(additionalProperty)}`
  return Array.isArray(allowedValues) ? `: ${allowedValues.map(String).join(', ')}` : ''
}

/** Of what does not fit its schema. `part`: `body`, `querystring`, `params` or `headers`. */
export function schemaError(flaws: readonly Flaw[], part: string) {
  const said = flaws
    .filter(({ schemaPath }) => !/\/oneOf\/\d/.test(schemaPath))
    .map(flaw => {
      const what = flaw.keyword === 'oneOf' ? oneFieldOf(flaw) : ` ${flaw.message ?? 'is not right'}${moreOf(flaw)}`
      return `${part}${shortly(flaw.instancePath)}${what}`
    })
  return new Error([...new Set(said)].join(', '))
}

/** What a route takes as its body. */
export const takenTypes = (consumes: readonly string[] = ['application/json']) =>
  `content-type: takes ${consumes.length > 1 ? 'types such as ' : ''}${consumes.join(', ')}`
