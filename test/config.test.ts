/** A configuration is sound, or everything wrong with it is said at once, and never a value. */
import t from 'tap'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BadConfig, parseConfig, readConfig, warningsOf } from '../src/config.js'

const example = readFileSync(join(import.meta.dirname, '../../config/aladdin.example.yaml'), 'utf8')
const secrets = { ALADDIN_AMI_SECRET: 's3cret', ALADDIN_ARI_PASSWORD: 'pass' }

function wrongWith(text: string, environment: Record<string, string> = {}): readonly string[] {
  try {
    parseConfig(text, environment)
    return []
  } catch (error) {
    if (error instanceof BadConfig) return error.wrong
    throw error
  }
}

t.test('the example is sound, and says what the defaults are', async t => {
  const config = parseConfig(example, secrets)
  t.equal(config.pbxs[0]?.ami.secret, 's3cret')
  const { pbxs, ...rest } = config
  const least = parseConfig(
    `pbxs: [{name: hq, ami: {secret: x}}]\nredis: {url: 'redis://127.0.0.1:6379/0'}\napi: {keys: [{name: crm, sha256: '${'0'.repeat(64)}'}]}`,
    {},
  )
  const { pbxs: others, ...defaults } = least
  t.strictSame(rest, defaults)
  t.match(pbxs[0]?.ami, {
    host: others[0]?.ami.host,
    port: others[0]?.ami.port,
    user: others[0]?.ami.user,
    tls: others[0]?.ami.tls,
  })
})

t.test('an extension that looks like an emergency number is a warning', async t => {
  const with110 = (more: object) =>
    parseConfig(
      JSON.stringify({
        pbxs: [{ name: 'hq', ami: { secret: 'x' }, trunks: ['trunk'], ...more }],
        redis: { url: 'redis://127.0.0.1' },
        api: { keys: [{ name: 'crm', sha256: '0'.repeat(64) }] },
      }),
      {},
    )
  const warning = 'also fits 110, which is an emergency number and is dialled as that'
  t.strictSame(warningsOf(with110({ country: 'DE', extensions: '^1[01]0$' })), [`pbxs hq: extensions ${warning}`])
  t.strictSame(warningsOf(with110({ country: 'CN', extensions: '^2...$', dialling: { internal: '^110$' } })), [
    `pbxs hq: dialling.internal ${warning}`,
  ])
  const american = { country: 'US', dialling: { internationalPrefix: '011' } }
  t.strictSame(warningsOf(with110({ ...american, extensions: '^1[01]0$' })), [])
  const behind = 'also fits 9110, which is an emergency number behind the dial prefix and is dialled as that'
  for (const [name, patterns] of Object.entries({
    extensions: { extensions: '^911[013-9]$' },
    'dialling.internal': { dialling: { internal: '^911[013-9]$' } },
  })) {
    const dialling = { trunkPrefix: '9', ...('dialling' in patterns ? patterns.dialling : {}) }
    t.strictSame(warningsOf(with110({ country: 'DE', ...patterns, dialling })), [`pbxs hq: ${name} ${behind}`])
  }
  for (const [extensions, fits] of [
    ['^2\\d{3}', '2000x'],
    ['2\\d{3}$', 'x2000'],
    ['^20\\d\\d$|21\\d\\d', '2100x'],
  ] as const)
    t.strictSame(warningsOf(with110({ country: 'DE', extensions })), [
      `pbxs hq: extensions also fits ${fits}: begin it with ^ and end it with $`,
    ])
  t.strictSame(warningsOf(with110({ country: 'DE', extensions: '^(2\\d{3}|alice)$' })), [])
})

