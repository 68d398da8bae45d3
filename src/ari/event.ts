/** What comes over ARI's WebSocket -> the little of it that is looked at; undefined when it is no event. Pure. */

import type { LegId } from '../base/ids.js'

/** `channel`: the id of the one that it is about. */
export type AriEvent = { type: string; application?: string; channel?: LegId }

const LONGEST_TYPE = 100

export function ariEventOf(message: unknown): AriEvent | undefined {
  if (typeof message !== 'object' || message === null) return undefined
  const type = own(message, 'type')
  if (typeof type !== 'string' || type === '' || type.length > LONGEST_TYPE) return undefined
  const application = own(message, 'application')
  const channel = own(message, 'channel')
  const id = typeof channel === 'object' && channel !== null ? own(channel, 'id') : undefined
  return {
    type,
    ...(typeof application === 'string' && { application }),
    ...(typeof id === 'string' && { channel: id as LegId }),
  }
}

const own = (message: object, name: string): unknown =>
  Object.hasOwn(message, name) ? (message as Record<string, unknown>)[name] : undefined

/** The text of one message as JSON; undefined when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
