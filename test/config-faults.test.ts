/** Odd and contradicting configurations: `check` names each fault by its field, and prints no stack. */
import t from 'tap'
import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../src/base/system.js'
import { checkConfig } from '../src/check-command.js'
import { BadConfig, parseConfig, readConfig, warningsOf, type Config } from '../src/config.js'
import { areasOf } from '../src/config-areas.js'
import { dialRulesOf, numberPlanOf } from '../src/config-dialling.js'
import { autoAnswersOf } from '../src/config-phones.js'
import { popLinksOf } from '../src/config-pop.js'
import { routeRulesOf } from '../src/config-routing.js'
import { surveysOf } from '../src/config-surveys.js'

const withPbx = (more: object, rest: object = {}) => ({
  pbxs: [{ name: 'hq', ami: { secret: 'x' }, trunks: ['trunk'], ...more }],
  redis: { url: 'redis://127.0.0.1' },
  api: { keys: [{ name: 'crm', sha256: '0'.repeat(64) }] },
  ...rest,
})

function read(config: object | string): { config?: Config; wrong: readonly string[] } {
  let parsed: Config | undefined
  const wrong = wrongIn(() => (parsed = parseConfig(typeof config === 'string' ? config : JSON.stringify(config), {})))
  return { wrong, ...(parsed && { config: parsed }) }
}

/** Throws what is no fault of the configuration. */
function wrongIn(reading: () => unknown): readonly string[] {
  try {
    reading()
    return []
  } catch (error) {
    if (error instanceof BadConfig) return error.wrong
    throw error
  }
}
const wrongOf = (more: object, rest?: object) => read(withPbx(more, rest)).wrong
function warned(more: object): string[] {
  const { config, wrong } = read(withPbx(more))
  if (!config) throw new Error(wrong.join('\n'))
  return warningsOf(config)
}

t.test('an unknown country is named, and so are the other faults', async t => {
  const dialling = { ownArea: '21', form: 'national', ownMobiles: 'from-areas' }
  t.strictSame(wrongOf({ country: 'XX', dialling: { ...dialling, internal: '(' }, timeZone: 'Mars/Here' }), [
    'pbxs hq: dialling.internal is no regular expression',
    'pbxs hq: country is not known',
    'pbxs hq: timeZone is not known',
  ])
  t.strictSame(wrongOf({ country: 'CN', dialling }), [])
})

/** `x0`, `x1` and so on: fields that there are not. */
const tooMany = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, i]))

t.test('many faults are all named, however many', async t => {
  for (const count of [7, 8, 9, 20]) {
    const names = Object.keys(tooMany(count)).join(', ')
    const wrong = wrongOf(tooMany(count), { api: { keys: [{ name: 'crm', sha256: 'abc' }] } })
    t.equal(wrong[0], `pbxs.0 must not have additional properties: ${names}`, `${count} fields`)
    t.match(wrong[1], /^api\.keys\.0\.sha256 /)
    t.equal(wrong.length, 2)
    const least = read({ pbxs: [{ name: 'hq', ...tooMany(count) }] }).wrong
    t.strictSame(least, [
      'the file must have required properties redis, api',
      'pbxs.0 must have required properties ami',
      `pbxs.0 must not have additional properties: ${names}`,
    ])
  }
  t.match(wrongOf(tooMany(400)), [/: x0, .*, x19, and 380 more$/])
  const pbxs = Array.from({ length: 300 }, (_, i) => ({ name: `P${i}`, ami: { secret: 'x' } }))
  const { message } = new BadConfig(read({ ...withPbx({}), pbxs }).wrong)
  t.match(message, /pbxs\.199\.name [^\n]*\n {2}- and 100 more$/)
})

t.test('values that there are not: those that there are', async t => {
  t.strictSame(wrongOf({ dialling: { form: 'short' } }), [
    'pbxs.0.dialling.form must be equal to one of the allowed values: as-given, national, e164',
  ])
})

