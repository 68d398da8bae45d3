/**
 * A caller's way through the menus: what is to be said next, and what is then waited for. Pure; where they are is part of the call,
 * so it goes on after a restart.
 */
import type { EpochMs } from '../base/ids.js'
import type { Walk, WalkStep } from '../pbx/facts.js'
import type { Menus, Node, NodeOf } from './menus.js'

export type Around = { menus: Menus; isOpen: (calendar: string, at: EpochMs) => boolean }

export type LookUp = NodeOf<'lookup'>['lookup']
export type Going = { to: 'number'; number: string } | { to: 'voicemail'; box: string } | { to: 'survey'; survey: string } | { to: 'queue' } | { to: 'workgroup'; workgroup: string } | { to: 'agent'; agent: string; then: string; ringForMs: number } // prettier-ignore
/** What is waited for when all is said; `key`: `early` keys count while it is being said. */
export type Then =
  | { wait: 'key'; ms: number; early: boolean }
  | { wait: 'said' }
  | { wait: 'lookup'; lookup: LookUp }
  | { wait: 'call-back'; number: string; queue: string }
  | { wait: 'gone'; going: Going }
  | { wait: 'end' }
export type Move = { next: Walk; say: readonly string[]; then: Then }

export const MOST_STEPS = 300
/** Nodes that take no time, one after the other. */
const MOST_AT_ONCE = 100
const MOST_DEEP = 10
const MOST_CHARS = 200

const nodeNow = ({ menus }: Around, walk: Walk): Node | undefined => {
  const { ivr, node } = walk.at.at(-1) ?? { ivr: '', node: '' }
  const nodes = menus.get(ivr)?.nodes
  return nodes && Object.hasOwn(nodes, node) ? nodes[node] : undefined
}

/** `before`: what they did in menus before this one. */
export function beginWalk(around: Around, ivr: string, was: Pick<Walk, 'leg' | 'variables'>, at: EpochMs, before: Walk['steps'] = []): Move {
  const menu = around.menus.get(ivr)
  const walk: Walk = { ...was, at: [], times: 0, keys: '', steps: before, ...(menu?.language !== undefined && { language: menu.language }) }
  return menu ? enter(around, { ...walk, at: [{ ivr, node: menu.start }] }, at, 0) : ended(walk, at, 'lost')
} // prettier-ignore

/** After the daemon was away: they hear what they heard last once more. */
export function resumeWalk(around: Around, was: Walk, at: EpochMs): Move {
  return nodeNow(around, was) ? ask(around, { ...was, keys: '' }, at, 0) : ended(was, at, 'lost')
}

/** Undefined: nothing is waited for. */
export function keyPressed(around: Around, was: Walk, key: string, at: EpochMs): Move | undefined {
  const node = nodeNow(around, was)
  if (!node || was.endedAt !== undefined) return undefined
  if ('menu' in node) {
    const to = Object.hasOwn(node.menu.keys, key) ? node.menu.keys[key] : undefined
    return to === undefined ? again(around, noted(was, { key, result: 'invalid' }), at, node.menu, node.otherwise) : goTo(around, noted(was, { key, result: 'key' }), to, at) // prettier-ignore
  }
  if (!('collect' in node)) return undefined
  const { collect } = node
  const keys = key === collect.end ? was.keys : was.keys + key
  if (key !== collect.end && keys.length < collect.max)
    return { next: { ...was, keys }, say: [], then: { wait: 'key', ms: collect.waitMs, early: true } }
  return collected(around, { ...was, keys }, node, at)
}

/** No key within the time. */
export function keptQuiet(around: Around, was: Walk, at: EpochMs): Move | undefined {
  const node = nodeNow(around, was)
  if (!node || was.endedAt !== undefined) return undefined
  if ('menu' in node) return again(around, noted(was, { result: 'timeout' }), at, { ...node.menu, invalid: [] }, node.otherwise)
  return 'collect' in node ? collected(around, was, node, at) : undefined
} // prettier-ignore

/** All is said, and nothing is waited for. */
export function said(around: Around, was: Walk, at: EpochMs): Move | undefined {
  const node = nodeNow(around, was)
  return node && ('play' in node || 'say' in node) ? goTo(around, was, node.next, at) : undefined
}

