/** What is done with a caller who waits, and what is refused: taken by an agent. */
import t from 'tap'
import type { LegId } from '../../src/base/ids.js'
import { no, ok } from '../../src/base/result.js'
import type { PhoneState } from '../../src/pbx/facts.js'
import { NAMES } from '../../src/pbx/names.js'
import { decideCaller } from '../../src/queues/decide.js'
import type { Waiting } from '../../src/queues/state.js'

const leg = '1.1' as LegId
const waiting = { leg } as Waiting
const take = (phone: PhoneState | undefined, free = true) =>
  decideCaller({ do: 'take', extension: '1001', free, phone }, 'sales', waiting, { leg, channel: 'PJSIP/trunk-1' })

t.test('an agent takes a caller only with a phone that can ring for them', async t => {
  const sent = ok({ do: 'queue-withdraw', leg, context: NAMES.withdrawnContext, exten: '1001' })
  for (const phone of [undefined, 'idle'] as const) t.strictSame(take(phone), sent)
  for (const phone of ['unavailable', 'invalid'] as const) t.strictSame(take(phone), no('EXTENSION_UNREACHABLE'))
  t.strictSame(take('busy'), no('AGENT_BUSY'))
  t.strictSame(take('idle', false), no('AGENT_BUSY'))
})