t.test('a route for callers of a place that no number has is an error', async t => {
  const withCallers = (callers: object[], language = 'zh') =>
    wrongWith(
      JSON.stringify({
        areas: { language },
        pbxs: [
          {
            ...{ name: 'hq', ami: { secret: 'x' }, ari: { url: 'http://127.0.0.1:8088', password: 'y' } },
            routing: { routes: [{ name: 'a', dialled: ['4930*'], to: { number: '2000' }, callers }] },
          },
        ],
        redis: { url: 'redis://127.0.0.1' },
        api: { keys: [{ name: 'crm', sha256: '0'.repeat(64) }] },
      }),
    )
  t.strictSame(withCallers([{ city: '北京' }, { city: '北京市' }, { region: '广西' }, { carrier: '中国移动' }]), [])
  t.strictSame(withCallers([{ city: 'Berlin' }, { country: 'CN', region: 'Guangdong' }], 'en'), [])
  const wrong = (kind: string, name: string, language = 'zh') =>
    `pbxs hq: routing.routes a: callers: no number has the ${kind} ${name} (areas.language: ${language})`
  const autonomous = ['大理', '凉山', '西双版纳', '恩施', '延边', '黔南州', '阿克苏', '锡林郭勒', '日喀则', '彰化']
  t.strictSame(withCallers(autonomous.map(city => ({ city }))), [])
  t.strictSame(
    withCallers([
      { region: '云南', city: '大理' },
      { country: 'CN', timeZone: 'Asia/Shanghai' },
    ]),
    [],
  )
  const american = [{ country: 'CA', city: 'Toronto' }, { region: 'CA', city: 'San Francisco', country: 'US' }, { country: 'KZ', carrier: 'Kcell' }] // prettier-ignore
  t.strictSame(withCallers(american, 'en'), [])
  const impossible: [area: object, text: string][] = [
    [{ country: 'XX' }, 'country XX'],
    [{ country: 'cn' }, 'country cn'],
    [{ timeZone: 'Europe/Bonn' }, 'timeZone Europe/Bonn'],
    [{ country: 'CN', city: 'Berlin' }, 'country CN, city Berlin'],
    [{ country: 'US', city: 'Winnipeg' }, 'country US, city Winnipeg'],
    [{ region: 'Yunnan', city: 'Shenzhen' }, 'region Yunnan, city Shenzhen'],
    [{ city: 'Berlin', carrier: 'China Mobile' }, 'city Berlin, carrier China Mobile'],
    [{ city: 'Berlin', timeZone: 'Asia/Shanghai' }, 'city Berlin, timeZone Asia/Shanghai'],
  ]
  for (const [area, text] of impossible)
    t.strictSame(withCallers([area], 'en'), [`pbxs hq: routing.routes a: callers: no number has the ${text} (areas.language: en)`]) // prettier-ignore
  t.strictSame(withCallers([{ city: '背景' }]), [wrong('city', '背景')])
  t.strictSame(withCallers([{ city: '北京', region: 'Atlantis' }], 'en'), [
    wrong('region', 'Atlantis', 'en'),
    wrong('city', '北京', 'en'),
  ])
})

t.test('all that is wrong is named together', async t => {
  const wrong = wrongWith(
    "pbxs:\n  - {name: HQ, ami: {secret: topsecret, port: 99999, colour: red}}\nredis: {url: 'http://x'}\napi: {keys: []}\nmore: 1\n",
  )
  const text = wrong.join('\n')
  for (const part of [
    'pbxs.0.name',
    'pbxs.0.ami.port',
    'pbxs.0.ami must not have additional properties: colour',
    'redis.url',
    'api.keys',
    'more',
  ])
    t.match(text, part)
  t.notMatch(text, 'topsecret')
})

