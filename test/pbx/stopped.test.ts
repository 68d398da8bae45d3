/** An orderly stop of the PBX while a member's phone rings for who waits: nobody has given up, and no phone has missed a call. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { act, listen } from '../../lab/stories/stage.js'
import { memberFields, type ProfileName } from '../../lab/profiles.js'
import type { PbxId } from '../../src/base/ids.js'
import { reconcile } from '../../src/reconcile/all.js'
import { readCel } from '../../src/reconcile/cel.js'
import { USUAL } from '../../src/reconcile/compare.js'
import { readQueueLog } from '../../src/reconcile/queue-log.js'
import { anExchange } from '../given/exchange.js'

for (const profile of ['plain', 'field'] satisfies ProfileName[])
  t.test(`${profile}: the record, and that it agrees with the PBX`, async t => {
    const { lab, crm, phone } = await anExchange(t, { profile })
    const [ana, cleo] = await Promise.all([phone({ extension: '1001' }), phone({ extension: '1003' })])
    const ami = await listen(lab)
    const member = memberFields(lab.profile, 'Local/1001@agents/n')
    await act(ami, 'QueueAdd', { Queue: 'ringall', ...member, MemberName: 'Ana' })
    const stream = await crm.webSocket()
    await cleo.dial('2001')
    await ana.until('ringing')
    const { subject: id } = await stream.next('call.ringing')
    ami.close()
    await lab.asterisk.stop()
    const { call } = (await stream.next('call.recorded', id)).data
    t.match(call, { outcome: 'lost', endedBy: 'pbx', queues: [{ queue: 'ringall', outcome: 'lost' }] })
    t.match(call.offers, [{ extension: '1001', queue: 'ringall', result: 'lost' }])
    const { cel, queueLog } = lab.asterisk.files
    const books = {
      cel: readCel(readFileSync(cel, 'utf8')).rows,
      queueLog: readQueueLog(readFileSync(queueLog, 'utf8')).rows,
    }
    const { differences } = reconcile({ ...USUAL, pbx: 'lab' as PbxId, gaps: [] }, [call], books)
    t.match(differences.find(({ kind }) => kind === 'queueOutcome')?.theirs ?? 'abandoned', 'abandoned')
    t.strictSame(
      differences.filter(({ reason }) => reason === undefined),
      [],
    )
    stream.close()
    await Promise.all([ana.close(), cleo.close()])
  })
