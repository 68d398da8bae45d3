/** Whether the files of dialplan/ are in place: contexts, the global that a site sets, key sequences. Only reads. */
import { FEATURES, NAMES } from '../pbx/names.js'
import type { Checks } from './check.js'

/** The value of a variable or a function; undefined where the PBX refuses to tell. An unset one is empty. */
export type Read = (variable: string) => Promise<string | undefined>

const NOT_SEEN = 'cannot be checked with these rights: it takes the write right call or reporting'

export async function judgeDialplan(checks: Checks, read: Read): Promise<void> {
  const exists = await read(`DIALPLAN_EXISTS(${NAMES.dialContext})`)
  const include = 'extensions.conf: #include aladdin/extensions-aladdin.conf; then dialplan reload'
  const check = `dialplan.${NAMES.dialContext}`
  if (exists === undefined) checks.unknown(check, NOT_SEEN, include)
  else if (exists === '1') checks.ok(check, 'there')
  else checks.failed(check, 'missing: click to dial would ring the phone and then hang up', include)
  if (exists === '1') await judgeAge(checks, read, include)
  const outgoing = await judgeOutgoing(checks, read)
  await judgeInbound(checks, read, outgoing)
  await judgeFeatures(checks, read)
}

/** A file of a former version lacks what callers are sent to: they would be hung up on. */
async function judgeAge(checks: Checks, read: Read, mend: string) {
  const contexts = [
    NAMES.goContext,
    NAMES.onContext,
    NAMES.agentContext,
    NAMES.surveyContext,
    NAMES.voicemailContext,
    NAMES.queueBackContext,
    NAMES.withdrawnContext,
    NAMES.sentAwayContext,
    NAMES.callBackContext,
  ]
  const there = await Promise.all(contexts.map(context => read(`DIALPLAN_EXISTS(${context})`)))
  const missing = contexts.filter((_, i) => there[i] === '0')
  if (missing.length === 0) checks.ok('dialplan.version', 'has all contexts of this version')
  else
    checks.failed(
      'dialplan.version',
      `is that of a former version: ${missing.join(', ')} missing`,
      `copy the file of this version, then ${mend}`,
    )
}

/** Answers the context, where it is one. */
async function judgeOutgoing(checks: Checks, read: Read): Promise<string | undefined> {
  const name = NAMES.outgoingContextGlobal
  const [check, mend] = ['dialplan.outgoing', `extensions.conf, [globals]: ${name} = the context in which phones dial`]
  const context = await read(name)
  if (context === undefined) checks.unknown(check, NOT_SEEN, mend)
  else if (context === '') checks.failed(check, `${name} is not set: click to dial is refused`, mend)
  if (context === undefined || context === '') return undefined
  const there = await read(`DIALPLAN_EXISTS(${context})`)
  if (there === '1') checks.ok(check, `${name} = ${context}`)
  else if (there === undefined) checks.unknown(check, `${name} = ${context}, whose existence cannot be checked`)
  else checks.failed(check, `${name} = ${context}, a context that does not exist`, mend)
  return context
}

/** Where callers go while the daemon is away; a site that hands it none needs no such place. */
async function judgeInbound(checks: Checks, read: Read, outgoing: string | undefined) {
  const name = NAMES.fallbackGlobal
  const [check, mend] = ['dialplan.fallback', `extensions.conf, [globals]: ${name} = a queue, as your phones dial it`]
  const number = await read(name)
  if (number === undefined) return checks.unknown(check, NOT_SEEN, mend)
  if (number === '') return checks.ok(check, `${name} is not set: needed where calls from outside are handed over`)
  const there = /^[0-9*#]{1,32}$/.test(number) ? await read(`DIALPLAN_EXISTS(${outgoing ?? ''},${number},1)`) : '0'
  if (there === '1') checks.ok(check, `${name} = ${number}`)
  else if (there === undefined) checks.unknown(check, `${name} = ${number}, which cannot be checked`)
  else checks.failed(check, `${name} = ${number}, which phones cannot dial: callers would be cut off`, mend)
}

async function judgeFeatures(checks: Checks, read: Read) {
  const mend = 'features.conf: #include aladdin/features-aladdin.conf, at the end; then module reload features'
  const wrong: string[] = []
  const functions = { general: 'FEATURE', featuremap: 'FEATUREMAP' } as const
  for (const [section, name] of Object.entries(functions) as [keyof typeof functions, string][])
    for (const [key, wanted] of Object.entries<string>(FEATURES[section])) {
      const found = await read(`${name}(${key})`)
      if (found === undefined) return checks.unknown('features', NOT_SEEN, mend)
      if (found !== wanted) wrong.push(`${key} is ${found || 'not set'}, not ${wanted}`)
    }
  if (wrong.length === 0) checks.ok('features', 'the key sequences for transfers are as the daemon sends them')
  else checks.warning('features', `transfers would not work: ${wrong.join(', ')}`, mend)
}