t.test('routes, calendars and surveys: what does not fit together, each with its name', async t => {
  const withPbx = (more: object, ari: object | null = { url: 'http://127.0.0.1:8088', password: 'y' }) =>
    wrongWith(
      JSON.stringify({
        pbxs: [{ name: 'hq', ami: { secret: 'x' }, ...(ari && { ari }), ...more }],
        redis: { url: 'redis://127.0.0.1' },
        api: { keys: [{ name: 'crm', sha256: '0'.repeat(64) }] },
      }),
    )
  const to = { number: '2000' }
  const route = { name: 'a', dialled: ['4930*'], to }
  const question = { id: 'rating', ask: ['beep'], answers: { 1: { meaning: 'good' } } }
  const survey = { name: 's', questions: [question], after: [{ queue: 'sales' }] }
  t.strictSame(withPbx({ routing: { routes: [route] }, surveys: [survey] }), [])
  t.strictSame(
    withPbx({
      routing: {
        routes: [route, { ...route, calendar: 'nine' }, { ...route, name: 'b', closed: to }],
        calendars: [{ name: 'c', timeZone: 'Mars/Here' }],
      },
    }),
    [
      'pbxs hq: routing.routes: two have the name a',
      'pbxs hq: routing.calendars c: timeZone is not known',
      'pbxs hq: routing.routes a: there is no calendar nine',
      'pbxs hq: routing.routes a: calendar and closed are of no use without each other',
      'pbxs hq: routing.routes b: calendar and closed are of no use without each other',
    ],
  )
  t.strictSame(withPbx({ surveys: [survey, { ...survey, questions: [question, question] }] }), [
    'pbxs hq: surveys: two have the name s',
    'pbxs hq: surveys: two are made after the queue sales',
    'pbxs hq: surveys s: two questions are rating',
  ])
  t.strictSame(withPbx({ surveys: [{ ...survey, questions: [{ ...question, answers: { A: { meaning: 'x' } } }] }] }), ['pbxs hq: surveys s: rating has an answer A, which is no key']) // prettier-ignore
  t.match(withPbx({ ivr: { dir: '/nowhere' } }), ['pbxs hq: ivr.dir: /nowhere: cannot be read'])
  t.strictSame(withPbx({ routing: { routes: [{ ...route, to: { ivr: 'lost' } }] } }), ['pbxs hq: routing.routes a: there is no menu lost']) // prettier-ignore
  const after = (queue: string) => ({ ...survey, name: queue.toLowerCase(), after: [{ queue }] })
  t.match(withPbx({ surveys: [after('Sales'), { ...after('SALES'), name: 'other' }] }), [
    'pbxs hq: surveys: two are made after the queue sales',
  ])
  const both = ['Sales', 'SALES'].map(queue => ({ queue, keys: { 1: 'lost' } }))
  t.match(withPbx({ routing: { queueKeys: both } }), ['pbxs hq: routing.queueKeys: two are of sales'])
  const keyed = (keys: object) => ({ routing: { queueKeys: [{ queue: 'sales', keys }] } })
  t.strictSame(withPbx(keyed({ '1': 'lost' })), ['pbxs hq: routing.queueKeys sales: there is no menu lost'])
  t.match(withPbx(keyed({ AB: 'lost' })), ['pbxs hq: routing.queueKeys sales: AB is no key'])
  t.strictSame(withPbx({ routing: { callBacks: { calendar: 'x' } } }), [
    'pbxs hq: routing.callBacks: there is no calendar x',
  ])
  const boxes = [{ box: '1' }, { box: '1', email: ['a@b.c'] }]
  t.strictSame(withPbx({ voicemail: { boxes } }), [
    'pbxs hq: voicemail.boxes: two are 1',
    'pbxs hq: voicemail.boxes 1: email needs the mail server, `mail`',
  ])
  for (const box of ['', 'x', '1,2', '9'.repeat(33)]) t.not(withPbx({ voicemail: { boxes: [{ box }] } }).length, 0, box)
  for (const email of ['', 'a', 'a@b\r\nBcc: c@d', 'a@b,c@d', '<a@b>'])
    t.not(withPbx({ voicemail: { boxes: [{ box: '1', email: [email] }] } }).length, 0, email)
  t.strictSame(withPbx({ prompts: { as: '/x' } }), ['pbxs hq: prompts.as is of no use without dir'])
  t.match(withPbx({ prompts: { dir: 'a b' } }), [/prompts\.dir is no path that the PBX can be told/])
  t.strictSame(withPbx({ prompts: { dir: '/x', speech: { voices: { english: 'en' } } } }), [
    'pbxs hq: prompts.speech: english is no language such as zh or en_GB',
  ])
  const needed = ['routing.routes', 'surveys'].map(what => `pbxs hq: ${what} needs ari, with the driver own`)
  for (const ari of [null, { url: 'http://127.0.0.1:8088', password: 'y', driver: 'ari-client' }])
    t.strictSame(withPbx({ routing: { routes: [route] }, surveys: [survey] }, ari), needed)
  const hostile = ['2000,,,S(1)', '${SHELL(id)}', '', '1\r\n2', '9'.repeat(33)]
  for (const number of hostile)
    t.not(withPbx({ routing: { routes: [{ ...route, to: { number } }] } }).length, 0, number)
  for (const sound of ['../x', 'a b', 'http://x', 'a,b', ''])
    t.not(withPbx({ surveys: [{ ...survey, thanks: [sound] }] }).length, 0, sound)
  for (const hours of [{ from: '9:00', to: '17:00' }, { from: '09:00', to: '24:01' }, { from: '09:00' }])
    t.not(withPbx({ routing: { calendars: [{ name: 'c', hours: [{ days: ['mon'], ...hours }] }] } }).length, 0)
})

