/** All calls that a report is about. */
import { Refusal } from '../base/errors.js'
import type { EpochMs } from '../base/ids.js'
import type { CallView } from '../events/call.js'
import type { HistorySearch } from '../events/history.js'
import type { Pbx } from './ports.js'

const MOST_CALLS = 100_000
const PAGE = 200

type Asked = Omit<HistorySearch, 'order' | 'limit' | 'after'> & { from: EpochMs; until: EpochMs }

/** Page after page. */
export async function allCalls(pbx: Pbx, asked: Asked): Promise<CallView[]> {
  const calls: CallView[] = []
  for (let after: string | undefined; ;) {
    const cursor = after === undefined ? {} : { after }
    const page = await pbx.history.search({ ...asked, order: 'oldest', limit: PAGE, ...cursor })
    calls.push(...page.calls)
    if (page.next === undefined) return calls
    if (calls.length >= MOST_CALLS) throw new Refusal('BAD_REQUEST', `more than ${MOST_CALLS} calls: ask for less time`)
    after = page.next
  }
}
