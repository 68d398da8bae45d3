/** Whether what a store gives back is something that an engine keeps there: a call, or an item to be followed up. Pure. */
import { Value } from 'typebox/value'
import { isStoredCall } from '../calls/stored.js'
import type { Call } from '../calls/state.js'
import { FollowUpSchema } from '../events/follow-up.js'
import { isItem, type StoredItem } from './state.js'

/** `id`: the name under which it was stored. */
export function isStored(value: unknown, id: string): value is Call | StoredItem {
  if (isStoredCall(value, id)) return true
  if (typeof value !== 'object' || value === null) return false
  const stored = value as Call | StoredItem
  return stored.id === id && isItem(stored) && Value.Check(FollowUpSchema, stored.item)
}
