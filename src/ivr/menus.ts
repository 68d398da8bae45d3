/** Menus as their files say them: nodes, each of which does one thing, and where it goes on. The schema is the source. */
import { Type, type Static } from 'typebox'

const closed = { additionalProperties: false }
const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' })
const Sound = Type.String({ pattern: '^(?!.*\\.\\.)[A-Za-z0-9_./-]{1,200}$' })
const Sounds = Type.Array(Sound, { minItems: 1, maxItems: 20 })
const Variable = Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,31}$' })
/** Text in which `{name}` stands for a variable. */
const Text = Type.String({ maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' })
const Key = '^[0-9*#]$'
const Ms = (minimum: number, maximum: number, standard: number) => Type.Integer({ minimum, maximum, default: standard })
const Number = Type.String({ minLength: 1, maxLength: 64, pattern: '^[0-9*#{}A-Za-z]+$' })

const next = { next: Id }
const either = { next: Id, otherwise: Id }

/** By the word that says what a node does. */
export const NODES = {
  play: Type.Object({ play: Sounds, ...next }, closed),
  say: Type.Object({ say: Type.Union([Type.Object({ digits: Text }, closed), Type.Object({ number: Text }, closed)]), ...next }, closed),
  menu: Type.Object(
    {
      menu: Type.Object(
        {
          play: Sounds,
          keys: Type.Record(Type.String({ pattern: Key }), Id, { minProperties: 1 }),
          waitMs: Ms(500, 60_000, 5_000),
          retries: Type.Integer({ minimum: 0, maximum: 10, default: 2 }),
          invalid: Type.Array(Sound, { maxItems: 20, default: [] }),
          bargeIn: Type.Boolean({ default: true }),
        },
        closed,
      ),
      otherwise: Id,
    },
    closed,
  ),
  collect: Type.Object(
    {
      collect: Type.Object(
        {
          play: Sounds,
          as: Variable,
          min: Type.Integer({ minimum: 1, maximum: 32, default: 1 }),
          max: Type.Integer({ minimum: 1, maximum: 32, default: 32 }),
          end: Type.String({ pattern: '^[*#]$', default: '#' }),
          waitMs: Ms(500, 60_000, 5_000),
          retries: Type.Integer({ minimum: 0, maximum: 10, default: 1 }),
          invalid: Type.Array(Sound, { maxItems: 20, default: [] }),
        },
        closed,
      ),
      ...either,
    },
    closed,
  ),
  hours: Type.Object({ hours: Id, ...either }, closed),
  set: Type.Object({ set: Type.Record(Variable, Text, { minProperties: 1, maxProperties: 50 }), ...next }, closed),
  branch: Type.Object({ branch: Variable, cases: Type.Record(Type.String({ maxLength: 200 }), Id, { minProperties: 1 }), otherwise: Id }, closed),
  lookup: Type.Object(
    {
      lookup: Type.Object(
        {
          url: Type.String({ pattern: '^https?://', maxLength: 2_000 }),
          timeoutMs: Ms(100, 10_000, 2_000),
          as: Type.Record(Variable, Type.String({ minLength: 1, maxLength: 200 }), { minProperties: 1, maxProperties: 50 }),
          allowPrivate: Type.Boolean({ default: false }),
        },
        closed,
      ),
      ...either,
    },
    closed,
  ),
  callBack: Type.Object({ callBack: Type.Object({ number: Number, queue: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,78}$' })) }, closed), ...either }, closed),
  language: Type.Object({ language: Type.String({ pattern: '^[A-Za-z]{2}(_[A-Za-z]{2,8})?$' }), ...next }, closed),
  ivr: Type.Object({ ivr: Id, ...next }, closed),
  return: Type.Object({ return: Type.Literal(true) }, closed),
  go: Type.Object(
    {
      go: Type.Union([
        Type.Object({ number: Number }, closed),
        Type.Object({ workgroup: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,78}$' }) }, closed),
        Type.Object({ voicemail: Number }, closed),
        Type.Object({ survey: Id }, closed),
        Type.Object({ back: Type.Literal(true) }, closed),
        Type.Object({ agent: Type.String({ pattern: '^[A-Za-z0-9{}][A-Za-z0-9_{}-]{0,40}$' }), then: Number, ringForMs: Ms(1_000, 300_000, 15_000) }, closed),
      ]),
      otherwise: Type.Optional(Id),
    },
    closed,
  ),
  hangup: Type.Object({ hangup: Type.Literal(true) }, closed),
} as const // prettier-ignore
export type Kind = keyof typeof NODES
export const KINDS = Object.keys(NODES) as Kind[]
export type NodeOf<K extends Kind> = Static<(typeof NODES)[K]>
export type Node = { [K in Kind]: NodeOf<K> }[Kind]

export const MenuSchema = Type.Object(
  {
    start: Id,
    language: Type.Optional(Type.String({ pattern: '^[A-Za-z]{2}(_[A-Za-z]{2,8})?$' })),
    nodes: Type.Record(Type.String(), Type.Unknown(), { minProperties: 1, maxProperties: 1_000 }),
  },
  closed,
)
export type Menu = { name: string; start: string; language?: string; nodes: Readonly<Record<string, Node>> }
export type Menus = ReadonlyMap<string, Menu>

export const kindOf = (node: object): Kind | undefined => KINDS.find(kind => kind in node)

/** Where a node may go on, with the word for it. */
export function exitsOf(node: Node): [label: string, to: string][] {
  const exits: [string, string][] = []
  if ('menu' in node) exits.push(...Object.entries(node.menu.keys))
  if ('cases' in node) exits.push(...Object.entries(node.cases))
  if ('next' in node) exits.push(['', node.next])
  const otherwise = 'otherwise' in node ? node.otherwise : undefined
  if (otherwise !== undefined) exits.push(['otherwise', otherwise])
  return exits
}

/** Names in a table that are not as they may be: what is under them has been looked at by nobody. */
export function oddNamesOf(node: Node): string[] {
  const variable = new RegExp('^[a-z][A-Za-z0-9]{0,31}$')
  const names =
    'menu' in node ? Object.keys(node.menu.keys).filter(key => !new RegExp(Key).test(key))
    : 'set' in node ? Object.keys(node.set).filter(name => !variable.test(name))
    : 'lookup' in node ? Object.keys(node.lookup.as).filter(name => !variable.test(name))
    : []
  return names
} // prettier-ignore

/** Nothing comes after it here. */
export const isEnd = (node: Node) => 'hangup' in node || 'go' in node || 'return' in node

export const soundsOf = (node: Node): readonly string[] => {
  if ('play' in node) return node.play
  if ('menu' in node) return [...node.menu.play, ...node.menu.invalid]
  if ('collect' in node) return [...node.collect.play, ...node.collect.invalid]
  return []
}
