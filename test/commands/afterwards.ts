/** What must hold of the calls of a run when all are over: the events, the records, and the PBX's own books. */
import { readFileSync } from 'node:fs'
import { retry } from '../../lab/wait.js'
import type { PbxId } from '../../src/base/ids.js'
import { reconcile } from '../../src/reconcile/all.js'
import { readCdr } from '../../src/reconcile/cdr.js'
import { readCel } from '../../src/reconcile/cel.js'
import { USUAL } from '../../src/reconcile/compare.js'
import { readQueueLog } from '../../src/reconcile/queue-log.js'
import { asLine } from '../../src/reconcile/text.js'
import type { Exchange, Stream } from '../given/exchange.js'
import { brokenPromises } from '../given/invariants.js'
import { wholeHistory } from '../given/whole-history.js'

const RECORDED_WITHIN_MS = 10_000
/** The PBX writes a moment after it tells. */
const WRITTEN_WITHIN_MS = 5_000

/** What is broken; nothing, if all is well. */
export async function brokenAfterwards({ lab, crm }: Pick<Exchange, 'lab' | 'crm'>, stream: Stream): Promise<string[]> {
  const subjects = (type: string) => new Set(stream.all.filter(e => e.type === type).map(e => e.subject))
  const late = () => [...subjects('call.ended')].filter(id => !subjects('call.recorded').has(id))
  await retry(lab.clock, 'all to be recorded', RECORDED_WITHIN_MS, () =>
    Promise.resolve(late().length === 0 || undefined),
  ).catch(() => undefined)
  const told = stream.all.filter(e => /^(call|survey)\./.test(e.type)).map(e => ({ type: e.type, call: e.data.call }))
  const open = told
    .filter(({ type, call }) => type === 'call.recorded' && call.transfers.some(({ state }) => state !== 'done'))
    .map(({ call }) => `${call.id}: a transfer has no end`)

  const text = (file: string) => readFileSync(file, 'utf8')
  const { cel, cdr, queueLog } = lab.asterisk.files
  const unexplained = async () => {
    const books = {
      cel: readCel(text(cel)).rows,
      cdr: readCdr(text(cdr)).rows,
      queueLog: readQueueLog(text(queueLog)).rows,
    }
    const ours = (await wholeHistory(crm)).reverse()
    return reconcile({ pbx: 'lab' as PbxId, gaps: [], ...USUAL }, ours, books).differences.filter(
      d => d.reason === undefined,
    )
  }
  await retry(lab.clock, 'the books to agree', WRITTEN_WITHIN_MS, async () =>
    (await unexplained()).length === 0 ? true : undefined,
  ).catch(() => undefined)
  return [
    ...late().map(id => `${id} is not recorded`),
    ...brokenPromises(told),
    ...open,
    ...(await unexplained()).map(asLine),
  ]
}