t.test('variables', async t => {
  t.strictSame(wrongWith(example), [
    'the environment variable ALADDIN_AMI_SECRET is not set',
    'the environment variable ALADDIN_ARI_PASSWORD is not set',
  ])
})

t.test('contradictions', async t => {
  const config = (more: string) =>
    `pbxs:\n${more}\nredis: {url: 'redis://x'}\napi: {keys: [{name: a, sha256: '${'0'.repeat(64)}'}]}`
  t.match(
    wrongWith(
      config("  - {name: hq, ami: {secret: x}, country: XX, extensions: '('}\n  - {name: hq, ami: {secret: y}}"),
    ),
    [/two have the name hq/, /no regular expression/, /country is not known/],
  )
  const area = (country: string, ownArea: string) =>
    wrongWith(config(`  - {name: hq, ami: {secret: x}, country: ${country}, dialling: {ownArea: '${ownArea}'}}`))
  const prefixed = config('  - {name: hq, ami: {secret: x}, dialling: {prefixedCallers: true}}')
  t.strictSame(wrongWith(prefixed), ['pbxs hq: dialling.prefixedCallers needs trunkPrefix'])
  t.strictSame(area('DE', '999999'), ['pbxs hq: dialling.ownArea: DE has no area 999999'])
  for (const [country, ownArea] of [
    ['DE', '030'],
    ['DE', '4421'],
    ['IT', '2'],
    ['CN', '021'],
  ] as const)
    t.strictSame(area(country, ownArea), [], ownArea)
})

t.test('drivers, and what they cannot do', async t => {
  const config = (more: string) =>
    `pbxs:\n${more}\nredis: {url: 'redis://x'}\napi: {keys: [{name: a, sha256: '${'0'.repeat(64)}'}]}`
  const ari = (name: string, url = 'http://x') =>
    `  - {name: ${name}, ami: {secret: x, driver: asterisk-manager}, ari: {url: '${url}', password: y, driver: ari-client}}`
  t.strictSame(wrongWith(config(ari('a'))), [])
  t.match(wrongWith(config(`${ari('a')}\n${ari('b', 'http://x/prefix')}`)), [/^pbxs b: .*no prefix/])
  t.match(wrongWith(config('  - {name: a, ami: {secret: x, driver: asterisk-manager, tls: true}}')), [/knows no tls/])
  t.match(wrongWith(config('  - {name: a, ami: {secret: x, driver: yana}}')), [/pbxs\.0\.ami\.driver/])
})

t.test('Redis: one way to it, and only one', async t => {
  const config = (redis: string) =>
    `pbxs: [{name: hq, ami: {secret: x}}]\nredis: ${redis}\napi: {keys: [{name: a, sha256: '${'0'.repeat(64)}'}]}`
  const one = /^redis: one of url, sentinel and cluster is needed, and only one$/
  t.match(wrongWith(config('{}')), [one])
  t.match(wrongWith(config("{url: 'redis://x', cluster: {nodes: [{host: x}]}}")), [one])
  t.match(wrongWith(config("{url: 'redis://[x'}")), [/^redis\.url is no address$/])
  const wrong = wrongWith(config('{sentinel: {name: a, sentinels: [], colour: red}, cluster: {nodes: [{port: 0}]}}'))
  for (const part of [/redis\.sentinel\.sentinels/, /colour/, /redis\.cluster\.nodes\.0/])
    t.match(wrong.join('\n'), part)
  const { redis } = parseConfig(config('{sentinel: {name: a, sentinels: [{host: x}, {host: y, port: 1}]}}'), {})
  t.match(redis.sentinel, { db: 0, tls: false, sentinelTls: false, sentinels: [{ port: 26_379 }, { port: 1 }] })
  t.match(parseConfig(config('{cluster: {nodes: [{host: x}]}}'), {}).redis.cluster?.nodes, [{ port: 6_379 }])
})