t.test('a variable between braces needs quotes', async t => {
  const needed = / inside \{ \} or \[ \] a variable needs quotes, as in \{ secret: '\$\{NAME\}' \}$/
  for (const text of [
    'pbxs: [{ ami: { secret: ${X} } }]',
    'pbxs:\n  - ami: { user: a,\n      secret: ${X} }',
    'pbxs: [${X}]',
  ])
    t.match(read(text).wrong, [needed], text)
  for (const text of ['pbxs: [', '${ pbxs: {', 'pbxs: { a: "${X}", b: { }'])
    t.notMatch(read(text).wrong, [needed], text)
})

t.test('phones and trunks that contradict something', async t => {
  const fits = { extensions: '^1[0-9]{3}$' }
  t.strictSame(wrongOf({ ...fits, phones: { '201-soft': '201', a: 'alice', 'SIP-1002': '1002' } }), [
    'pbxs hq: phones.201-soft: 201 does not fit extensions (^1[0-9]{3}$)',
    'pbxs hq: phones.a: alice does not fit extensions (^1[0-9]{3}$)',
  ])
  t.strictSame(wrongOf({ extensions: '^(2[0-9]{2}|alice)$', phones: { '201-soft': '201', a: 'alice' } }), [])
  t.strictSame(wrongOf({ phones: { a: 'bob' }, extensions: '(' }), ['pbxs hq: extensions is no regular expression'])
  t.strictSame(wrongOf({ trunks: ['trunk', 'constructor'], phones: { trunk: '1001' } }), [
    'pbxs hq: phones.trunk is also in trunks',
  ])
  t.strictSame(warned({ trunks: [] }), ['pbxs hq: trunks is empty: no call is from or to outside'])
  t.strictSame(warned({}), [])
})

t.test('an own area is one of fixed lines', async t => {
  for (const [country, ownArea] of [
    ['CN', '0800'],
    ['CN', '138'],
    ['DE', '0800'],
    ['DE', '0171'],
  ] as const)
    t.strictSame(wrongOf({ country, dialling: { ownArea } }), [
      `pbxs hq: dialling.ownArea: ${country} has no area ${ownArea}`,
    ])
  for (const [country, ownArea] of [
    ['CN', '0871'],
    ['US', '212'],
    ['GB', '020'],
    ['FR', '1'],
    ['BR', '11'],
    ['AU', '02'],
    ['NO', '22'],
  ] as const)
    t.strictSame(wrongOf({ country, dialling: { ownArea } }), [], `${country} ${ownArea}`)
})

t.test('a prefix with which nobody in the country dials abroad is a warning', async t => {
  const strange = (country: string, more: object = {}) => warned({ country, dialling: more })
  const says = (prefix: string, country: string, usual = '') => [
    `pbxs hq: dialling.internationalPrefix: ${prefix} is not how numbers abroad are dialled in ${country}${usual}`,
  ]
  t.strictSame(strange('US'), says('00', 'US', ': there it is 011'))
  t.strictSame(strange('JP'), says('00', 'JP', ': there it is 010'))
  t.strictSame(strange('BR'), says('00', 'BR'))
  t.strictSame(strange('DE', { internationalPrefix: '011' }), says('011', 'DE', ': there it is 00'))
  for (const [country, internationalPrefix] of [
    ...(['DE', 'CN', 'GB', 'HK', 'WS'] as const).map(name => [name, '00'] as const),
    ...([['US', '011'], ['US', '+'], ['BR', '0015'], ['AU', '0011'], ['RU', '810']] as const), // prettier-ignore
  ])
    t.strictSame(strange(country, { internationalPrefix }), [], `${country} ${internationalPrefix}`)
  t.strictSame(warned({}), [], 'no country')
})

