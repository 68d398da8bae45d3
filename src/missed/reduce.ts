/**
 * A call that is over makes, repeats or ends items of what is to be followed up: whoever called and was not answered, or
 * was called and did not answer, is to be called; whoever has talked with somebody since is not. Pure.
 */
import type { EpochMs } from '../base/ids.js'
import type { Party } from '../events/call-parts.js'
import type { CallView } from '../events/call.js'
import { iso } from '../events/event.js'
import { MOST_CALLS, type FollowUp, type FollowUpEventType, type FollowUpKind } from '../events/follow-up.js'
import { workgroupBrought } from '../events/routing.js'
import { formsOf, writingsOf } from '../numbers/forms.js'
import { keyOfCaller, keyOfParty, readNumber, type NumberPlan } from '../numbers/read.js'
import { sipStatusOf } from './sip-status.js'

/** Those that are open, by their key; no call has such an id. */
export type OpenItems = ReadonlyMap<string, FollowUp>
export type FollowUpChange = { type: FollowUpEventType; key: string; item: FollowUp }

/** Who called, or was called: their number, and by what it is compared. Empty for callers who show none. */
type Outside = { party: Party; own: string }

const outsideOf = (plan: NumberPlan, party: Party, isCaller: boolean): Outside => ({
  party,
  own: party.number === '' ? '' : isCaller ? keyOfCaller(plan, party) : keyOfParty(plan, party),
})

/** Callers who show no number are nobody: each of their calls is an item of its own. */
const keyOf = (kind: FollowUpKind, { own }: Outside, id: string) => `/${kind}/${own === '' ? `~${id}` : own}`

/** The item that is open for a party, which may be stored under a key of before. */
function itemOf(plan: NumberPlan, open: OpenItems, kind: FollowUpKind, outside: Outside, id: string) {
  const key = keyOf(kind, outside, id)
  const item = open.get(key)
  const { own } = outside
  if (item || own === '') return { key, item }
  const isOwn = (one: FollowUp | undefined) =>
    one !== undefined && outsideOf(plan, one.party, kind === 'missed').own === own
  const was = [...writingsOf(plan, own), ...formsOf(plan, own)].find(form => isOwn(open.get(`/${kind}/${form}`)))
  return was === undefined ? { key, item } : { key: `/${kind}/${was}`, item: open.get(`/${kind}/${was}`) }
}

/** Of a call as it was recorded. */
export function followUp(plan: NumberPlan, open: OpenItems, call: CallView): FollowUpChange[] {
  if (call.direction === 'internal') return []
  const isCaller = call.direction === 'inbound'
  const outside = outsideOf(plan, isCaller ? call.from : call.to, isCaller)
  if (call.outcome === 'answered') return reached(plan, open, outside, call)
  if (isUnwanted(call)) return []
  if (isCaller) return [attempted(plan, open, 'missed', outside, call)]
  return isOutsideCalled(plan, call) ? [attempted(plan, open, 'unreached', outside, call)] : []
}

/**
 * Where the phone that was to dial did not answer, nobody outside was called; nor was it somebody outside whom the caller
 * wanted, where a colleague or a group is forwarded.
 */
function isOutsideCalled(plan: NumberPlan, { to, legs }: CallView): boolean {
  const called = legs.filter(l => l.trunk !== undefined)
  if (to.extension !== undefined) return false
  const isGroup = to.e164 === undefined && to.number.length <= LONGEST_GROUP
  return called.length > 0 && (!isGroup || called.some(l => isNumberSent(plan, l.number, to.number)))
}
/** With or without a code for the trunk before it; a number of its own is another one, also where it ends alike. */
const isNumberSent = (plan: NumberPlan, sent: string, number: string) =>
  sent === number || (sent.endsWith(number) && readNumber(plan, sent, 'sent')?.e164 === undefined)
/** Digits of a number inside that is no extension: a queue, a ring group. */
const LONGEST_GROUP = 4

const REFUSALS: readonly string[] = ['busy', 'hangup', 'message']
/** The blacklist has turned them away: nobody is to call them back. Whoever only waits behind others, is. */
const isUnwanted = ({ routing }: CallView) =>
  routing !== undefined && REFUSALS.includes(routing.does) && routing.because.some(({ rule }) => rule === 'blacklist')

function attempted(
  plan: NumberPlan,
  open: OpenItems,
  kind: FollowUpKind,
  outside: Outside,
  call: CallView,
): FollowUpChange {
  const { key, item: was } = itemOf(plan, open, kind, outside, call.id)
  const { party } = outside
  const { outcome, causeQ850 } = call
  const sipStatus = kind === 'unreached' ? sipStatusOf(causeQ850) : undefined
  const queue = call.queues.at(-1)?.queue ?? workgroupBrought(call.routing)
  const item: FollowUp = {
    id: was?.id ?? call.id,
    pbx: call.pbx,
    kind,
    revision: (was?.revision ?? 0) + 1,
    state: 'open',
    party: party.name === undefined ? { ...was?.party, ...party } : party,
    attempts: (was?.attempts ?? 0) + 1,
    firstAt: was?.firstAt ?? call.startedAt,
    lastAt: call.startedAt,
    calls: [...(was?.calls ?? []), call.id].slice(-MOST_CALLS),
    ...(outcome === undefined ? {} : { outcome }),
    ...(kind === 'missed' ? { to: call.to.e164 ?? call.to.number } : {}),
    ...(queue === undefined ? {} : { queue }),
    ...(kind === 'unreached' && call.from.extension !== undefined ? { extension: call.from.extension } : {}),
    ...(causeQ850 === undefined ? {} : { causeQ850 }),
    ...(sipStatus === undefined ? {} : { sipStatus }),
  }
  return { type: `${kind}.${was ? 'repeated' : 'opened'}`, key, item }
}

/** Whoever withholds their number is not known to be the same. */
function reached(plan: NumberPlan, open: OpenItems, outside: Outside, call: CallView): FollowUpChange[] {
  if (outside.own === '' || call.direction === 'internal') return []
  const at = call.answeredAt ?? call.startedAt
  const talker = call.agents.find(a => a.talkedMs > 0)
  const who = {
    ...(talker?.agent === undefined ? {} : { agent: talker.agent }),
    ...(talker?.extension === undefined ? {} : { extension: talker.extension }),
  }
  const talk = { call: call.id, at, direction: call.direction, ...who }
  return (['missed', 'unreached'] as const).flatMap(kind => {
    const { key, item: was } = itemOf(plan, open, kind, outside, call.id)
    // A talk that began before their last attempt is not an answer to it.
    return was && at >= was.lastAt ? [close(key, was, { doneAt: at, doneBy: 'talk', reached: talk })] : []
  })
}

/** So many are kept open; then the oldest makes room. */
export const MOST_OPEN = 10_000

export function closeOldest(open: OpenItems, at: EpochMs): FollowUpChange[] {
  const oldest = open.size > MOST_OPEN ? open.entries().next().value : undefined
  return oldest ? [close(...oldest, { doneAt: iso(at), doneBy: 'age' })] : []
}

/** Somebody says that it is done. */
export const closedByCommand = (key: string, was: FollowUp, at: EpochMs) =>
  close(key, was, { doneAt: iso(at), doneBy: 'command' })

type Done = Pick<FollowUp, 'doneAt' | 'doneBy' | 'reached'>
const close = (key: string, was: FollowUp, how: Done): FollowUpChange => ({
  type: `${was.kind}.closed`,
  key,
  item: { ...was, revision: was.revision + 1, state: 'done', ...how },
})
