/** Whether what a store gives back is something that an engine keeps there: a call, an item, the numbers of a queue. Pure. */
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { isStoredCall } from '../calls/stored.js'
import { FollowUpSchema } from '../events/follow-up.js'
import { tallyKey } from './queues.js'
import { isItem, isTally, type StoredThing } from './state.js'

const Count = Type.Integer({ minimum: 0 })
const Tally = Type.Object({
  offered: Count,
  outcomes: Type.Record(Type.String(), Count),
  inTime: Count,
  waitedMs: Type.Number({ minimum: 0 }),
})
const StoredQueueSchema = Type.Object({
  name: Type.String({ minLength: 1 }),
  revision: Count,
  told: Type.Optional(Type.String()),
  day: Type.Object({ date: Type.String(), tally: Tally }),
  minutes: Type.Array(Type.Object({ at: Type.Number(), tally: Tally })),
})

/** `id`: the name under which it was stored. */
export function isStored(value: unknown, id: string): value is StoredThing {
  if (isStoredCall(value, id)) return true
  if (typeof value !== 'object' || value === null) return false
  const stored = value as StoredThing
  if (stored.id !== id) return false
  if (isTally(stored)) return Value.Check(StoredQueueSchema, stored.queue) && id === tallyKey(stored.queue.name)
  return isItem(stored) && Value.Check(FollowUpSchema, stored.item)
}
