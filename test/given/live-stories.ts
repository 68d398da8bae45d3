/**
 * Plays stories on a real Asterisk with real phones, the daemon beside them, and looks in the history for what must be
 * there: every channel in one call, no call left over, and each call as test/stories has it.
 */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { ALL_GROUPS } from '../../lab/stories/index.js'
import { openCast, play, TIME_TO_ANSWER, type Stories, type Story } from '../../lab/stories/stage.js'
import { whyUnplayable } from '../../lab/stories/unplayable.js'
import type { ProfileName } from '../../lab/profiles.js'
import type { AsteriskVersion } from '../../lab/recipe.js'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { expectedOf } from '../stories/expected.js'
import { watchAgreement } from './agreement.js'
import { anExchange } from './exchange.js'
import { brokenPops } from './pops.js'
import { channelsOfCel, wholeHistory, type Page } from './whole-history.js'

const PATIENCE_MS = 20_000

/** Halves of Local pairs, and what announces, are nobody's channels. */
const phonesIn = (raw: string) =>
  raw
    .split('\r\n\r\n')
    .filter(frame => frame.startsWith('Event: Newchannel\r\n') && frame.includes('\r\nChannel: PJSIP/'))
    .map(frame => /^Uniqueid: (.*)\r$/m.exec(frame)?.[1] ?? '')

export const holds = (id: string) => (call: CallView) => call.legs.some(leg => leg.id === id)

export type Group = keyof typeof ALL_GROUPS
export type Told = Readonly<{
  groups: readonly Group[]
  profile?: ProfileName
  /** Of these groups; all unless told. */
  only?: (story: string) => boolean
}>

/** Those that the PBX can play; the others, and why not, are in lab/stories/unplayable.ts. */
export async function tellStories(
  version: AsteriskVersion,
  { groups, profile = 'plain', only = () => true }: Told,
): Promise<void> {
  const all = groups.flatMap(group => Object.entries<Story>(ALL_GROUPS[group]))
  const playable = all.filter(([name]) => whyUnplayable(name, { profile, asterisk: version }) === undefined)
  const stories: Stories = Object.fromEntries(playable.filter(([name]) => only(name)))
  const { lab, crm } = await anExchange(t, { asterisk: version, profile, ...TIME_TO_ANSWER })
  const cast = await openCast(lab)
  const stream = await crm.webSocket()
  const agreement = watchAgreement(lab, crm, stream)
  const phones = new Map<string, readonly string[]>()
  const failures = new Map<string, unknown>()
  for (const [name, story] of Object.entries(stories)) {
    const raw = await play(lab, cast, story).catch((error: unknown) => void failures.set(name, error))
    phones.set(name, phonesIn(raw ?? ''))
  }
  const live = await retry(lab.clock, 'no call to be left', PATIENCE_MS, async () => {
    const { body } = await crm.get<Page>('/v1/calls')
    return body.calls.length === 0 ? body.calls : undefined
  }).catch(async () => (await crm.get<Page>('/v1/calls')).body.calls)
  const channels = [...phones.values()].flat()
  const history = await retry(lab.clock, 'the history to have every channel', PATIENCE_MS, async () => {
    const calls = await wholeHistory(crm)
    return channels.every(id => calls.some(holds(id))) ? calls : undefined
  }).catch(() => wholeHistory(crm))

  const { broken, compared } = await agreement()
  const ofCalls = stream.all.filter(e => e.type.startsWith('call.')).map(({ type, data }) => ({ type, ...data }))

  // Tests begin when all is over: the file's own test ends as soon as there is one and nothing is waited for.
  t.test('no call is left over', async t => t.strictSame(live, []))
  t.test('what the API answers is what the newest event has', async t => {
    t.ok(compared > 0)
    t.strictSame(broken.slice(0, 3), [])
  })
  t.test('each phone that rings with somebody from outside is offered the call once, while it rings', async t =>
    t.strictSame(brokenPops(ofCalls), []),
  )
  for (const [name, ids] of phones)
    t.test(`${name}: ${stories[name]?.story ?? ''}`, async t => {
      t.strictSame(failures.get(name), undefined, 'it went as told')
      for (const id of ids) t.equal(history.filter(holds(id)).length, 1, `${id} is in one call`)
      const calls = history.filter(call => ids.some(id => holds(id)(call))).reverse()
      const wanted = expectedOf(profile, name)?.calls
      if (wanted) t.equal(calls.length, wanted.length, 'calls')
      for (const [n, call] of (wanted ?? []).entries()) t.match(calls[n], call, `call ${n + 1}`)
    })
  t.test('every channel that the PBX wrote of is in a call', async t => {
    const known = new Set(channels)
    for (const id of channelsOfCel(readFileSync(lab.asterisk.files.cel, 'utf8'))) t.ok(known.has(id), id)
  })
}
