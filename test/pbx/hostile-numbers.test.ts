/**
 * Numbers, names and keys as an attacker writes them, over every command that takes any, on a real call; and a look at all
 * that reaches the PBX meanwhile: only whole actions of the daemon's own list, with nothing in them that is more than a word.
 */
import t from 'tap'
import { labConfig } from '../../lab/daemon.js'
import { startLab } from '../../lab/lab.js'
import { openCustomer, openPhone } from '../../lab/phone.js'
import { seeded } from '../../lab/seeded.js'
import { retry } from '../../lab/wait.js'
import { randomToken } from '../../src/base/system.js'
import type { CallView } from '../../src/events/call.js'
import { aDaemon, KEY } from '../given/exchange.js'
import { CALLER, fromOutside } from '../given/softphone.js'
import { aTcpRelay } from '../given/tcp-relay.js'

const seed = Number(process.env['SEED'] ?? parseInt(randomToken(4).replace(/[^0-9]/g, '') || '7', 10))
const INPUTS = Number(process.env['INPUTS'] ?? 300)

const PIECES = [
  ...['1002', '1019', '2000', '0170', '5551234', '+49', '00', '*', '#', '**', '*8', 's', 'h', 'i', '_X.'],
  ...[',', ',,,S(1)', '&', '&PJSIP/boss', '@', '/', '|', '(', ')', '<', '>', '"', "'", ';', '\\', '\\n', '%0d%0a', '=', ':'],
  ...['${SHELL(id)}', '${GLOBAL(x)}', '$[1+1]', 'Local/1@default/n', 'PJSIP/boss', 'sip:boss@evil', '../', 'AGI(x)'],
  ...['\r\n', '\n', '\r\nAction: Originate\r\nChannel: PJSIP/boss\r\n\r\n', '\0', '\t', ' ', '\u2028', '\ud800', '１００２', '😀'],
  'x'.repeat(40),
  '1'.repeat(40),
] // prettier-ignore

/** What the daemon may send, each line by line. */
const ACTIONS =
  /^(Login|Logoff|Events|Ping|Originate|Hangup|Setvar|Getvar|BlindTransfer|Atxfer|CancelAtxfer|PlayDTMF|Park|BridgeList|QueueStatus|ParkedCalls|DeviceStateList|CoreShowChannels|CoreSettings)$/
