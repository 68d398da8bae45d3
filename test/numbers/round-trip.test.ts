/** What the lists show of a number can be dialled as it is, and what is dialled is read as the same number again. */
import t from 'tap'
import fc from 'fast-check'
import { getCountryCallingCode, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max'
import { callerOf, partyOf, type Site } from '../../src/calls/site.js'
import type { NumberClass } from '../../src/events/number.js'
import { keyOf, readNumber, type NumberWay } from '../../src/numbers/read.js'
import { judgeNumber, type DialRules } from '../../src/routing/numbers.js'
import { site } from '../given/calls.js'
import { rulesOf } from '../given/numbers.js'

const ALL: ReadonlySet<NumberClass> = new Set<NumberClass>(['international', 'premium', 'other'])
const AREAS: [country: CountryCode, ownArea: string | undefined, abroad: string][] = [
  ...([
    ['CN', '021', '00'],
    ['CN', '10', '00'],
    ['DE', '030', '00'],
    ['DE', '04421', '00'],
  ] as const),
  ...([
    ['US', '212', '011'],
    ['IT', '06', '00'],
    ['FR', '1', '00'],
    ['AT', '1', '00'],
    ['GB', '20', '00'],
  ] as const),
  ...([
    ['ES', '91', '00'],
    ['US', undefined, '011'],
    ['IT', undefined, '00'],
    ['DE', undefined, '00'],
  ] as const),
].map(([country, ownArea, abroad]) => [country, ownArea, abroad])

const made = new Map<string, DialRules>()
const anySite = fc
  .record({
    place: fc.constantFrom(...AREAS),
    bareNumbers: fc.constantFrom('national' as const, 'international' as const),
    trunkPrefix: fc.constantFrom('', '0', '9', '*9'),
    form: fc.constantFrom('as-given' as const, 'national' as const, 'e164' as const),
  })
  .map(({ place: [country, ownArea, internationalPrefix], bareNumbers, trunkPrefix, form }) => {
    const dialling = { trunkPrefix, form, internationalPrefix, ...(ownArea !== undefined && { ownArea }) }
    const named = `${country} ${ownArea ?? ''} ${bareNumbers} prefix ${trunkPrefix} ${form}`
    const rules = made.get(named) ?? rulesOf(dialling, country, undefined, bareNumbers)
    made.set(named, rules)
    return { country, ownArea, rules, named, site: { ...site, ...rules } satisfies Site }
  })

/** Numbers that there are, of the own country and of others; often of the own area. */
const anyNumber = (country: CountryCode, ownArea: string | undefined) =>
  fc
    .tuple(
      fc.constantFrom<CountryCode>(country, country, country, 'BE', 'DE', 'US', 'CN', 'IT', 'GB'),
      fc.boolean(),
      fc.stringMatching(/^[1-9][0-9]{6,9}$/),
      fc.integer({ min: 5, max: 9 }),
    )
    .map(([of, isLocal, digits, length]) => {
      const area = country === 'IT' ? (ownArea ?? '06') : (ownArea ?? '').replace(/^0/, '')
      const national = of === country && isLocal ? `${area}${digits.slice(0, length)}` : digits
      return parsePhoneNumberFromString(`+${getCountryCallingCode(of)}${national}`)
    })
    .filter(phone => phone?.isValid() === true)
    .map(phone => phone?.number ?? '')

const anyCall = anySite.chain(where => anyNumber(where.country, where.ownArea).map(e164 => ({ ...where, e164 })))

/** As trunks show and send numbers. */
const writingsOf = (e164: string, country: CountryCode) => {
  const national = parsePhoneNumberFromString(e164)?.formatNational().replace(/\D/g, '') ?? ''
  const isOwn = e164.startsWith(`+${getCountryCallingCode(country)}`)
  return [e164, e164.slice(1), `00${e164.slice(1)}`, ...(isOwn ? [national, national.replace(/^0/, '')] : [])]
}

t.test('what the lists show of a caller is dialled as that caller', async t => {
  const law = fc.property(anyCall, ({ site, rules, e164, country, named }) => {
    for (const shown of writingsOf(e164, country)) {
      const party = callerOf(site, shown)
      if (party.e164 === undefined) continue
      const judged = judgeNumber(rules, party.number, ALL)
      if (judged.e164 !== party.e164) throw new Error(`${named}: ${shown} is shown as ${party.number}, ${party.e164}`)
    }
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 300 }))
})

t.test('and so is what they show of somebody called', async t => {
  const ways: NumberWay[] = ['out', 'sent', 'dialled', 'listed']
  const law = fc.property(anyCall, fc.constantFrom(...ways), ({ site, rules, e164, country, named }, way) => {
    for (const sent of writingsOf(e164, country)) {
      const party = partyOf(site, sent, '', way)
      if (party.e164 === undefined) continue
      const judged = judgeNumber(rules, party.number, ALL)
      if (judged.e164 !== party.e164) throw new Error(`${named}: ${sent} (${way}) is ${party.number}, ${party.e164}`)
    }
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 300 }))
})

t.test('what is dialled is read as the number that was asked for', async t => {
  const law = fc.property(anyCall, ({ rules, e164, named }) => {
    const key = keyOf(rules, e164)
    const judged = judgeNumber(rules, e164, ALL)
    fc.pre('dials' in judged)
    const dials = 'dials' in judged ? judged.dials : ''
    const sent = dials.slice(rules.trunkPrefix.length)
    for (const [text, way] of [
      [sent, 'sent'],
      [sent, 'written'],
      [dials, 'dialled'],
    ] as const)
      // prettier-ignore
      if (readNumber(rules, text, way)?.key !== key)
        throw new Error(`${named}: ${e164} dials ${dials}; ${text} (${way}) is ${keyOf(rules, text, way)}`)
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 300 }))
})

t.test('a number with a plus that is not valid is dialled as the same number', async t => {
  const anyInvalid = fc
    .tuple(anySite, fc.stringMatching(/^[1-9][0-9]{7,13}$/))
    .filter(([{ site }, digits]) => readNumber(site, `+${digits}`)?.e164 === undefined)
  const law = fc.property(anyInvalid, ([{ site, rules, named }, digits]) => {
    const party = callerOf(site, `+${digits}`)
    const judged = judgeNumber(rules, party.number, ALL)
    const dials = 'dials' in judged ? judged.dials : judged.reasons.join(' ')
    if (keyOf(rules, dials.slice(rules.trunkPrefix.length), 'sent') !== keyOf(rules, `+${digits}`))
      throw new Error(`${named}: +${digits} is shown as ${party.number} and dials ${dials}`)
  })
  t.doesNotThrow(() => fc.assert(law, { numRuns: 300 }))
})