t.test('Redis: what the url has, and what stands beside it', async t => {
  const of = (redis: object) => {
    const config = { pbxs: [{ name: 'hq', ami: { secret: 'x' } }], redis, api: { keys: [{ name: 'a', sha256: '0'.repeat(64) }] } } // prettier-ignore
    try {
      return parseConfig(JSON.stringify(config), {}).redis
    } catch (error) {
      return (error as BadConfig).wrong
    }
  }
  const percent = ['redis.url: a % in the user name or password is written %25, or else let redis.password have it']
  for (const login of [':10%s', 'a%:x', ':%', ':%ff', ':%C3%28'])
    t.strictSame(of({ url: `redis://${login}@x:6379/0` }), percent, login)
  for (const url of ['redis://:10%25s@x/0', 'redis://x', 'rediss://x/', 'redis://x/15', '/run/redis.sock?db=2'])
    t.match(of({ url }), { url }, url)
  const database = ['redis.url: the database is a number from 0 on, such as redis://127.0.0.1:6379/0']
  for (const url of ['redis://x/aladdin', 'redis://x/-1', 'redis://x/1e3', 'redis://x/0/1', '/run/redis.sock?db=a'])
    t.strictSame(of({ url }), database, url)
  const login = { username: 'crm', password: '10%s@/' }
  t.match(of({ url: 'redis://x/0', ...login }), login)
  t.strictSame(of({ url: 'redis://a:b@x/0', ...login }), [
    'redis.url has a user name or password, and so have redis.username and redis.password',
  ])
  t.strictSame(of({ cluster: { nodes: [{ host: 'x' }] }, ...login }), [
    'redis: username and password stand beside url; those of sentinel and cluster stand inside them',
  ])
})

t.test('what the example says of Sentinels and Clusters is sound, too', async t => {
  const passwords = { ...secrets, ALADDIN_REDIS_PASSWORD: 'a', ALADDIN_SENTINEL_PASSWORD: 'b' }
  for (const way of ['sentinel', 'cluster'] as const) {
    const block = new RegExp(`^  # ${way}:\\n(?:  #   .*\\n)+`, 'm').exec(example)?.[0] ?? ''
    const other = example.replace(/^ {2}url: .*\n/m, block.replace(/^ {2}# /gm, '  '))
    t.match(parseConfig(other, passwords).redis[way], { password: 'a' }, way)
  }
})

t.test('what is wrong with the file of the directory, is wrong with the configuration', async t => {
  const dir = t.testdir({
    'good.yaml': readFileSync(join(import.meta.dirname, '../../config/directory.example.yaml'), 'utf8'),
    'bad.yaml': 'staff: [{id: a, name: A, role: none}, {id: a, name: B}]',
  })
  const wrong = (file: string) => {
    writeFileSync(
      join(dir, 'aladdin.yaml'),
      example.replace('# directory: config/directory.yaml', `directory: ${join(dir, file)}`),
    )
    try {
      readConfig(join(dir, 'aladdin.yaml'), secrets)
      return []
    } catch (error) {
      return error instanceof BadConfig ? error.wrong : [String(error)]
    }
  }
  t.strictSame(wrong('good.yaml'), [])
  t.strictSame(wrong('bad.yaml'), ['pbxs hq: agents.directory: staff: two have the id a'])
  t.match(wrong('none.yaml'), [/agents.directory: cannot be read \(ENOENT\)/])
})

t.test('no YAML, no file', async t => {
  t.match(wrongWith('a: ['), [/not readable as YAML/])
  t.match(wrongWith(''), [/must be object/])
})
