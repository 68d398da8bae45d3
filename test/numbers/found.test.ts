/** The history finds a call by each form of its number, also as a phone of the site has dialled it. */
import t from 'tap'
import fc from 'fast-check'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { partyOf, type Site } from '../../src/calls/site.js'
import { canonicalOf } from '../../src/daemon-history.js'
import type { CallView } from '../../src/events/call.js'
import { fits, termsAsked, termsOf } from '../../src/history/terms.js'
import { site } from '../given/calls.js'
import { rulesOf } from '../given/numbers.js'

const siteOf = (country: string, ownArea: string, trunkPrefix: string): Site => ({
  ...site,
  ...rulesOf({ trunkPrefix, ownArea }, country),
})
const berlin = siteOf('DE', '030', '0')

const callTo = (at: Site, number: string): CallView => ({
  ...{ id: 'hq:1.1', pbx: 'hq', revision: 1, state: 'ended', direction: 'outbound', startedAt: '2026-03-01T00:00:00Z' },
  from: { number: '1001', extension: '1001' },
  to: partyOf(at, number),
  ...{ legs: [], offers: [], segments: [], queues: [], transfers: [], agents: [] },
})

function finds(at: Site, number: string, call: CallView) {
  const canonical = canonicalOf(at)
  const terms = new Set(termsOf(call, canonical))
  const isLookedAt = termsAsked({ limit: 10, number }, canonical).some(all => all.every(term => terms.has(term)))
  return isLookedAt && fits(call, { limit: 10, number }, canonical)
}

t.test('as a phone dialled it, where the dial prefix and the number look like one abroad', async t => {
  const cases: [at: Site, dialled: string, e164: string][] = [
    [berlin, '0017099887766', '+4917099887766'],
    [berlin, '0015199887766', '+4915199887766'],
    [siteOf('CN', '021', '0'), '0013122345678', '+8613122345678'],
    [siteOf('IT', '06', '0'), '03312345678', '+393312345678'],
  ]
  for (const [at, dialled, e164] of cases) {
    t.ok(finds(at, dialled, callTo(at, e164)), `${dialled} finds ${e164}`)
    t.ok(finds(at, dialled, callTo(at, dialled)), `and what it is as it stands, ${partyOf(at, dialled).number}`)
  }
  t.ok(finds(berlin, '+17099887766', callTo(berlin, '+17099887766')))
  t.notOk(finds(berlin, '+17099887766', callTo(berlin, '+4917099887766')), 'a plus says which')
  t.notOk(finds(berlin, '089123456', callTo(berlin, '+493089123456')), 'the number of another city is that alone')
})

t.test('each form of a mobile, in each country and with each dial prefix', async t => {
  const anySite = fc.constantFrom(
    ...(['0', '9', '*9', ''] as const).flatMap(prefix => [
      { prefix, at: siteOf('DE', '030', prefix), starts: ['+49151', '+49170'], rest: 8 },
      { prefix, at: siteOf('CN', '021', prefix), starts: ['+86131', '+86139'], rest: 8 },
      { prefix, at: siteOf('IT', '06', prefix), starts: ['+39331', '+39347'], rest: 7 },
    ]),
  )
  const anyMobile = fc.tuple(anySite, fc.nat(1), fc.stringMatching(/^[0-9]{8}$/)).map(([where, n, digits]) => {
    const phone = parsePhoneNumberFromString(`${where.starts[n] ?? ''}${digits.slice(0, where.rest)}`)
    return { ...where, e164: phone?.number ?? '', national: phone?.formatNational().replace(/\D/g, '') ?? '', phone }
  })
  const law = fc.property(
    anyMobile.filter(({ phone }) => phone?.isValid() === true),
    ({ at, prefix, e164, national }) => {
      const forms = [e164, national, `00${e164.slice(1)}`].flatMap(form => [form, `${prefix}${form}`])
      for (const form of forms)
        if (!finds(at, form, callTo(at, e164))) throw new Error(`${form} does not find ${e164}, prefix ${prefix}`)
    },
  )
  t.doesNotThrow(() => fc.assert(law, { numRuns: 200 }))
})