/** What the look-up has brought; undefined where nothing came of it. */
export function lookedUp(around: Around, was: Walk, answer: unknown, at: EpochMs): Move | undefined {
  const node = nodeNow(around, was)
  if (!node || !('lookup' in node)) return undefined
  const found = Object.entries(node.lookup.as).map(([name, path]) => [name, textAt(answer, path)] as const)
  if (answer === undefined || found.every(([, text]) => text === undefined))
    return goTo(around, noted(was, { result: 'failed' }), node.otherwise, at)
  const texts = found.filter((pair): pair is [string, string] => pair[1] !== undefined)
  return goTo(around, noted(withVariables(was, Object.fromEntries(texts)), { result: 'found' }), node.next, at)
}

/** Whether they are to be called back; `why` not. */
export function callBackAsked(around: Around, was: Walk, why: string | undefined, at: EpochMs): Move | undefined {
  const node = nodeNow(around, was)
  if (!node || !('callBack' in node)) return undefined
  return goTo(around, noted(was, { result: why ?? 'taken' }), why === undefined ? node.next : node.otherwise, at)
}

/** They could not go there. */
export function notGone(around: Around, was: Walk, why: string, at: EpochMs): Move | undefined {
  const node = nodeNow(around, was)
  if (!node || !('go' in node)) return undefined
  const next = noted(was, { result: why })
  return node.otherwise === undefined ? ended(next, at, 'lost') : goTo(around, next, node.otherwise, at)
}

export const gone = (was: Walk, at: EpochMs): Walk => ({
  ...noted(was, { result: 'gone' }),
  endedAt: at,
  ended: 'gone',
})

function collected(around: Around, was: Walk, node: NodeOf<'collect'>, at: EpochMs): Move {
  const { collect, next, otherwise } = node
  const { keys } = was
  if (keys.length >= collect.min) {
    const step = noted(withVariables({ ...was, keys: '' }, { [collect.as]: keys }), { result: 'collected' })
    return goTo(around, step, next, at)
  }
  const result = keys === '' ? 'timeout' : 'invalid'
  const invalid = keys === '' ? [] : collect.invalid
  return again(around, noted({ ...was, keys: '' }, { result }), at, { ...collect, invalid }, otherwise)
}

type Asking = { retries: number; invalid: readonly string[] }
function again(around: Around, was: Walk, at: EpochMs, { retries, invalid }: Asking, otherwise: string): Move {
  if (was.times > retries) return goTo(around, was, otherwise, at)
  const { next, say, then } = ask(around, { ...was, times: was.times + 1 }, at, 0)
  return { next, say: [...invalid, ...say], then }
}

function goTo(around: Around, was: Walk, node: string, at: EpochMs, hops = 0): Move {
  const { ivr = '' } = was.at.at(-1) ?? {}
  return enter(around, { ...was, at: [...was.at.slice(0, -1), { ivr, node }] }, at, hops)
}

/** Each node that is entered is a step, up to so many. */
function enter(around: Around, was: Walk, at: EpochMs, hops: number): Move {
  const here = was.at.at(-1)
  if (!here || !nodeNow(around, was) || hops > MOST_AT_ONCE || was.at.length > MOST_DEEP || was.steps.length >= MOST_STEPS)
    return ended(was, at, 'lost')
  return ask(around, { ...was, times: 1, keys: '', steps: [...was.steps, { ...here, at }] }, at, hops)
} // prettier-ignore

