/** The examples of docs/softphone.md, one after the other, as they stand there, on calls of a real exchange. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CHECKOUT } from '../../lab/config-files.js'
import type { CallView } from '../../src/events/call.js'
import { ALL_COMMANDS } from '../../src/events/command.js'
import { KEY } from '../given/exchange.js'
import { anOffice } from '../given/softphone.js'

const page = readFileSync(join(CHECKOUT, 'docs/softphone.md'), 'utf8')
const examples = [...page.matchAll(/^curl .*$/gm)].map(([line]) => line)
const surveys = [
  { name: 'service', questions: [{ id: 'rating', ask: ['beep'], answers: { 1: { meaning: 'good' } }, waitMs: 500 }] },
]
const office = await anOffice(t, { surveys })
const { crm, daemon, phoneAt, cast, when, callNow } = office
const said: Record<string, string> = { KEY, ALADDIN: daemon().address }

/** As a shell reads it: words, quotes of both kinds, and variables but within single ones. */
function wordsOf(line: string): string[] {
  const filled = (text: string) => text.replace(/\$([A-Z]+)/g, (_, name: string) => said[name] ?? '')
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"]+)+/g) ?? []
  return words.map(word =>
    word.replace(/'([^']*)'|"([^"]*)"|([^'"]+)/g, (_, plain?: string, quoted?: string, bare?: string) =>
      plain === undefined ? filled(quoted ?? bare ?? '') : plain,
    ),
  )
}

async function run(line: string) {
  const [, ...words] = wordsOf(line)
  const after = (option: string) => words.flatMap((word, i) => (word === option ? (words[i + 1] ?? '') : []))
  const url = words.find(word => word.startsWith('http')) ?? ''
  const headers = after('-H').map(h => [h.slice(0, h.indexOf(': ')), h.slice(h.indexOf(': ') + 2)])
  const [body] = after('-d')
  const method = after('-X')[0] ?? 'GET'
  const answer = await fetch(url, { method, headers: Object.fromEntries(headers) as Record<string, string>, ...(body && { body }) }) // prettier-ignore
  return { status: answer.status, text: await answer.text(), url, body: body ?? '' }
}

t.test('each command has an example', async t => {
  for (const name of ALL_COMMANDS)
    t.ok(name === 'transfer' || name === 'complete' || name === 'conference' || examples.some(e => e.includes(`/${name} `)), name) // prettier-ignore
})

t.test('and each example does what it says', async t => {
  const { cust, ana, ben } = await cast(t)
  const cleo = await phoneAt('1003')
  t.teardown(() => cleo.close())
  const rings = async () => {
    await cust.dial('493012341001')
    await ana.until('ringing')
    const { calls } = (await crm.get<{ calls: CallView[] }>('/v1/calls')).body
    said['CALL'] = calls.find(c => c.to.number.endsWith('1001'))?.id ?? ''
  }
  const answers = async () => {
    await ben.until('ringing')
    await ben.answer()
  }
  const call = () => said['CALL'] ?? ''
  await rings()
  for (const line of examples) {
    if (/\/(pickup|reject|survey) /.test(line)) {
      await cust.until('closed')
      const { outcome } = await when(call(), 'over', c => c.state === 'ended')
      if (line.includes('/survey ')) t.equal(outcome, 'rejected')
      await rings()
    }
    if (line.includes('/survey ')) {
      await ana.answer()
      await when(call(), 'a talk', c => c.state === 'talking')
    }
    const { status, text, url, body } = await run(line)
    t.match([200, 201, 206].includes(status), true, `${line}: ${status} ${status > 299 ? text : ''}`)
    if (url.endsWith('/record/stop')) said['RECORDING'] = (JSON.parse(text) as CallView).recordings?.[0]?.name ?? ''
    if (url.endsWith('/transfers')) said['TRANSFER'] = (JSON.parse(text) as { id: string }).id
    if (url.endsWith('/add')) {
      await answers()
      const all = await when(call(), 'a conference', c => c.segments.at(-1)?.kind === 'conference')
      said['LEG'] = all.legs.find(l => l.extension === '1002')?.id ?? ''
    }
    if (body.includes('1002*')) {
      await answers()
      await when(call(), 'consulting', c => c.transfers[0]?.state === 'consulting')
    }
    // The space is said to whoever has parked it.
    if (url.endsWith('/park'))
      await when(call(), 'left by Ana', c => c.legs.every(l => l.extension !== '1001' || l.state === 'gone'))
    if (url.endsWith('/pickup')) await cust.hangup()
  }
  await when(call(), 'over', c => c.state === 'ended')
  t.match(await callNow(call()), { outcome: 'answered', survey: { outcome: 'not-answered' } })
})

t.end()
