/**
 * A mixed load of calls that a seed decides, the daemon beside the PBX; then what the history has is compared with what
 * Asterisk wrote down. Touches a lab of its own.
 */
import { readFileSync } from 'node:fs'
import type { ProfileName } from '../../lab/profiles.js'
import type { AsteriskVersion } from '../../lab/recipe.js'
import { mix, type Mixed } from '../../lab/mix/mix.js'
import { retry } from '../../lab/wait.js'
import type { EpochMs, PbxId } from '../../src/base/ids.js'
import type { CallView } from '../../src/events/call.js'
import { reconcile, type Reconciled } from '../../src/reconcile/all.js'
import { readCdr } from '../../src/reconcile/cdr.js'
import { readCel } from '../../src/reconcile/cel.js'
import { compareLive, USUAL, type Gap } from '../../src/reconcile/compare.js'
import { readQueueLog } from '../../src/reconcile/queue-log.js'
import { anExchange, type Exchange, type Told } from '../given/exchange.js'
import { channelsOfCel, wholeHistory } from '../given/whole-history.js'

export type SoakRun = Readonly<{
  calls: number
  seed: number
  asterisk?: AsteriskVersion
  profile?: ProfileName
  keep?: (files: Files) => void
}>
/** Where the PBX has written, while the lab is still there; and what we have. */
export type Files = Exchange['lab']['asterisk']['files'] & { ours: readonly CallView[] }

export type Soaked = Reconciled & {
  asterisk: AsteriskVersion
  profile: ProfileName
  mixed: Mixed
  recorded: number
  /** How many records say that part of them was concluded. */
  inferred: number
  /** Of the link over which calls are followed: how it was lost, and until when it was. */
  gaps: readonly Lost[]
  /** Differences by kind; those that something explains are not in it. */
  mismatches: Record<string, number>
}

export type Lost = Gap & { reason: string }

const PBX = 'lab' as PbxId
const PATIENCE_MS = 60_000
const BOOKS_WITHIN_MS = 3_000

export async function runSoak({ calls, seed, asterisk = '22', profile = 'plain', keep }: SoakRun): Promise<Soaked> {
  const undo: (() => unknown)[] = []
  try {
    const t = { teardown: (step: unknown) => void undo.push(step as () => unknown) }
    const exchange = await anExchange(t, { asterisk, profile })
    const { body: begun } = await exchange.crm.get<{ cursor: string }>('/v1/snapshot')
    const mixed = await mix({ lab: exchange.lab, calls, seed })
    const { live, ours } = await afterwards(exchange)
    const gaps = gapsOf(await toldOfLinks(exchange, begun.cursor))
    const { files } = exchange.lab.asterisk
    keep?.({ ...files, ours })
    const text = (file: string) => readFileSync(file, 'utf8')
    const compare = () => {
      const books = {
        cel: readCel(text(files.cel)).rows,
        cdr: readCdr(text(files.cdr)).rows,
        queueLog: readQueueLog(text(files.queueLog)).rows,
      }
      return reconcile({ pbx: PBX, gaps, ...USUAL }, ours, books)
    }
    // The PBX writes its rows a moment after it has told of the end.
    const agrees = () => Promise.resolve(compare().differences.some(d => d.reason === undefined) ? undefined : true)
    await retry(exchange.lab.clock, 'the books to be written', BOOKS_WITHIN_MS, agrees, 500).catch(() => undefined)
    const found = compare()
    const differences = [...compareLive(live, new Set()), ...found.differences]
    const inferred = ours.filter(call => call.inferred).length
    return {
      ...found,
      asterisk,
      profile,
      mixed,
      recorded: ours.length,
      inferred,
      gaps,
      differences,
      mismatches: byKind(differences),
    }
  } finally {
    for (const step of undo.reverse()) await step()
  }
}

/** What still lives when everything has had its time, and the history, oldest first. */
async function afterwards({ lab, crm }: Exchange) {
  const liveNow = async () => (await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls
  const live = await retry(lab.clock, 'no call to be left', PATIENCE_MS, async () =>
    (await liveNow()).length === 0 ? [] : undefined,
  ).catch(liveNow)
  const channels = channelsOfCel(readFileSync(lab.asterisk.files.cel, 'utf8'))
  const whole = async () => {
    const known = new Set((await wholeHistory(crm)).flatMap(call => call.legs.map(leg => leg.id)))
    return channels.every(id => known.has(id)) ? true : undefined
  }
  await retry(lab.clock, 'the history to have every channel', PATIENCE_MS, whole, 500).catch(() => undefined)
  return { live, ours: (await wholeHistory(crm)).reverse() }
}

/** From the log: on a machine that is too busy, a stream that is open all the while may be cut with the link. */
async function toldOfLinks({ lab, crm }: Exchange, after: string): Promise<readonly Told[]> {
  const { pbxs } = (await crm.get<{ pbxs: { lastGap?: { until: string } }[] }>('/v1/pbxs')).body
  const last = pbxs[0]?.lastGap?.until
  const stream = await crm.webSocket(`types=pbx.*&after=${after}`)
  const known = () => last === undefined || stream.all.some(({ data }) => data.gap?.until === last)
  await retry(lab.clock, 'the log to tell of the last gap', PATIENCE_MS, () => Promise.resolve(known() || undefined))
  stream.close()
  return stream.all
}

function gapsOf(told: readonly Told[]): Lost[] {
  const gaps: Lost[] = []
  let reason = ''
  for (const { type, data } of told) {
    if (data.link !== 'ami') continue
    if (type === 'pbx.disconnected') reason = data.reason ?? ''
    if (type === 'pbx.resynced' && data.gap) {
      const [from, until] = [data.gap.from, data.gap.until].map(Date.parse) as [EpochMs, EpochMs]
      gaps.push({ from, until, reason })
    }
  }
  return gaps
}

function byKind(differences: Reconciled['differences']): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind, reason } of differences) if (reason === undefined) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
