/** The layout cannot rot: who may import whom, no circles, nothing outside base that only passes on. */
import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const pure = ['base', 'pbx', 'events', 'numbers']
const domain = [
  'calls',
  'missed',
  'directory',
  'agents',
  'lines',
  'queues',
  'routing',
  'ivr',
  'surveys',
  'voicemail',
  'call-backs',
]
const mayImport: Record<string, string[]> = {
  base: [],
  pbx: ['base'],
  events: ['base'],
  numbers: [],
  ...Object.fromEntries(domain.map(d => [d, pure])),
  engine: [...pure, ...domain],
  ami: ['base', 'numbers', 'pbx'],
  ari: ['base', 'numbers', 'pbx'],
  store: ['base', 'events'],
  jobs: ['base', 'events'],
  history: ['base', 'events', 'numbers', 'store'],
  reports: ['base', 'events', 'store'],
  api: ['base', 'events', 'numbers', 'directory', 'ivr', 'reports', 'engine', 'prompts', 'recordings'],
  areas: ['base', 'events', 'numbers'],
  http: ['base'],
  prompts: ['base', 'events'],
  recordings: ['base'],
  doctor: ['base', 'pbx', 'ami', 'ari', 'store'],
  reconcile: ['base', 'pbx', 'events'],
}
const src = join(import.meta.dirname, '../../src')
const files = readdirSync(src, { encoding: 'utf8', recursive: true }).filter(f => f.endsWith('.ts'))
const imports = new Map(
  files.map(file => {
    const found = [...readFileSync(join(src, file), 'utf8').matchAll(/from '(\.[^']+)\.js'/g)]
    return [file, found.map(([, path = '']) => relative(src, join(src, dirname(file), `${path}.ts`)))]
  }),
)
const roomOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '')

t.test('each arrow is one that is allowed', async t => {
  t.ok(files.length > 30, 'the files were found')
  for (const [file, targets] of imports) {
    const room = roomOf(file)
    if (room === '') continue
    t.ok(room in mayImport, `${file}: its folder is known`)
    for (const target of targets) {
      const to = roomOf(target)
      t.ok(to === room || mayImport[room]?.includes(to), `${file} -> ${target}`)
    }
  }
})

t.test('nothing imports main', async t => {
  for (const [file, targets] of imports) t.notOk(targets.includes('main.ts'), file)
})

t.test('no circles', async t => {
  const state = new Map<string, 'open' | 'done'>()
  const visit = (file: string, path: string[]): string[] | undefined => {
    if (state.get(file) === 'done') return undefined
    if (state.get(file) === 'open') return [...path, file]
    state.set(file, 'open')
    for (const target of imports.get(file) ?? []) {
      // Types alone bind nobody at run time: server and its routes know one another's types.
      if (isTypeOnly(file, target)) continue
      const circle = visit(target, [...path, file])
      if (circle) return circle
    }
    state.set(file, 'done')
    return undefined
  }
  for (const file of files) t.equal(visit(file, [])?.join(' -> '), undefined, file)
})

function isTypeOnly(file: string, target: string) {
  const name = target.slice(target.lastIndexOf('/') + 1).replace(/\.ts$/, '.js')
  const lines = readFileSync(join(src, file), 'utf8').split('\n')
  const line = lines.find(l => l.includes(`/${name}'`) && l.includes(' from '))
  return line?.startsWith('import type') === true
}
