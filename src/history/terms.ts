/**
 * By what a call is found: one term for each thing that can be asked for, such as `q:sales`. A term is part of a key, so
 * it holds nothing that could be taken for more than that, whatever numbers and names hold. Pure.
 */
import { createHash } from 'node:crypto'
import type { CallView } from '../events/call.js'
import type { Party } from '../events/call-parts.js'
import type { HistorySearch } from '../events/history.js'
import { workgroupBrought } from '../events/routing.js'

/** One way to write a number, whichever way it was dialled: E.164 where it is one, an extension, else as it is. */
export type Canonical = ((number: string) => string) & {
  /** All forms under which the index may have it, since it was read in other ways before. */
  forms?: (number: string) => readonly string[]
  /** Each number that it may be: as it stands, and as a phone has dialled it. */
  meant?: (number: string) => readonly string[]
  /** Of a party of a call, or another number that it has: the dial prefix was removed from it before. */
  recorded?: (number: string) => string
  /** Of somebody who called from outside: unlike what is dialled, it has no dial prefix. */
  shown?: (number: string) => string
  /** As it was read before. */
  before?: (number: string) => string
  /** People inside may have such a number, too: it looks like that of a phone or a queue. */
  isInside?: (number: string) => boolean
}

/** Every call has it. */
export const ALL = 't'

const MOST_CHARS = 64