t.test('what is sound can be dialled, or is refused by its name', async t => {
  const good = ['PJSIP/{extension}', 'SIP/{extension}', 'PJSIP/desk-{extension}'] // prettier-ignore
  for (const endpoint of good) t.strictSame(wrongOf({ endpoint }), [], endpoint)
  const wrong = [
    'pbxs hq: endpoint is nothing that can be rung by command, such as PJSIP/{extension}; options such as /n cannot stand there',
  ]
  for (const endpoint of [
    'PJSIP/{extension} ',
    'PJSIP/{extension}/sip:x',
    'Local/{extension}@a b',
    'PJSIP/张{extension}',
    'Local/{extension}@ctx/n',
  ])
    // prettier-ignore
    t.strictSame(wrongOf({ endpoint }), wrong, endpoint)
  for (const endpoint of ['Local/{extension}@phones', 'local/{extension}@phones'])
    t.strictSame(
      wrongOf({ endpoint }),
      ['pbxs hq: endpoint: a Local channel is no phone, and has no state; name the phone itself, such as PJSIP/{extension}, and in phones those that have another name'], // prettier-ignore
      endpoint,
    )
  for (const name of ['ana@home', 'Ana Berg', '安娜', 'a,b', 'PJSIP/ana'])
    t.strictSame(wrongOf({ phones: { [name]: '1001' }, extensions: '^1...$' }), [
      `pbxs hq: phones.${name}: the name of an endpoint that can be rung by command has letters, digits and _ . + - only`,
    ])
})

t.test('folders', async t => {
  t.strictSame(wrongOf({ recordings: { as: '/x' } }), ['pbxs hq: recordings.as needs recordings.dir or recordings.url'])
  t.strictSame(wrongOf({ recordings: { as: '/x', url: 'http://x/{file}' } }), [])
  t.strictSame(warned({ recordings: { dir: 'sounds' } }), [
    'pbxs hq: recordings.dir is no absolute path: it begins where the daemon is started',
  ])
  t.strictSame(warned({ prompts: { dir: 'sounds', as: '/x' } }), [
    'pbxs hq: prompts.dir is no absolute path: it begins where the daemon is started',
  ])
  t.strictSame(warned({ recordings: { dir: '/mnt/sounds' } }), [])
})

t.test('files of areas, although no route needs them', async t => {
  const dir = t.testdir({ 'bad.csv': 'a;b\n' })
  const [bad, none] = [join(dir, 'bad.csv'), join(dir, 'none.csv')]
  const wrong = wrongOf({}, { areas: { files: [none, bad] } })
  t.equal(wrong[0], `areas.files ${none}: cannot be read (ENOENT)`)
  t.match(wrong[1], `areas.files ${bad}: `)
  t.equal(wrong.length, 2)
})

/** Of its parts some do not fit the schema: what stands in the others is named all the same. */
const OTHER = {
  name: 'other',
  ami: { port: 'x', caFile: '/none.pem' },
  agents: { wrapUpMs: -1, directory: '/none.yaml' },
  phones: { 'ana@home': '1001' },
  country: 'XX',
  surveys: 5,
  routing: { routes: [{ name: 'a', dialled: ['49'], to: { ivr: 'nope' } }] },
}

t.test('everything at once: the schema, what contradicts, and the files', async t => {
  const dir = t.testdir({
    'areas.csv': Buffer.from('prefix,city\n4930,K\xf6ln\n', 'latin1'),
    'directory.yaml': 'agents: [',
    'aladdin.yaml': '',
  })
  const of = (name: string) => join(dir, name)
  const config = withPbx(
    {
      ami: { secret: 'x', tls: true, caFile: of('none.pem') },
      agents: { directory: of('directory.yaml') },
      extensions: '(',
      country: 'XX',
    },
    {
      redis: { url: 'redis://a:5%off@x', prefix: 'a b' },
      mail: { from: 1 },
      areas: { files: [of('areas.csv')] },
      more: 1,
    },
  )
  const both = { ...config, pbxs: [...config.pbxs, OTHER] }
  writeFileSync(of('aladdin.yaml'), JSON.stringify(both))
  const wrong = wrongIn(() => readConfig(of('aladdin.yaml'), {}))
  const once = [
    /^the file .*: more$/,
    /^redis\.url: a % /,
    /^redis\.prefix /,
    /^pbxs\.1\.agents\.wrapUpMs /,
    /^pbxs other: phones/,
    /^pbxs other: country is not known$/,
    /^pbxs other: ami\.caFile cannot be read /,
    /^pbxs other: agents\.directory: /,
    /^mail\.from /,
    /^pbxs\.1\.ami\.port /,
    /^pbxs hq: extensions is no regular expression$/,
    /^pbxs hq: country is not known$/,
    /^pbxs hq: ami\.caFile cannot be read \(ENOENT\)$/,
    /^pbxs hq: agents\.directory: /,
    /^areas\.files .*areas\.csv: line 2 is not in utf-8: let areas\.charset name/,
  ]
  for (const fault of once) t.equal(wrong.filter(line => fault.test(line)).length, 1, String(fault))
  t.notMatch(
    wrong.join('\n'),
    /pbxs other: (surveys|ivr|routing|ami\.caFile is of)/,
    'of what does not fit its schema no more is said',
  )
})

