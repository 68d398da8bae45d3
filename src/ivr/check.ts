/** What is wrong with menus, each by its file and node; and how they look as a diagram. Pure. */
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { flawLines, flawsOf } from '../base/flaws.js'
import { no, ok, type Result } from '../base/result.js'
import {
  exitsOf,
  isEnd,
  kindOf,
  KINDS,
  MenuSchema,
  NODES,
  oddNamesOf,
  soundsOf,
  type Menu,
  type Menus,
  type Node,
} from './menus.js'

/** What a file holds -> a menu, with what is left out filled in. */
export function menuOf(name: string, value: unknown): Result<Menu, string[]> {
  const menu = Value.Default(MenuSchema, Value.Clone(value))
  if (!Value.Check(MenuSchema, menu)) return no(linesOf(MenuSchema, menu).map(flaw => `${name}: ${flaw}`))
  const wrong: string[] = []
  const nodes: Record<string, Node> = {}
  for (const [id, raw] of Object.entries(menu.nodes)) {
    const kinds = typeof raw === 'object' && raw !== null ? KINDS.filter(kind => kind in raw) : []
    const [kind] = kinds
    if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(id)) {
      wrong.push(`${name}.${id}: the name of a node is of a-z, 0-9 and -`)
      continue
    }
    if (kind === undefined || kinds.length > 1) {
      wrong.push(`${name}.${id}: does one of ${KINDS.join(', ')}`)
      continue
    }
    const node = Value.Default(NODES[kind], raw)
    const odd = Value.Check(NODES[kind], node) ? oddNamesOf(node) : []
    if (odd.length > 0) wrong.push(`${name}.${id}: ${kind} has no ${odd.join(', ')}`)
    else if (Value.Check(NODES[kind], node)) nodes[id] = node
    else wrong.push(...linesOf(NODES[kind], node).map(flaw => `${name}.${id}: ${flaw}`))
  }
  return wrong.length > 0 ? no(wrong) : ok({ ...menu, name, nodes })
}

const linesOf = (schema: TSchema, value: unknown) => flawLines(flawsOf(schema, value), '')

/** `sounds`, `calendars`: those that there are; undefined where that is not known. */
export type Around = { sounds?: ReadonlySet<string>; calendars?: ReadonlySet<string>; surveys?: ReadonlySet<string> }

export function checkMenus(menus: Menus, { sounds, calendars, surveys }: Around = {}): string[] {
  return [...menus.values()].flatMap(menu => {
    const at = (id: string) => `${menu.name}.${id}`
    const nodes = Object.entries(menu.nodes)
    const unknown = [['start', menu.start] as const, ...nodes.flatMap(([id, node]) => exitsOf(node).map(([, to]) => [id, to] as const))]
      .filter(([, to]) => !Object.hasOwn(menu.nodes, to))
      .map(([id, to]) => `${at(id)}: there is no node ${to}`)
    const others = nodes.flatMap(([id, node]) => [
      ...('ivr' in node && !menus.has(node.ivr) ? [`${at(id)}: there is no menu ${node.ivr}`] : []),
      ...('hours' in node && calendars && !calendars.has(node.hours) ? [`${at(id)}: there is no calendar ${node.hours}`] : []),
      ...('go' in node && 'survey' in node.go && surveys && !surveys.has(node.go.survey) ? [`${at(id)}: there is no survey ${node.go.survey}`] : []),
      ...('collect' in node && node.collect.min > node.collect.max ? [`${at(id)}: min is more than max`] : []),
      ...(sounds ? soundsOf(node).filter(name => !sounds.has(name)).map(name => `${at(id)}: there is no sound ${name}`) : []),
    ])
    if (unknown.length > 0) return [...unknown, ...others]
    const reached = reachedFrom(menu, menu.start)
    return [
      ...others,
      ...nodes.filter(([id]) => !reached.has(id)).map(([id]) => `${at(id)}: nothing leads there`),
      ...[...reached].filter(id => !canEnd(menu, id)).map(id => `${at(id)}: nothing leads out of it`),
      ...[...reached].filter(id => isBusyLoop(menu, id)).map(id => `${at(id)}: goes round without waiting for the caller`),
    ]
  })
} // prettier-ignore

const targets = (menu: Menu, id: string) => {
  const node = menu.nodes[id]
  return node ? exitsOf(node).map(([, to]) => to) : []
}

function reachedFrom(menu: Menu, start: string): Set<string> {
  const reached = new Set<string>()
  const open = [start]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue
    reached.add(id)
    open.push(...targets(menu, id))
  }
  return reached
}

const canEnd = (menu: Menu, id: string) =>
  [...reachedFrom(menu, id)].some(to => {
    const node = menu.nodes[to]
    return node !== undefined && isEnd(node)
  })

/** Of nodes that take no time: a caller would never be heard. */
const takesTime = (node: Node | undefined) => !node || 'menu' in node || 'collect' in node || isEnd(node)

function isBusyLoop(menu: Menu, id: string): boolean {
  if (takesTime(menu.nodes[id])) return false
  const seen = new Set<string>()
  const open = targets(menu, id)
  for (let to = open.pop(); to !== undefined; to = open.pop()) {
    if (to === id) return true
    if (seen.has(to) || takesTime(menu.nodes[to])) continue
    seen.add(to)
    open.push(...targets(menu, to))
  }
  return false
}

/** As Mermaid draws it: https://mermaid.js.org. */
export function drawMenu(menu: Menu): string {
  const names = new Map(Object.keys(menu.nodes).map((id, i) => [id, `n${i}`]))
  const lines = Object.entries(menu.nodes).flatMap(([id, node]) => [
    `  ${names.get(id)}["${quoted(`${id}: ${labelOf(node)}`)}"]`,
    ...exitsOf(node).map(([label, to]) => `  ${names.get(id)} -->${label === '' ? '' : `|"${quoted(label)}"|`} ${names.get(to) ?? 'lost'}`),
  ])
  return ['flowchart TD', `  begin(["${quoted(menu.name)}"]) --> ${names.get(menu.start) ?? 'lost'}`, ...lines, ''].join('\n')
} // prettier-ignore

const quoted = (text: string) => text.replaceAll('"', '#quot;')

function labelOf(node: Node): string {
  if ('go' in node) return `go to ${Object.values(node.go)[0]}`
  if ('ivr' in node) return `menu ${node.ivr}`
  if ('hours' in node) return `open by ${node.hours}?`
  if ('branch' in node) return `${node.branch}?`
  if ('play' in node) return `play ${node.play.join(', ')}`
  if ('callBack' in node) return `call back ${node.callBack.number}`
  if ('collect' in node) return `collect ${node.collect.as}`
  if ('language' in node) return `language ${node.language}`
  return kindOf(node) ?? ''
}
