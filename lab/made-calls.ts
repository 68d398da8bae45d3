/**
 * Calls as a call centre has them, made up from a seed: for tests and figures of the history, where a PBX would take months.
 * Two thirds come in through queues, with offers that nobody takes; the rest is dialled out or stays inside. Some callers
 * call often, most once or twice.
 */
import type { CallView } from '../src/events/call.js'
import type { AgentShare, LegView, Party } from '../src/events/call-parts.js'
import { seeded } from './seeded.js'

const AGENTS = 80
const QUEUES = ['sales', 'support', 'billing', 'orders', 'returns', 'vip', 'night', 'claims', 'partners', 'recall']
const DIDS = Array.from({ length: 12 }, (_, n) => `+4930901820${10 + n}`)
const TAGS = ['vip', 'complaint', 'order', 'refund', 'callback', 'lead', 'spam', 'survey', 'escalated', 'warranty']
const NAMES = ['Anna', 'Ben', 'Chen Wei', 'Dilara', 'Emil', 'Farah', 'Georg', 'Hanna', 'Ines', 'Jonas', 'Katja', 'Lars']
const SPACING_MS = 8_000
const FIRST_START_MS = Date.parse('2026-01-05T06:00:00.000Z')
const CALLERS = 400_000

/** `spacingMs`: from one call's start to the next, on average; `first`: how many calls before these have had their time. */
export function* madeCalls(seed: number, calls: number, spacingMs = SPACING_MS, first = 0): Generator<CallView> {
  const random = seeded(seed)
  let at = FIRST_START_MS + first * spacingMs
  let channel = 1_000
  for (let n = 0; n < calls; n++) {
    at += Math.round(-Math.log(1 - random()) * spacingMs)
    const makeChannel = () => `${Math.floor(at / 1_000)}.${channel++}`
    const kind = random()
    yield kind < 0.68
      ? inbound(random, at, makeChannel)
      : kind < 0.9
        ? outbound(random, at, makeChannel)
        : internal(random, at, makeChannel)
  }
}

type Make = (random: () => number, at: number, channel: () => string) => CallView

const pick = <T>(random: () => number, list: readonly T[]) => list[Math.floor(random() * list.length)] as T
const between = (random: () => number, low: number, high: number) => Math.round(low + random() * (high - low))
const time = (ms: number) => new Date(ms).toISOString()
const hex = (id: string) => Number(id.split('.')[1]).toString(16).padStart(8, '0')

function outside(random: () => number): Party {
  // The fourth power: the first callers of the list call often.
  const n = Math.floor(random() ** 4 * CALLERS)
  const national = n % 5 === 0 ? `0${30_000_000 + n * 7}` : `017${60_000_000 + n * 13}`
  const name = n % 3 === 0 ? { name: `${NAMES[n % NAMES.length] ?? ''} ${String.fromCharCode(65 + (n % 26))}.` } : {}
  return { number: national, e164: `+49${national.slice(1)}`, ...name }
}

const inside = (n: number): Party => ({ number: String(1_001 + n), extension: String(1_001 + n) })
const agentName = (n: number) => `${NAMES[n % NAMES.length] ?? ''} ${String(Math.floor(n / NAMES.length) + 1)}`

const phoneLeg = (
  id: string,
  n: number,
  side: 'caller' | 'callee',
  start: number,
  end: number,
  named: boolean,
): LegView => ({
  id,
  channel: `PJSIP/${1_001 + n}-${hex(id)}`,
  side,
  state: 'gone',
  ...(named ? { agent: agentName(n) } : {}),
  extension: String(1_001 + n),
  number: String(1_001 + n),
  startedAt: time(start),
  ringingAt: time(start + 90),
  endedAt: time(end),
})
const trunkLeg = (id: string, number: string, side: 'caller' | 'callee', start: number, end: number): LegView => ({
  id,
  channel: `PJSIP/trunk-${hex(id)}`,
  side,
  state: 'gone',
  trunk: 'trunk',
  number,
  startedAt: time(start),
  endedAt: time(end),
})

const noTimes = {
  talkMs: 0,
  consultMs: 0,
  holdMs: 0,
  parkMs: 0,
  queueMs: 0,
  ringMs: 0,
  voicemailMs: 0,
  ivrMs: 0,
  otherMs: 0,
}

function noted(random: () => number, call: CallView): CallView {
  const tags = random() < 0.15 ? { tags: [pick(random, TAGS)] } : {}
  const note = random() < 0.04 ? { note: `Wants to be called back about order ${between(random, 10_000, 99_999)}` } : {}
  const data = random() < 0.1 ? { data: { customer: String(between(random, 100_000, 999_999)) } } : {}
  return { ...call, ...tags, ...note, ...data }
}