/** Letters, digits and what numbers are written with stay; long texts become their hash. */
function term(kind: string, value: string): string {
  const plain = value.replace(/[^A-Za-z0-9+*#._-]/gu, char => `%${(char.codePointAt(0) ?? 0).toString(16)};`)
  const short =
    plain.length <= MOST_CHARS ? plain : `%${createHash('sha256').update(value).digest('base64url').slice(0, 27)}`
  return `${kind}:${short}`
}

const present = (values: readonly (string | undefined)[]) =>
  new Set(values.filter((v): v is string => v !== undefined && v !== ''))

export const extensionsOf = (call: CallView) =>
  present([
    ...[call.from.extension, call.to.extension],
    ...[...call.legs, ...call.offers, ...call.agents].map(part => part.extension),
  ])

const partiesOf = (call: CallView): Party[] => [call.from, call.to, ...call.transfers.map(t => t.to)]

/** A name that is no number is as it is; a call that shows none has none. */
const partyNumber = ({ number, e164 }: Party, canonical: Canonical) =>
  number === '' ? '' : recorded(e164 ?? number, canonical)
const recorded = (number: string, canonical: Canonical) => (canonical.recorded ?? canonical)(number)
const asCaller = (number: string, canonical: Canonical) => (canonical.shown ?? canonical.recorded ?? canonical)(number)

/** Each party, and by what it is found: a caller from outside is read as one. */
function partyKeys(call: CallView, canonical: Canonical): [party: Party, key: string][] {
  const isCaller = (party: Party) => party === call.from && isFromOutside(call)
  return partiesOf(call).map(party => [
    party,
    isCaller(party) ? callerNumber(party, canonical) : partyNumber(party, canonical),
  ])
}

const isFromOutside = ({ direction, from }: CallView) => direction === 'inbound' && from.extension === undefined
const callerNumber = ({ number, e164 }: Party, canonical: Canonical) =>
  e164 !== undefined || number === ''
    ? partyNumber({ number, ...(e164 !== undefined && { e164 }) }, canonical)
    : asCaller(number, canonical)
const legNumber = ({ side, trunk, number }: CallView['legs'][number], canonical: Canonical) =>
  side === 'caller' && trunk !== undefined ? asCaller(number, canonical) : recorded(number, canonical)

export function numbersOf(call: CallView, canonical: Canonical): Set<string> {
  const said = new Map(partyKeys(call, canonical).map(([party, key]) => [party.number, key]))
  const legs = call.legs.map(leg =>
    leg.number === '' ? '' : (said.get(leg.number) ?? leg.extension ?? legNumber(leg, canonical)),
  )
  return present([...said.values(), ...legs])
}

/** With or without a code for the trunk before it; what has an E.164 of its own is another number, also where it ends alike. */
function isSent(number: string, to: Party, canonical: Canonical): boolean {
  const key = recorded(number, canonical)
  return key === partyNumber(to, canonical) || (number.endsWith(to.number) && !key.startsWith('+'))
}

/** Numbers of people outside alone: of the caller who came in, and what was dialled over trunks. */
function numbersOutside(call: CallView, canonical: Canonical): Set<string> {
  const { direction, from, to } = call
  const legs = call.legs.filter(leg => leg.trunk !== undefined)
  const trunks = legs.map(leg => leg.number)
  const caller = isFromOutside(call) ? [callerNumber(from, canonical)] : []
  // A ring group is no number outside, also where it leads there.
  const isCalled = direction === 'outbound' && to.extension === undefined && trunks.some(n => isSent(n, to, canonical))
  const called = isCalled ? [partyNumber(to, canonical)] : []
  return present([...caller, ...called, ...legs.map(leg => (leg.number === '' ? '' : legNumber(leg, canonical)))])
}

export const agentsOf = (call: CallView) =>
  present([...call.legs, ...call.offers, ...call.agents].map(part => part.agent))

export const membersOf = (call: CallView) =>
  present([...call.legs, ...call.offers, ...call.agents].map(part => part.member))

/** Those in which it waited, and the workgroup to whose agent routing brought it. */
export const queuesOf = (call: CallView) =>
  present([...call.queues.map(visit => visit.queue), workgroupBrought(call.routing)])

/** None for a call that has become part of another: it is found as that. Extensions and numbers have a kind in common: a call inside is then found by either with half the entries. */
export function termsOf(call: CallView, canonical: Canonical): string[] {
  if (call.mergedInto !== undefined) return []
  const parties = new Set([...extensionsOf(call), ...numbersOf(call, canonical)])
  const { isInside = () => false } = canonical
  const outside = [...numbersOutside(call, canonical)].filter(isInside)
  return [
    ALL,
    term('d', call.direction),
    ...(call.outcome === undefined ? [] : [term('o', call.outcome)]),
    ...[...parties].map(value => term('p', value)),
    ...outside.map(value => term('x', value)),
    ...[...agentsOf(call)].map(value => term('a', value)),
    ...[...membersOf(call)].map(value => term('m', value)),
    ...[...queuesOf(call)].map(value => term('q', value)),
    ...[...present(call.tags ?? [])].map(value => term('g', value)),
    ...(call.survey ? [term('s', call.survey.name)] : []),
    ...[...present((call.wrapUps ?? []).map(({ code }) => code))].map(value => term('w', value)),
  ]
}

/** What a record that was written before may have been found by, beside its terms: to take it out of the index. */
export function termsBefore(call: CallView, canonical: Canonical): string[] {
  const { before = (number: string) => number } = canonical
  const parties = partiesOf(call).flatMap(({ number, e164 }) => [number, e164])
  const legs = call.legs.flatMap(({ number }) => [number, before(number)])
  const outside = [...numbersOutside(call, canonical)].map(value => term('x', value))
  const read = call.from.number === '' ? [] : [partyNumber(call.from, canonical)]
  return [...[...present([...parties, ...legs, ...read])].map(value => term('p', value)), ...outside]
}

/** Any of these; of each, all. */
export function termsAsked(asked: HistorySearch, canonical: Canonical): string[][] {
  const { extension, number, outside, agent, member, queue, direction, outcome, tag, survey, wrapUp } = asked
  const given: [string, string | undefined][] = [
    ['p', extension],
    ['a', agent],
    ['m', member],
    ['q', queue],
    ['d', direction],
    ['o', outcome],
    ['g', tag],
    ['s', survey],
    ['w', wrapUp],
  ]
  const terms = given.flatMap(([kind, value]) => (value === undefined ? [] : [term(kind, value)]))
  if (number === undefined) return [terms.length === 0 ? [ALL] : terms]
  const own = recorded(number, canonical)
  if (outside && canonical.isInside?.(own)) return [[...terms, term('x', own)]]
  const forms = canonical.forms?.(number) ?? [canonical(number)]
  // A caller may show the digits that are another number where they are dialled.
  return [...new Set([...forms, asCaller(number, canonical)])].map(form => [...terms, term('p', form)])
}

/** What the terms leave open: an extension and a number may be written alike, and a form may be that of another number. */
export function fits(call: CallView, { extension, number, outside }: HistorySearch, canonical: Canonical): boolean {
  if (extension !== undefined && !extensionsOf(call).has(extension)) return false
  if (number === undefined) return true
  const own = recorded(number, canonical)
  if (outside && canonical.isInside?.(own)) return numbersOutside(call, canonical).has(own)
  // The same digits may be a number with the dial prefix, and somebody's number as they stand.
  const caller = asCaller(number, canonical)
  const keys = new Set(outside ? [caller] : [...(canonical.meant?.(number) ?? [canonical(number)]), own, caller])
  const parties = partiesOf(call).map(party =>
    party === call.from && isFromOutside(call) ? asCaller(party.number, canonical) : recorded(party.number, canonical),
  )
  const has = [...numbersOf(call, canonical), ...parties]
  return has.some(key => keys.has(key))
}
