/** The files in dialplan/ and the daemon's own list of names agree, in both directions. */
import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { CODE_ANSWERS } from '../src/pbx/actions.js'
import { FEATURE_CODES } from '../src/pbx/facts.js'
import { FEATURES, NAMES } from '../src/pbx/names.js'

const files = Object.fromEntries(
  readdirSync('dialplan')
    .filter(file => file.endsWith('.conf'))
    .map(file => [file, withoutComments(readFileSync(`dialplan/${file}`, 'utf8'))]),
)
const all = Object.values(files).join('\n')

function withoutComments(text: string): string {
  return text.replace(/^;.*$/gm, '')
}

const found = (pattern: RegExp, text = all) =>
  [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort()

/** Defined for the site to use; the daemon never says these names. */
const FOR_THE_SITE = {
  contexts: [
    'aladdin-code',
    'aladdin-features',
    'aladdin-queue',
    'aladdin-stage',
    'aladdin-in',
    'aladdin-caller',
    'aladdin-away',
    'aladdin-message',
    'aladdin-callback-taken',
  ],
  templates: ['aladdin-ari'],
  variables: ['ALADDIN_DIALLED', 'ALADDIN_FALLBACK', 'ALADDIN_INBOUND_CONTEXT'],
}

t.test('contexts', async t => {
  const defined = found(/^\[([\w-]+)\]/gm, files['extensions-aladdin.conf'])
  const { dialContext, transferContext, transferBackContext, joinContext } = NAMES
  const { listenContext, takeContext, unparkContext, goContext, onContext, surveyContext, agentContext } = NAMES
  const { voicemailContext, lightContext, promptContext, promptRecordContext } = NAMES
  const { queueKeysContext, queueBackContext, callBackContext, callBackQueueContext } = NAMES
  const named = [
    dialContext,
    transferContext,
    transferBackContext,
    joinContext,
    listenContext,
    takeContext,
    unparkContext,
    goContext,
    onContext,
    surveyContext,
    agentContext,
    voicemailContext,
    lightContext,
    promptContext,
    promptRecordContext,
    ...[queueKeysContext, queueBackContext, callBackContext, callBackQueueContext],
    ...[NAMES.withdrawnContext, NAMES.sentAwayContext],
  ]
  t.strictSame(defined, [...named, ...FOR_THE_SITE.contexts].sort())
})

t.test('templates, the same for every version', async t => {
  t.strictSame(found(/^\[([\w-]+)\]\(!\)/gm), [NAMES.managerTemplate, ...FOR_THE_SITE.templates].sort())
  for (const file of ['manager-aladdin.conf', 'manager-aladdin-16.conf'])
    t.strictSame(found(/^\[([\w-]+)\]\(!\)/gm, files[file]), [NAMES.managerTemplate], file)
})

t.test('variables and globals', async t => {
  const used = found(/\$\{(ALADDIN_\w+)\}/g)
  const codes = ['EXTENSION', 'NOT_READY', 'READY', 'SIGN_IN', 'SIGN_OUT'].map(code => `ALADDIN_CODE_${code}`)
  const { fromVariable, callerIdVariable, outgoingContextGlobal, answerVariable, targetVariable, extensionVariable } =
    NAMES
  const ours = [
    ...[NAMES.promptVariable, NAMES.queueVariable, NAMES.positionVariable],
    ...[answerVariable, extensionVariable, callerIdVariable, fromVariable, outgoingContextGlobal, targetVariable],
    ...FOR_THE_SITE.variables,
  ]
  const message = ['BOX', 'GREETING', 'MESSAGE', 'SECONDS', 'SILENCE', 'PROMPTS', 'VOICEMAIL_MAX', 'VOICEMAIL_SILENCE']
  const own = ['BACK', 'TRANSFER_RING', 'WAITER', ...message].map(name => `ALADDIN_${name}`)
  t.strictSame(used, [...ours, ...own, ...codes].sort())
  const told = found(/^ same => n\(([a-z-]+)\),/gm, files['extensions-aladdin.conf'])
  for (const answer of CODE_ANSWERS) t.ok(told.includes(answer), `a phone hears: ${answer}`)
  t.strictSame(
    found(/(?:Gosub\(aladdin-code,s,1\(|UserEvent\(AladdinCode,Code: )([a-z-]+),/g),
    [...FEATURE_CODES].sort(),
    'the codes that the daemon knows',
  )
})

t.test('key sequences', async t => {
  const [, ...sections] = (files['features-aladdin.conf'] ?? '').split(/^\[(\w+)\]$/m)
  const keysIn = (name: string) => [...(sections[sections.indexOf(name) + 1] ?? '').matchAll(/^(\w+) = ([*#]\S+)$/gm)]
  for (const [name, keys] of Object.entries(FEATURES))
    t.strictSame(Object.fromEntries(keysIn(name).map(([, key = '', code = '']) => [key, code])), keys, name)
})

t.test('the Stasis application', async t => {
  for (const app of found(/Stasis\(([\w-]+)/g)) t.equal(app, NAMES.stasisApp)
})

t.test('both event filters let through the same events, with the same rights', async t => {
  const newer = files['manager-aladdin.conf'] ?? ''
  const older = files['manager-aladdin-16.conf'] ?? ''
  const events = found(/name\((\w+)\)/g, newer)
  const groups = [...older.matchAll(/\^Event: \(([\w|]+)\)/g)].flatMap(([, names = '']) => names.split('|'))
  t.ok(events.length > 50)
  t.strictSame([...groups].sort(), events)
  const rights = (text: string) => text.split('\n').filter(line => /^(read|write|writetimeout) =/.test(line))
  t.strictSame(rights(newer), rights(older))
  t.match(rights(newer), [
    'read = system,call,agent,user',
    'write = call,agent,originate,reporting',
    'writetimeout = 5000',
  ])
})

t.test('everything that is told is in the README, file by file', async t => {
  const readme = readFileSync('dialplan/README.md', 'utf8')
  for (const name of [
    ...Object.keys(files),
    NAMES.managerTemplate,
    NAMES.outgoingContextGlobal,
    NAMES.fromVariable,
    NAMES.dialContext,
  ])
    t.ok(readme.includes(name), name)
})

t.test('the contexts that send user events are named where the filter is explained', async t => {
  const contexts = (files['extensions-aladdin.conf'] ?? '').split(/^(?=\[)/m)
  const sending = contexts.flatMap(text => (text.includes('UserEvent(') ? (/^\[([\w-]+)\]/.exec(text)?.[1] ?? []) : []))
  t.ok(sending.length >= 6)
  const row = /^\| read `user` .*$/m.exec(readFileSync('dialplan/README.md', 'utf8'))?.[0] ?? ''
  for (const name of sending) t.match(row, `\`${name}\``)
  for (const file of ['manager-aladdin.conf', 'manager-aladdin-16.conf']) {
    const comment = /^; User events(?:.*\n;)*.*$/m.exec(readFileSync(`dialplan/${file}`, 'utf8'))?.[0] ?? ''
    for (const name of sending) t.match(comment, `${name} (`, `${file}: ${name}`)
  }
})