const inbound: Make = (random, at, channel) => {
  const [from, did, queue] = [outside(random), pick(random, DIDS), pick(random, QUEUES)]
  const caller = channel()
  const answered = random() < 0.84
  const tries = 1 + Math.floor(random() ** 3 * 4)
  const joined = at + between(random, 2_000, 9_000)
  const legs: LegView[] = []
  const offers: CallView['offers'] = []
  const agents: AgentShare[] = []
  let now = joined + between(random, 100, 20_000)
  let talkMs = 0
  for (let n = 1; n <= tries; n++) {
    const [id, who] = [channel(), Math.floor(random() * AGENTS)]
    const took = answered && n === tries
    const rang = took ? between(random, 1_500, 9_000) : 12_000
    talkMs = took ? between(random, 20_000, 400_000) : 0
    const reached = took ? { answeredAt: time(now + rang) } : {}
    const leg = phoneLeg(id, who, 'callee', now, now + rang + talkMs, true)
    legs.push({ ...leg, ...reached, causeQ850: took ? 16 : 19, reason: took ? 'hung-up' : 'no-answer' })
    offers.push({
      ...{ leg: id, queue, agent: agentName(who), extension: leg.number, number: leg.number, startedAt: time(now) },
      ...{ ringingAt: time(now + 90), endedAt: time(now + rang), result: took ? 'answered' : 'no-answer' },
    })
    agents.push({ agent: agentName(who), extension: leg.number, legs: [id], talkedMs: talkMs, heldMs: 0, rangMs: rang })
    now += rang + (took ? 0 : 1_000)
  }
  const end = now + talkMs
  const last = legs.at(-1)
  const [talker, talkingAt] = [last?.id ?? '', time(now)]
  const visit = { queue, leg: caller, joinedAt: time(joined), position: 1, leftAt: talkingAt, waitedMs: now - joined }
  return noted(random, {
    ...base('inbound', caller, at, end),
    from,
    to: { number: did, e164: did },
    ...(answered ? { answeredAt: talkingAt, waitedMs: now - at } : {}),
    ringingAt: legs[0]?.ringingAt ?? talkingAt,
    talkedMs: talkMs,
    times: { ...noTimes, talkMs, queueMs: now - joined, ivrMs: joined - at },
    outcome: answered ? 'answered' : 'abandoned',
    endedBy: random() < 0.6 || !answered ? 'caller' : 'callee',
    causeQ850: 16,
    legs: [
      {
        ...trunkLeg(caller, from.number, 'caller', at, end),
        answeredAt: time(at + 40),
        causeQ850: 16,
        reason: 'hung-up',
      },
      ...legs,
    ],
    offers,
    segments: [
      { kind: 'ivr', legs: [caller], startedAt: time(at), endedAt: time(joined), durationMs: joined - at },
      {
        kind: 'queue',
        legs: [caller],
        name: queue,
        startedAt: time(joined),
        endedAt: talkingAt,
        durationMs: now - joined,
      },
      ...(answered
        ? [
            {
              kind: 'talk' as const,
              legs: [caller, talker],
              startedAt: talkingAt,
              endedAt: time(end),
              durationMs: talkMs,
            },
          ]
        : []),
    ],
    queues: [
      answered
        ? {
            ...visit,
            outcome: 'answered',
            answeredBy: talker,
            agent: last?.agent ?? '',
            extension: last?.extension ?? '',
          }
        : { ...visit, outcome: 'abandoned' },
    ],
    transfers: [],
    agents,
  })
}

const dialled =
  (direction: 'outbound' | 'internal', to: Party): Make =>
  (random, at, channel) => {
    const [caller, callee, who] = [channel(), channel(), Math.floor(random() * AGENTS)]
    const answered = random() < 0.7
    const ringMs = between(random, 2_000, 25_000)
    const talkMs = answered ? between(random, 10_000, 300_000) : 0
    const [now, end] = [at + ringMs, at + ringMs + talkMs]
    const cause = answered ? 16 : pick(random, [17, 19, 21, 34])
    const reached = answered ? { answeredAt: time(now) } : {}
    const far =
      to.extension === undefined
        ? trunkLeg(callee, to.number, 'callee', at + 30, end)
        : phoneLeg(callee, Number(to.extension) - 1_001, 'callee', at + 30, end, false)
    const share = { talkedMs: talkMs, heldMs: 0 }
    return noted(random, {
      ...base(direction, caller, at, end),
      from: inside(who),
      to,
      ...reached,
      ...(answered ? { waitedMs: ringMs } : {}),
      ringingAt: time(at + 120),
      talkedMs: talkMs,
      times: { ...noTimes, talkMs, ringMs },
      outcome: answered
        ? 'answered'
        : cause === 17
          ? 'busy'
          : cause === 21
            ? 'rejected'
            : cause === 19
              ? 'no-answer'
              : 'unreachable',
      endedBy: answered ? 'callee' : 'pbx',
      causeQ850: cause,
      legs: [
        {
          ...phoneLeg(caller, who, 'caller', at, end, false),
          answeredAt: time(at),
          causeQ850: 16,
          reason: 'left-alone',
        },
        { ...far, ...reached, causeQ850: cause, reason: answered ? 'hung-up' : 'no-answer' },
      ],
      offers: [
        {
          ...{
            leg: callee,
            number: to.number,
            startedAt: time(at + 30),
            ringingAt: time(at + 120),
            endedAt: time(now),
          },
          ...(to.extension === undefined ? {} : { extension: to.extension }),
          result: answered ? 'answered' : 'no-answer',
        },
      ],
      segments: answered
        ? [{ kind: 'talk', legs: [caller, callee], startedAt: time(now), endedAt: time(end), durationMs: talkMs }]
        : [],
      queues: [],
      transfers: [],
      agents: [
        { extension: String(1_001 + who), legs: [caller], ...share, rangMs: 0 },
        ...(to.extension === undefined ? [] : [{ extension: to.extension, legs: [callee], ...share, rangMs: ringMs }]),
      ],
    })
  }

const outbound: Make = (random, at, channel) => dialled('outbound', outside(random))(random, at, channel)
const internal: Make = (random, at, channel) =>
  dialled('internal', inside(Math.floor(random() * AGENTS)))(random, at, channel)

const base = (direction: CallView['direction'], first: string, at: number, end: number) => ({
  id: `hq:${first}`,
  pbx: 'hq',
  revision: 9,
  state: 'ended' as const,
  direction,
  startedAt: time(at),
  endedAt: time(end),
  durationMs: end - at,
})