t.test('a file of the configuration that is not UTF-8, and areas in GBK', async t => {
  const dir = t.testdir({
    'latin1.yaml': Buffer.from('# B\xfcro\npbxs: []\n', 'latin1'),
    'gbk.csv': Buffer.concat([Buffer.from('prefix,city\n8610,'), Buffer.from([0xb1, 0xb1, 0xbe, 0xa9, 0x0a])]),
  })
  const file = join(dir, 'latin1.yaml')
  t.strictSame(
    wrongIn(() => readConfig(file, {})),
    [`${file}: line 1 is not in utf-8`],
  )
  const areas = { files: [join(dir, 'gbk.csv')], charset: 'gbk' }
  t.strictSame(wrongOf({}, { areas }), [])
  t.equal(areasOf({ language: 'zh', ...areas, charset: 'gbk' })('+861012345678').city, '北京')
})

t.test('addresses and names that cannot be', async t => {
  t.strictSame(wrongOf({ ari: { url: 'http://[', password: 'y' } }), ['pbxs hq: ari.url is no address'])
  t.strictSame(wrongOf({}, { screenPop: { links: { 'My CRM': 'https://crm.example', '': 'https://crm.example' } } }), [
    'screenPop.links: "My CRM" is no name of small letters, digits and dashes',
    'screenPop.links: "" is no name of small letters, digits and dashes',
  ])
  for (const text of ['a: &x {b: *x}', '&x [*x]'])
    t.match(read(text).wrong, ['an alias (*) of the file refers to what it stands in'])
  t.strictSame(read(JSON.stringify(withPbx({})).replace('"x"', '&s "x", user: *s')).wrong, [])
})

const ODD: readonly unknown[] = [null, true, -1, 1e9, '', 'x', '\0', '(', 'XX', '__proto__', '\u202e1', '9'.repeat(10_000), '999999', [], [null], [[]], [{}], {}, { a: null }, { '': '' }, { constructor: 1 }, ['('], [{ name: 'a' }]] // prettier-ignore
const OF_PBX = ['name', 'ami', 'ari', 'trunks', 'extensions', 'endpoint', 'phones', 'country', 'bareNumbers', 'timeZone', 'records', 'agents', 'dialling', 'phoneTypes', 'routing', 'ivr', 'surveys', 'voicemail', 'prompts', 'recordings', 'monitoring', 'queues'] // prettier-ignore
const OF_DIALLING = ['trunkPrefix', 'form', 'internationalPrefix', 'ownArea', 'prefixedCallers', 'ownMobiles', 'internal', 'emergency', 'service', 'forbidden', 'perHour', 'allowed'] // prettier-ignore
const OF_ALL = ['pbxs', 'redis', 'api', 'events', 'areas', 'screenPop', 'mail', 'history', 'commands', 'log']

const AREA_OF = areasOf({ language: 'en', files: [] })

/** What the daemon makes of a sound configuration before it starts. */
function built({ pbxs, screenPop }: Config) {
  popLinksOf(screenPop)
  for (const pbx of pbxs) {
    numberPlanOf(pbx)
    dialRulesOf(pbx, AREA_OF)
    autoAnswersOf(pbx.phoneTypes)
    routeRulesOf(pbx.routing, pbx.timeZone)
    surveysOf(pbx.surveys)
  }
}