function ask(around: Around, was: Walk, at: EpochMs, hops: number): Move {
  const node = nodeNow(around, was)
  if (!node) return ended(was, at, 'lost')
  const on = (walk: Walk, to: string) => goTo(around, walk, to, at, hops + 1)
  const fill = (text: string) => filled(text, was.variables)
  if ('play' in node) return { next: was, say: node.play, then: { wait: 'said' } }
  if ('say' in node) {
    const [[kind, text] = ['digits', '']] = Object.entries(node.say)
    const value = fill(text).replace(/[^0-9*#]/g, '')
    return value === '' ? on(was, node.next) : { next: was, say: [`${kind}:${value}`], then: { wait: 'said' } }
  }
  if ('menu' in node) {
    const { play, waitMs, bargeIn } = node.menu
    return { next: was, say: play, then: { wait: 'key', ms: waitMs, early: bargeIn } }
  }
  if ('collect' in node) return { next: was, say: node.collect.play, then: { wait: 'key', ms: node.collect.waitMs, early: true } } // prettier-ignore
  if ('hours' in node) {
    const isOpen = around.isOpen(node.hours, at)
    return on(noted(was, { result: isOpen ? 'open' : 'closed' }), isOpen ? node.next : node.otherwise)
  }
  if ('set' in node) {
    const values = Object.entries(node.set).map(([name, text]) => [name, fill(text)])
    return on(withVariables(was, Object.fromEntries(values) as Record<string, string>), node.next)
  }
  if ('branch' in node) {
    const value = textOf(was.variables, node.branch)
    return on(was, (Object.hasOwn(node.cases, value) ? node.cases[value] : undefined) ?? node.otherwise)
  }
  if ('language' in node) return on({ ...was, language: node.language }, node.next)
  if ('ivr' in node) {
    const menu = around.menus.get(node.ivr)
    // Where they go on when they come back.
    const back = [...was.at.slice(0, -1), { ivr: was.at.at(-1)?.ivr ?? '', node: node.next }]
    if (!menu) return ended(was, at, 'lost')
    return enter(around, { ...was, at: [...back, { ivr: node.ivr, node: menu.start }] }, at, hops + 1)
  }
  if ('return' in node) return was.at.length < 2 ? ended(was, at, 'end') : enter(around, { ...was, at: was.at.slice(0, -1) }, at, hops + 1) // prettier-ignore
  if ('lookup' in node) {
    const url = filled(node.lookup.url, was.variables, encodeURIComponent)
    return { next: was, say: [], then: { wait: 'lookup', lookup: { ...node.lookup, url } } }
  }
  if ('callBack' in node) {
    const { number, queue = '{queue}' } = node.callBack
    return { next: was, say: [], then: { wait: 'call-back', number: fill(number), queue: fill(queue) } }
  }
  if ('go' in node) return { next: was, say: [], then: { wait: 'gone', going: goingOf(node.go, fill) } }
  return ended(was, at, 'end')
}

function goingOf(go: NodeOf<'go'>['go'], fill: (text: string) => string): Going {
  if ('workgroup' in go) return { to: 'workgroup', workgroup: go.workgroup }
  if ('voicemail' in go) return { to: 'voicemail', box: fill(go.voicemail) }
  if ('back' in go) return { to: 'queue' }
  if ('survey' in go) return { to: 'survey', survey: go.survey }
  if ('number' in go) return { to: 'number', number: fill(go.number) }
  return { to: 'agent', agent: fill(go.agent), then: fill(go.then), ringForMs: go.ringForMs }
}

const ended = (was: Walk, at: EpochMs, why: NonNullable<Walk['ended']>): Move => ({
  next: { ...was, endedAt: at, ended: why },
  say: [],
  then: { wait: 'end' },
})

/** What came of the step that they are at. */
function noted(was: Walk, what: Partial<WalkStep>): Walk {
  const last = was.steps.at(-1)
  if (!last) return was
  // Who is asked again has pressed something before: the last thing counts, and how often it was asked.
  return { ...was, steps: was.steps.with(-1, { ...last, ...what, ...(was.times > 1 && { times: was.times }) }) }
}

const withVariables = (was: Walk, more: Readonly<Record<string, string>>): Walk => {
  const cut = Object.entries(more).map(([name, text]) => [name, text.slice(0, MOST_CHARS)])
  return { ...was, variables: { ...was.variables, ...(Object.fromEntries(cut) as Record<string, string>) } }
}

type Texts = Readonly<Record<string, string>>
const textOf = (variables: Texts, name: string) => (Object.hasOwn(variables, name) ? (variables[name] ?? '') : '')
const filled = (text: string, variables: Texts, encoded = (value: string) => value) =>
  text.replace(/\{([a-z][A-Za-z0-9]*)\}/g, (_, name: string) => encoded(textOf(variables, name)))

/** `data.name` of what a look-up has answered, where it is text, a number or a truth. */
function textAt(answer: unknown, path: string): string | undefined {
  let value = answer
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
} // prettier-ignore
