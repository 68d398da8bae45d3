/**
 * Commands on callers who wait, where the dialplan has nothing of ours behind `Queue()` and where it does, also while a member's phone
 * rings: they come to where the command says, the record says so, and so do the PBX's own records.
 */
import t, { type Test } from 'tap'
import { readFileSync } from 'node:fs'
import { openCustomer } from '../../lab/phone.js'
import { memberFields, type ProfileName } from '../../lab/profiles.js'
import type { AsteriskVersion } from '../../lab/recipe.js'
import { act, listen } from '../../lab/stories/stage.js'
import { retry } from '../../lab/wait.js'
import type { PbxId } from '../../src/base/ids.js'
import type { CallView } from '../../src/events/call.js'
import type { QueueView } from '../../src/events/queue.js'
import { reconcile } from '../../src/reconcile/all.js'
import { readCdr } from '../../src/reconcile/cdr.js'
import { readCel } from '../../src/reconcile/cel.js'
import { USUAL } from '../../src/reconcile/compare.js'
import { readQueueLog } from '../../src/reconcile/queue-log.js'
import { agentsOf, DIRECTORY } from '../given/agents.js'
import { anExchange } from '../given/exchange.js'

type Answered = CallView & { code?: string; retry?: boolean }
const GROUPS = { plain: { id: 'team-a', queue: 'team-a' }, field: { id: 'support', queue: 'support' } } as const

async function anExchangeThatWaits(t: Test, profile: ProfileName, asterisk: AsteriskVersion) {
  const agents = profile === 'plain' ? { agents: { directory: DIRECTORY } } : {}
  const exchange = await anExchange(t, { profile, asterisk, ...agents })
  const { lab, crm } = exchange
  const { fromOutside, customers } = lab.profile
  const waiting = async (queue: string) => (await crm.get<QueueView>(`/v1/queues/lab:${queue}`)).body.waiting
  const about = (queue: string, call: string, what: string, body: object = {}) =>
    crm.post<Answered>(`/v1/queues/lab:${queue}/waiting/${call}/${what}`, body)
  return {
    ...exchange,
    waiting,
    about,
    /** A customer who waits there: the call. */
    waits: async (number: string, queue: string) => {
      const mia = await openCustomer(lab, customers.customer)
      t.teardown(() => mia.close())
      const before = await waiting(queue)
      await mia.dial(fromOutside(number))
      const { call } = await retry(lab.clock, 'her to wait', 10_000, async () =>
        (await waiting(queue)).find(w => before.every(b => b.call !== w.call)),
      )
      return { mia, call }
    },
    differences: (calls: CallView[]) => {
      const { cel, queueLog, cdr } = lab.asterisk.files
      const books = {
        cel: readCel(readFileSync(cel, 'utf8')).rows,
        cdr: readCdr(readFileSync(cdr, 'utf8')).rows,
        queueLog: readQueueLog(readFileSync(queueLog, 'utf8')).rows,
      }
      const { differences } = reconcile({ ...USUAL, pbx: 'lab' as PbxId, gaps: [] }, calls, books)
      return differences.filter(({ kind, call }) => calls.some(({ id }) => id === call) || kind === 'queueOutcome')
    },
  }
}