t.test('odd values everywhere: a fault, or a configuration that can be started with', async t => {
  const configs = ODD.flatMap(odd => [
    ...OF_PBX.map(name => withPbx({ [name]: odd })),
    ...['CN', 'XX', 'AC'].flatMap(country =>
      OF_DIALLING.map(name => withPbx({ country, dialling: { form: 'national', ownArea: '21', [name]: odd } })),
    ),
    ...OF_ALL.map(name => withPbx({}, { [name]: odd })),
    withPbx({}, { screenPop: { links: odd } }),
    withPbx({}, { screenPop: { links: { crm: odd } } }),
    withPbx({ ari: { url: odd, password: 'y' } }),
    withPbx({ routing: { queueKeys: odd, routes: odd } }),
  ])
  let sound = 0
  for (const config of configs) {
    const { config: parsed, wrong } = read(config)
    if (parsed) built(parsed)
    else t.not(wrong.length, 0)
    if (parsed) sound += 1
  }
  t.ok(sound > 20, `${sound} of ${configs.length} are sound`)
})

t.test('folders and programs that are not there are named by their setting', async t => {
  const dir = t.testdir({ sounds: {}, bin: { speak: '#!/bin/sh', read: '' } })
  chmodSync(join(dir, 'bin/speak'), 0o755)
  const warnings = async (recordings: string, prompts: string, command: string) => {
    const { config, wrong } = read(
      withPbx({ recordings: { dir: recordings }, prompts: { dir: prompts, as: '/sounds', speech: { command } } }),
    )
    if (!config) throw new Error(wrong.join('\n'))
    const checked = await checkConfig(config, systemClock, join(dir, 'bin'))
    return checked.warnings.filter(line => !line.startsWith('redis cannot be reached'))
  }
  const [sounds, none, program] = [join(dir, 'sounds'), join(dir, 'none'), join(dir, 'bin/speak')]
  t.strictSame(await warnings(sounds, sounds, 'speak'), [])
  t.strictSame(await warnings(sounds, sounds, program), [])
  t.strictSame(await warnings(none, none, 'espeak-ng'), [
    `pbxs hq: recordings.dir: there is no folder ${none}`,
    `pbxs hq: prompts.dir: there is no folder ${none}`,
    'pbxs hq: prompts.speech.command: there is no program espeak-ng',
  ])
  t.strictSame(await warnings(program, join(program, 'below'), 'read'), [
    `pbxs hq: recordings.dir: ${program} is not a folder`,
    `pbxs hq: prompts.dir: ${program}/below cannot be written to (ENOTDIR)`,
    'pbxs hq: prompts.speech.command: there is no program read',
  ])
})

t.test('the command line prints no stack', async t => {
  const dir = t.testdir({
    'bad.json': JSON.stringify(withPbx({ country: 'XX', dialling: { ownArea: '21' } })),
    'good.json': JSON.stringify(withPbx({ trunks: [] })),
  })
  function run(...args: string[]) {
    try {
      const main = join(import.meta.dirname, '../src/main.js')
      return { code: 0, text: execFileSync(process.execPath, [main, ...args], { encoding: 'utf8', stdio: 'pipe' }) }
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: string }
      return { code: status, text: stderr }
    }
  }
  t.strictSame(run('check', '--config', join(dir, 'bad.json')), {
    code: 1,
    text: 'Error: bad configuration:\n  - pbxs hq: country is not known\n',
  })
  const unknown = run('check', '--config', join(dir, 'good.json'), '--colour')
  t.equal(unknown.code, 2)
  t.match(unknown.text, /^Unknown option '--colour'/)
  t.notMatch(unknown.text, /\n {4}at /)
  const pbx = run('replay', '--config', join(dir, 'good.json'), '--pbx', 'lost', 'x.ami')
  t.strictSame(pbx, { code: 2, text: 'no such PBX: lost; the configuration has hq\n' })
  const file = run('replay', '--config', join(dir, 'good.json'), join(dir, 'none.ami'))
  t.match(file, { code: 1, text: /^ENOENT: .*none\.ami/ })
  t.notMatch(file.text, /\n {4}at /)
})
