/** What the configuration says of screen pops: `screenPop.links`, URI templates (RFC 6570) by the names of the CRMs. */
import { parseTemplate } from 'url-template'
import { Type, type Static } from 'typebox'
import type { PopLinks } from './engine/pops.js'

export const ScreenPopSchema = Type.Object(
  {
    links: Type.Record(Type.String(), Type.String({ pattern: '^https?://', maxLength: 1_000 }), { default: {} }),
  },
  { additionalProperties: false, default: {} },
)
type ScreenPop = Static<typeof ScreenPopSchema>

const NAMES = ['call', 'pbx', 'number', 'e164', 'area', 'name', 'extension', 'agent', 'queue', 'customer'] as const
const DATA = 'data.'
/** Without `+` and `#`, which would let a caller's name into the address as it is. */
const EXPRESSION = /\{([^{}]*)\}/g
const PARTS = /^[./;?&]?([A-Za-z0-9_.]+(?:,[A-Za-z0-9_.]+)*)$/

const namesIn = (template: string) =>
  [...template.matchAll(EXPRESSION)].map(([text, inside = '']) => ({
    text,
    names: PARTS.exec(inside)?.[1]?.split(','),
  }))

/** Not by the schema: filling in what is left out fails on a table that allows some keys alone. */
const LINK = /^[a-z0-9][a-z0-9-]{0,31}$/

export const popContradictions = ({ links }: ScreenPop): string[] => [
  ...Object.keys(links)
    .filter(link => !LINK.test(link))
    .map(
      link => `screenPop.links: ${JSON.stringify(link.slice(0, 40))} is no name of small letters, digits and dashes`,
    ),
  ...templatesContradicted(links),
]

const templatesContradicted = (links: ScreenPop['links']): string[] =>
  Object.entries(links).flatMap(([link, template]) =>
    namesIn(template).flatMap(({ text, names }) => {
      if (!names) return [`screenPop.links.${link}: ${text} is not understood`]
      const unknown = names.filter(name => !NAMES.some(n => n === name) && !name.startsWith(DATA))
      return unknown.map(
        name => `screenPop.links.${link}: {${name}} is not known; there is ${NAMES.join(', ')}, data.…`,
      )
    }),
  )

/** The address for each CRM; what is not known is left out of it. */
export function popLinksOf({ links }: ScreenPop): PopLinks {
  const read = Object.entries(links).map(([link, template]) => [link, parseTemplate(template)] as const)
  return (call, { customer, extension, agent, queue }) => {
    const { number, e164, area, name } = customer
    const data = Object.entries(call.notes?.data ?? {}).map(([key, value]) => [`${DATA}${key}`, value] as const)
    const values: Record<(typeof NAMES)[number], string | undefined> = {
      ...{ call: call.id, pbx: call.pbx, number, e164, area, name, extension, agent, queue, customer: customer.id },
    }
    const known = Object.fromEntries([...Object.entries(values), ...data].filter(([, value]) => value !== undefined))
    return Object.fromEntries(read.map(([link, template]) => [link, template.expand(known as Record<string, string>)]))
  }
}