const PBXS = [
  ['field', '22'],
  ['field', '16'],
  ['plain', '22'],
  ['plain', '16'],
] as const
for (const [profile, version] of PBXS)
  t.test(`${profile}, Asterisk ${version}`, async t => {
    const { lab, crm, phone, waits, waiting, about, differences } = await anExchangeThatWaits(t, profile, version)
    const { ask } = agentsOf(crm)
    const group = GROUPS[profile]
    const stream = await crm.webSocket('types=call.recorded')
    const recorded = async (call: string) => (await stream.next('call.recorded', call)).data.call
    const dora = await phone({ extension: '1004' })
    const ana = await phone({ extension: '1001' })
    t.match(await ask('8004', 'sign-in', { extension: '1004', ready: false }), { status: 200 })

    await t.test('taken: the phone of the agent rings for them at once, though another one does', async t => {
      const ami = await listen(lab)
      t.teardown(() => ami.close())
      const member = { Queue: 'ringall', ...memberFields(lab.profile, 'Local/1001@agents/n') }
      await act(ami, 'QueueAdd', { ...member, MemberName: 'Ana' })
      const { mia, call } = await waits('2001', 'ringall')
      await ana.until('ringing')
      t.match(await about('ringall', call, 'take?dryRun=true', { agent: '8004' }), { status: 200 })
      t.match(await about('ringall', call, 'take', { agent: '8004' }), { status: 200 })
      await dora.until('ringing')
      await ana.until('closed')
      await act(ami, 'QueueRemove', member)
      await dora.answer()
      await dora.until('established')
      await mia.hangup()
      const record = await recorded(call)
      t.match(record, { outcome: 'answered', queues: [{ queue: 'ringall', outcome: 'withdrawn' }] })
      t.match(record.offers, [
        { extension: '1001', queue: 'ringall', result: 'picked-up' },
        { extension: '1004', result: 'answered' },
      ])
      t.notOk(record.inferred)
      t.strictSame(differences([record]), [])
    })

    await t.test('moved to another workgroup, and sent away from there with a cause', async t => {
      const { mia, call } = await waits('2009', 'team-a')
      const to = profile === 'plain' ? 'team-b' : group.id
      t.match(await about('team-a', call, 'move', { workgroup: to }), { status: 200 })
      await retry(lab.clock, 'her to wait there', 5_000, async () =>
        (await waiting(to)).some(w => w.call === call) ? true : undefined,
      )
      t.match(await about(to, call, 'send-away', { causeQ850: 21 }), { status: 200 })
      await mia.until('closed')
      const record = await recorded(call)
      const left = { outcome: 'withdrawn' }
      t.match(record, { outcome: 'no-answer', endedBy: 'pbx', queues: [left, left] })
      t.equal(record.legs[0]?.causeQ850, 21)
      t.notOk(record.inferred)
      t.strictSame(differences([record]), [])
    })

    await t.test('several commands at once on one caller: one is carried out, and what it answered is so', async t => {
      const { mia, call } = await waits('2009', 'team-a')
      const to = profile === 'plain' ? 'team-b' : group.id
      const both = await Promise.all([
        about('team-a', call, 'move', { workgroup: to }),
        about('team-a', call, 'send-away', {}),
        about('team-a', call, 'take', { agent: '8004' }),
        about('team-a', call, 'move', { workgroup: to }),
      ])
      const done = both.filter(({ status }) => status === 200)
      t.equal(done.length, 1)
      for (const { status, body } of both.filter(answer => answer.status !== 200))
        t.ok(
          body.code === 'CALL_BUSY' ? body.retry === true : body.code === 'CALLER_NOT_FOUND',
          `${status} ${body.code}`,
        )
      if (both[0].status === 200)
        await retry(lab.clock, 'her to wait there', 5_000, async () =>
          (await waiting(to)).some(w => w.call === call) ? true : undefined,
        )
      await mia.hangup().catch(() => undefined)
      t.match(await recorded(call), { queues: [{ outcome: 'withdrawn' }] })
      await dora.clear()
    })

    await t.test('preferred: the dry run and the command agree, and what is refused changes nothing', async t => {
      const first = await waits('2009', 'team-a')
      const second = await waits('2009', 'team-a')
      const dry = await about('team-a', second.call, 'prefer?dryRun=true', { priority: 5 })
      const answer = await about('team-a', second.call, 'prefer', { priority: 5 })
      t.equal(dry.status, answer.status)
      const now = await waiting('team-a')
      if (version === '16') {
        t.match(answer, { status: 409, body: { code: 'PBX_TOO_OLD', retry: false } })
        t.match(now, [{ call: first.call }, { call: second.call }])
        t.notOk(now.some(({ priority }) => priority === 5))
        t.notMatch(await lab.asterisk.cli('queue show team-a'), /prio: 5/)
      } else t.match(now, [{ call: second.call, priority: 5 }, { call: first.call }])
      await Promise.all([first.mia.close(), second.mia.close()])
    })

    await t.test('without the context that carries it out, it is refused, and the caller waits on', async t => {
      const { mia, call } = await waits('2009', 'team-a')
      for (const context of ['aladdin-withdrawn', 'aladdin-sent-away'])
        await lab.asterisk.cli(`dialplan remove context ${context}`)
      const to = profile === 'plain' ? 'team-b' : group.id
      for (const [what, body] of [
        ['take', { agent: '8004' }],
        ['move', { workgroup: to }],
        ['send-away', {}],
      ] as const)
        // prettier-ignore
        for (const query of ['?dryRun=true', ''])
          t.match(await about('team-a', call, `${what}${query}`, body), {
            status: 409,
            body: { code: 'DIALPLAN_OUTDATED', detail: /extensions-aladdin\.conf/ },
          })
      t.match(await waiting('team-a'), [{ call }])
      await lab.asterisk.cli('dialplan reload')
      t.match(await about('team-a', call, 'send-away', {}), { status: 200 })
      await mia.until('closed')
    })
    stream.close()
  })

t.end()
