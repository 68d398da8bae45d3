/** Every recorded story, on both versions, beside what Asterisk itself wrote down of it: no difference that nothing explains. */
import t from 'tap'
import { reconcile } from '../../src/reconcile/all.js'
import { readCdr } from '../../src/reconcile/cdr.js'
import { readCel } from '../../src/reconcile/cel.js'
import { USUAL } from '../../src/reconcile/compare.js'
import { readQueueLog } from '../../src/reconcile/queue-log.js'
import { site } from '../given/calls.js'
import { recordings, told } from '../given/recording.js'
import { hasRecord, recordOf } from '../given/story-books.js'

const withBooks = recordings().filter(story => hasRecord(story, 'cel.csv'))

t.test('the stories were found', async t => t.ok(withBooks.length > 300))

for (const story of withBooks)
  t.test(story, async t => {
    const { calls } = told(story)
    const books = {
      cel: readCel(recordOf(story, 'cel.csv')).rows,
      cdr: readCdr(recordOf(story, 'cdr.csv')).rows,
      queueLog: readQueueLog(recordOf(story, 'queue_log')).rows,
    }
    const { differences, queues } = reconcile({ pbx: site.pbx, gaps: [], ...USUAL }, calls, books)
    t.strictSame(
      differences.filter(d => d.reason === undefined),
      [],
    )
    for (const [queue, counts] of Object.entries(queues.theirs ?? {}))
      t.equal(queues.ours[queue]?.answered, counts.answered, `${queue}: as many answered`)
  })