const NUMBER = /^(s|\+?[0-9*#]{1,32})$/
const WORD = /^[A-Za-z0-9_.@/+:;-]{0,120}$/
const VALUES: Readonly<Record<string, RegExp>> = {
  Action: ACTIONS,
  ActionID: WORD,
  Exten: NUMBER,
  CallerID: /^<\+?[0-9*#]{1,32}>$/,
  Channel: WORD,
  TimeoutChannel: WORD,
  Context: /^[a-z-]+$/,
  Digit: /^[0-9A-D*#]$/,
  Variable:
    /^(ALADDIN_(FROM|CALLER_ID)=\+?[0-9]*|ALADDIN_TARGET=[A-Za-z0-9_.@/+:;-]+|PJSIP_HEADER\(add,(Alert|Call)-Info\)=<[a-z:/]+>;[a-z0-9=;-]+|VOLUME\(RX\)|ALADDIN_OUTGOING_CONTEXT|DIALPLAN_EXISTS\([a-z-]+,\+?[0-9*#]{1,32},1\))$/,
}

function wrongIn(text: string): string[] {
  const bare = /[^\r]\n|\r[^\n]|[^\x20-\x7e\r\n]/.exec(text)
  const blocks = text.split('\r\n\r\n').filter(block => block !== '')
  const lines = blocks.flatMap(block => block.split('\r\n').map(line => ({ line, login: block.startsWith('Action: Login') }))) // prettier-ignore
  return [
    ...(bare ? [JSON.stringify(text.slice(bare.index - 40, bare.index + 20))] : []),
    ...blocks.filter(block => !block.startsWith('Action: ')).map(block => `no action: ${JSON.stringify(block)}`),
    ...lines.flatMap(({ line, login }) => {
      const [, name = '', value = ''] = /^([A-Za-z]+): (.*)$/.exec(line) ?? []
      const fits = name !== '' && (login || (VALUES[name] ?? WORD).test(value))
      return fits ? [] : [JSON.stringify(line)]
    }),
  ]
}

t.test(`${INPUTS} inputs of seed ${seed}`, async t => {
  const lab = await startLab({ ringForS: 2 })
  t.teardown(() => lab.stop())
  const relay = await aTcpRelay(t, lab.asterisk.ami)
  const { crm } = await aDaemon(t, lab, labConfig(lab, { key: KEY, ami: { port: relay.port } }))
  const [cust, ana] = await Promise.all([openCustomer(lab, CALLER), openPhone(lab, { extension: '1001', answers: { afterMs: 20 } })]) // prettier-ignore
  t.teardown(() => Promise.all([cust.close(), ana.close()]))
  const random = seeded(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const hostile = () => Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(PIECES)).join('')

  const talking = async () => {
    const now = (await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls
    return now.find(c => c.state === 'talking' && c.from.number === CALLER)?.id
  }
  async function aCall(): Promise<string> {
    const there = await talking()
    if (there !== undefined) return there
    await Promise.all([cust.clear(), ana.clear()].map(one => one.catch(() => undefined)))
    await cust.dial(fromOutside('1001'))
    return retry(lab.clock, 'a talk', 10_000, talking)
  }

  const ask: readonly ((call: string, text: string) => [string, object])[] = [
    (_, to) => ['/v1/calls', { from: '1019', to }],
    (_, from) => ['/v1/calls', { from, to: '1002' }],
    (_, to) => ['/v1/numbers/explain', { to }],
    (call, to) => [`/v1/calls/${call}/transfers`, { to, extension: '1001' }],
    (call, to) => [`/v1/calls/${call}/transfers`, { to, kind: pick(['blind', 'attended', 'three-way']), extension: '1001' }],
    (call, to) => [`/v1/calls/${call}/add`, { to, extension: '1001' }],
    (call, agent) => [`/v1/calls/${call}/add`, { agent, extension: '1001' }],
    (call, digits) => [`/v1/calls/${call}/digits`, { digits, extension: '1001' }],
    (call, leg) => [`/v1/calls/${call}/mute`, { leg, extension: '1001' }],
    (call, leg) => [`/v1/calls/${call}/drop`, { leg, extension: '1001' }],
    (call, survey) => [`/v1/calls/${call}/survey`, { survey, extension: '1001' }],
    (call, extension) => [`/v1/calls/${call}/hold`, { extension }],
    (call, extension) => [`/v1/calls/${call}/pickup`, { extension }],
    (call, extension) => [`/v1/calls/${call}/listen`, { extension, agent: extension }],
    (call, by) => [`/v1/calls/${call}/park`, { by }],
    (call, text) => [`/v1/calls/${call}/transfers/${encodeURIComponent(Buffer.from(text).toString())}/complete`, {}],
    (_, text) => [`/v1/calls/${encodeURIComponent(Buffer.from(text).toString())}/hangup`, {}],
  ] // prettier-ignore

  await crm.post('/v1/calls', { from: '1019', to: '1002' })
  await crm.post(`/v1/calls/${await aCall()}/add?dryRun=true`, { to: '1019', extension: '1001' })
  for (let i = 0; i < INPUTS; i += 1) {
    const call = await aCall()
    const text = hostile()
    const [path, body] = pick(ask)(call, text)
    const { status } = await crm.post(path, body)
    if (status >= 500 && status !== 504) t.fail(`${i}: ${path} ${JSON.stringify(body)}: ${status}`)
  }
  const asked = relay.asked()
  t.ok(asked.includes('Action: Originate') && asked.includes('DIALPLAN_EXISTS'), 'what is sound is asked of the PBX')
  t.strictSame(wrongIn(asked), [], `seed ${seed}`)
  t.strictSame(wrongIn('Action: Ping\r\nActionID: 1\r\n\r\nAction: Originate\r\nExten: 1,S(1)\r\n\r\n'), ['"Exten: 1,S(1)"'], 'it would be seen') // prettier-ignore
})

t.end()
