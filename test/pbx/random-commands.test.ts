/**
 * Commands at random on calls of the real PBX, as a seed decides, each out of those that the call itself says could be done:
 * none is answered with a fault, what is told holds together, and nothing is left on the PBX.
 */
import t from 'tap'
import { openCustomer, openPhone } from '../../lab/phone.js'
import { seeded } from '../../lab/seeded.js'
import { retry } from '../../lab/wait.js'
import { randomToken } from '../../src/base/system.js'
import { sleep } from '../../src/base/clock.js'
import type { CallView } from '../../src/events/call.js'
import { readFileSync } from 'node:fs'
import type { PbxId } from '../../src/base/ids.js'
import { reconcile } from '../../src/reconcile/all.js'
import { readCdr } from '../../src/reconcile/cdr.js'
import { readCel } from '../../src/reconcile/cel.js'
import { USUAL } from '../../src/reconcile/compare.js'
import { readQueueLog } from '../../src/reconcile/queue-log.js'
import { recordsOf } from '../given/chaos.js'
import { brokenPromises } from '../given/invariants.js'
import { anOffice, CALLER, channelCount } from '../given/softphone.js'

const seed = Number(process.env['SEED'] ?? parseInt(randomToken(4).replace(/[^0-9]/g, '') || '7', 10))
const STEPS = Number(process.env['STEPS'] ?? 60)
const EXTENSIONS = ['1001', '1002', '1003'] as const
const TARGETS = [
  '1001',
  '1002',
  '1003',
  '1002*',
  '1003*',
  '1003#',
  '2000',
  '1019',
  '3999',
  '1002,,,S(1)',
  '${SHELL(id)}',
]

const SURVEY = {
  name: 'service',
  questions: [{ id: 'rating', ask: ['beep'], answers: { 1: { meaning: 'good' } }, waitMs: 500, retries: 0 }],
}

t.test(`${STEPS} commands of seed ${seed}`, async t => {
  const { lab, crm, press } = await anOffice(t, { ringForS: 3, surveys: [SURVEY] })
  const random = seeded(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const phones = await Promise.all(EXTENSIONS.map(extension => openPhone(lab, { extension, answers: { afterMs: 50 } })))
  const cust = await openCustomer(lab, CALLER)
  t.teardown(() => Promise.all([cust, ...phones].map(phone => phone.close())))
  const stream = await crm.webSocket()
  const live = async (query = '') => (await crm.get<{ calls: CallView[] }>(`/v1/calls${query}`)).body.calls

  const bodyOf = (action: string, extension: string, call: CallView): object => {
    if (action === 'transfers' || action === 'add') return { to: pick(TARGETS), extension }
    if (action === 'digits') return { digits: '12#', extension }
    if (action === 'drop') return { leg: pick(call.legs).id, extension }
    if (action === 'park') return { timeoutMs: 2_000, extension }
    if (action === 'listen') return { extension, mode: pick(['listen', 'whisper', 'barge']) }
    if (action.startsWith('transfers/') || action === 'hangup') return {}
    return { extension }
  }

  const done: string[] = []
  for (let step = 0; step < STEPS; step += 1) {
    if ((await live()).length === 0) {
      await cust.clear().catch(() => undefined)
      await cust.dial(`49301234${pick(EXTENSIONS)}`)
      await retry(lab.clock, 'a call', 10_000, async () => ((await live()).length > 0 ? true : undefined))
    }
    // Mostly from a phone that is in the call: from others there is little to choose from.
    const [now] = await live()
    const inside =
      now?.legs.filter(l => l.state !== 'gone' && l.role !== 'monitor').flatMap(l => l.extension ?? []) ?? []
    const extension = inside.length > 0 && random() < 0.8 ? pick(inside) : pick(EXTENSIONS)
    const [call] = await live(`?actions=true&extension=${extension}`)
    // Not the same end each time: most calls are to live for a while.
    const actions = (call?.actions ?? []).filter(
      a => !['hangup', 'leave', 'reject', 'drop', 'survey'].includes(a) || random() < 0.2,
    )
    if (!call || actions.length === 0) {
      await sleep(lab.clock, 100)
      continue
    }
    const action = pick(actions)
    const { status, body } = await press(call.id, action, bodyOf(action, extension, call))
    done.push(`${action} ${extension} ${status} ${body.code ?? ''}`)
    t.ok(status < 500 || status === 504, `${step}: ${done.at(-1) ?? ''}`)
    await sleep(lab.clock, pick([0, 100, 400]))
  }
  t.comment(done.join('\n'))
  t.ok(done.filter(line => / 20[01] /.test(line)).length > STEPS / 4, 'most were carried out')

  for (const { id } of await live()) await press(id, 'hangup')
  await retry(lab.clock, 'no call to be left', 30_000, async () => ((await live()).length === 0 ? true : undefined))
  const channels = await channelCount(t, lab)
  await retry(lab.clock, 'nothing to be left on the PBX', 10_000, async () => ((await channels()) === 0 ? true : undefined)) // prettier-ignore
  const ended = new Set(stream.all.filter(e => e.type === 'call.ended').map(e => e.subject))
  await retry(lab.clock, 'all to be recorded', 10_000, () => {
    const recorded = new Set(stream.all.filter(e => e.type === 'call.recorded').map(e => e.subject))
    return Promise.resolve([...ended].every(id => recorded.has(id)) ? true : undefined)
  })
  const told = stream.all.filter(e => /^(call|survey)\./.test(e.type)).map(e => ({ type: e.type, call: e.data.call }))
  t.strictSame(brokenPromises(told), [], done.join('\n'))
  for (const { call } of told.filter(e => e.type === 'call.recorded'))
    t.ok(
      call.transfers.every(tr => tr.state === 'done' && tr.outcome !== undefined),
      `${call.id}: each transfer has an end`,
    )
  stream.close()

  t.ok((await recordsOf(crm)).length > 0)
  // The PBX writes a moment after it tells.
  const unexplained = async () => {
    const { asterisk } = lab
    const books = {
      cel: readCel(readFileSync(asterisk.files.cel, 'utf8')).rows,
      cdr: readCdr(readFileSync(asterisk.files.cdr, 'utf8')).rows,
      queueLog: readQueueLog(readFileSync(asterisk.files.queueLog, 'utf8')).rows,
    }
    const { differences } = reconcile({ pbx: 'lab' as PbxId, gaps: [], ...USUAL }, await recordsOf(crm), books)
    return differences.filter(d => d.reason === undefined)
  }
  await retry(lab.clock, 'the books to agree', 5_000, async () =>
    (await unexplained()).length === 0 ? true : undefined,
  ).catch(() => undefined)
  t.strictSame(await unexplained(), [], `as the PBX wrote it down; seed ${seed}`)
})

t.end()
