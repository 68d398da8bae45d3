/**
 * The parts of lab/sipp/mix-*.xml that there are several of: SIPp waits as long as its scenario says, so each time that
 * the data may ask for has a block of its own, and a test that leads to it. Pure.
 */
import { PATIENCES_MS, RINGS_MS, TALKS_MS, type PlannedAnswer } from './plan.js'

/** Labels 1 to 9 are in the files. */
const RINGING = 10
const TALKING = 30
const NEVER_MS = 60_000
const REFUSALS = [403, 404, 480, 486, 487, 500, 503, 603]

const tests = (variable: string, prefix: string, count: number) =>
  Array.from(
    { length: count },
    (_, k) => `<test assign_to="${prefix}${k}" variable="${variable}" compare="equal" value="${k}"/>`,
  ).join('\n')
const leads = (prefix: string, labels: readonly number[]) =>
  labels.map((label, k) => `<nop next="${label}" test="${prefix}${k}"/>`).join('\n')
const from = (first: number, count: number) => Array.from({ length: count }, (_, k) => first + k)

/** Whoever talks waits for the other to hang up, and then does so. */
const talking = (timesMs: readonly number[]) =>
  timesMs
    .map((ms, k) => `<label id="${TALKING + k}"/>\n<recv request="BYE" timeout="${ms}" ontimeout="3" next="2"/>`)
    .join('\n')

export function callerPlaces(): Record<'choices' | 'toRinging' | 'ringing' | 'toTalking' | 'talking', string> {
  const ringing = PATIENCES_MS.map((ms, k) => {
    const within = `timeout="${ms}" ontimeout="4"`
    const optional = [180, 183].map(code => `<recv response="${code}" optional="true" ${within}/>`)
    const refused = REFUSALS.map(code => `<recv response="${code}" optional="true" ${within} next="5"/>`)
    const answered = `<recv response="200" rrs="true" ${within} next="1"/>`
    return [`<label id="${RINGING + k}"/>`, ...optional, ...refused, answered].join('\n')
  }).join('\n')
  return {
    choices: tests('patience', 'p', PATIENCES_MS.length),
    toRinging: leads('p', from(RINGING, PATIENCES_MS.length)),
    ringing,
    toTalking: leads('p', from(TALKING, PATIENCES_MS.length)),
    talking: talking(PATIENCES_MS),
  }
}

const AFTER_ANSWERS = { busy: RINGS_MS.length, declines: RINGS_MS.length + 1, ignores: RINGS_MS.length + 2 } as const

/** As the first two fields of a line of data. */
export const answerLine = ({ manner, ring, talk }: PlannedAnswer) =>
  `${manner === 'answers' ? ring : AFTER_ANSWERS[manner]};${talk};`

export function agentPlaces(): Record<'choices' | 'toRinging' | 'ringing' | 'toTalking' | 'talking', string> {
  const waits = [...RINGS_MS.map(ms => ({ ms, then: 1 })), { ms: NEVER_MS, then: 6 }]
  const labels = from(RINGING, waits.length)
  const ringing = waits.map(
    ({ ms, then }, k) =>
      `<label id="${RINGING + k}"/>\n<recv request="CANCEL" timeout="${ms}" ontimeout="${then}" next="4"/>`,
  )
  const manners = Object.keys(AFTER_ANSWERS).length + RINGS_MS.length
  return {
    choices: `${tests('meets', 'm', manners)}\n${tests('talks', 't', TALKS_MS.length)}`,
    toRinging: leads('m', [...labels.slice(0, RINGS_MS.length), 5, 6, RINGING + RINGS_MS.length]),
    ringing: ringing.join('\n'),
    toTalking: leads('t', from(TALKING, TALKS_MS.length)),
    talking: talking(TALKS_MS),
  }
}
