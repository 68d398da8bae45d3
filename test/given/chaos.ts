/**
 * A real exchange with two daemons beside it: one goes straight to Asterisk and Redis, the other through chaos proxies. What
 * the first records is what the second has to.
 */
import type { Test } from 'tap'
import { existsSync, readFileSync } from 'node:fs'
import { pino } from 'pino'
import { labConfig } from '../../lab/daemon.js'
import { startLab, type Lab, type LabOptions } from '../../lab/lab.js'
import { retry } from '../../lab/wait.js'
import { startDaemon } from '../../src/daemon.js'
import type { CallView } from '../../src/events/call.js'
import { callsOf } from '../../src/reconcile/calls.js'
import { readCdr } from '../../src/reconcile/cdr.js'
import { readCel } from '../../src/reconcile/cel.js'
import { openProxy, type Proxy } from '../chaos/proxy.js'
import { createRandom } from '../chaos/random.js'
import { aCrm, KEY, type Crm } from './exchange.js'

export type ChaosExchange = {
  lab: Lab
  ami: Proxy
  redis: Proxy
  /** Straight; only where it was asked for. */
  plain: Crm
  /** Through the proxies. */
  tried: Crm
}

type Options = LabOptions & { seed?: number; auditEveryMs?: number; beside?: boolean }

export async function aChaosExchange(t: Pick<Test, 'teardown'>, options: Options = {}): Promise<ChaosExchange> {
  const { seed = 1, auditEveryMs, beside = true, ...labOptions } = options
  const lab = await startLab(labOptions)
  const undo: (() => Promise<void>)[] = [() => lab.stop()]
  t.teardown(async () => {
    for (const step of undo.reverse()) await step()
  })
  const { clock, asterisk, redis: server } = lab
  const between = async (host: string, port: number, protocol: 'ami' | 'any') => {
    const proxy = await openProxy({ host, port, clock, random: createRandom(seed + undo.length), protocol })
    undo.push(() => proxy.close())
    return proxy
  }
  const ami = await between(asterisk.ami.host, asterisk.ami.port, 'ami')
  const redis = await between('127.0.0.1', server.port, 'any')
  const start = async (config: ReturnType<typeof labConfig>) => {
    const logger = pino({ level: process.env['LOG'] ?? 'silent' })
    const daemon = await startDaemon(config, 'test', logger, () => undefined)
    undo.push(() => daemon.stop())
    const crm = aCrm(lab, () => daemon.address)
    await isReady(lab, crm)
    return crm
  }
  const throughChaos = { port: ami.port, ...(auditEveryMs === undefined ? {} : { auditEveryMs }) }
  const tried = await start(
    labConfig(lab, { key: KEY, ami: throughChaos, redis: { url: `redis://127.0.0.1:${redis.port}` } }),
  )
  // Asterisk gives each Stasis application to one connection only: the second daemon does without.
  const plain = beside ? await start(labConfig(lab, { key: KEY, prefix: 'plain', ari: false })) : tried
  return { lab, ami, redis, plain, tried }
}

const HEALS_WITHIN_MS = 60_000

export const isReady = (lab: Lab, crm: Crm) =>
  retry(lab.clock, 'the daemon to be ready', HEALS_WITHIN_MS, async () => {
    const { body } = await crm.get<{ status: string }>('/readyz')
    return body.status === 'ready' ? true : undefined
  })

export const liveOf = async (crm: Crm) => (await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls

/** Resolves when it is well, no call lives, and so many records are there; gives all of them. */
export async function settledRecords(lab: Lab, crm: Crm, atLeast: number): Promise<CallView[]> {
  await isReady(lab, crm)
  return retry(
    lab.clock,
    `${atLeast} records, and no live call`,
    HEALS_WITHIN_MS,
    async () => {
      if ((await liveOf(crm)).length > 0) return undefined
      const records = await recordsOf(crm)
      return records.length >= atLeast ? records : undefined
    },
    100,
  )
}

/** The whole history, oldest first. */
export async function recordsOf(crm: Crm): Promise<CallView[]> {
  const records: CallView[] = []
  for (let more = ''; ;) {
    const { body } = await crm.get<{ calls: CallView[]; next?: string }>(`/v1/history?limit=200${more}`)
    records.push(...body.calls)
    if (body.next === undefined) return records.sort((a, b) => a.id.localeCompare(b.id))
    more = `&after=${body.next}`
  }
}

/** How often a call was told of does not matter: that depends on which facts came together. */
export const unnumbered = (calls: readonly CallView[]) => calls.map(({ revision: _, ...call }) => call)

const textOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '')

/** What Asterisk wrote down, until now. */
export function booksOf({ asterisk }: Lab) {
  const [cel, cdr] = [readCel(textOf(asterisk.files.cel)), readCdr(textOf(asterisk.files.cdr))]
  return { theirs: callsOf(cel.rows), cdr: cdr.rows, bad: [...cel.bad, ...cdr.bad] }
}
