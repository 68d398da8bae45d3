/**
 * Actions that wait for their answer: a response, and the list that it announced, if it did. Each has a deadline. Shared by
 * the drivers of AMI; touches nothing but the clock.
 */
import { after, type Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import type { RefusalReason } from '../pbx/link.js'
import { AmiProtocolError, type Frame } from './parse.js'

/** A response, and the items of the list that it announced, if it did. */
export type Reply = { response: Frame; items: Frame[] }

type Waiting = {
  reply: Partial<Reply> & { items: Frame[] }
  /** Characters of the items so far. */
  size: number
  settle: (result: Result<Reply, ErrorCode>) => void
  onReply: OnReply
}

/** Hears the answer at its place among the events, before what came behind it. */
export type OnReply = (reply: Reply) => void

export const MAX_PENDING = 1_000
/** 4,000 channels make a list of 1.7 MB. */
export const MAX_LIST = 64 << 20

/** The one event whose headers may come from outside: whatever it says of itself, it is no answer and no item of a list. */
const FOREIGN = 'UserEvent'

export function createPending(clock: Clock, refused: (reason: RefusalReason) => void = () => undefined) {
  const pending = new Map<string, Waiting>()

  function finish(actionId: string, { settle, onReply }: Waiting, reply: Reply, before: () => void) {
    pending.delete(actionId)
    before()
    onReply(reply)
    settle(ok(reply))
  }

  return {
    /**
     * Takes a frame that answers one of our actions: a response, or an item of a list that a response has announced. What
     * is neither that nor an event is refused. Throws AmiProtocolError when a list has no end. `before` runs before anybody is
     * told of an answer that is complete with it.
     */
    claimed(frame: Frame, before: () => void = () => undefined): boolean {
      if (frame.kind === 'Event' && frame.name === FOREIGN) return false
      const actionId = frame.get('ActionID')
      const waiting = actionId === undefined ? undefined : pending.get(actionId)
      if (actionId === undefined || !waiting) {
        if (frame.kind === 'Event') return false
        refused(frame.kind === 'Response' ? 'unasked' : 'no-header')
        return true
      }
      const { reply } = waiting
      if (frame.kind === 'Response') {
        if (reply.response) return true
        reply.response = frame
        if (frame.get('EventList') !== 'start') finish(actionId, waiting, { response: frame, items: [] }, before)
        return true
      }
      // An event that only reports on an action (OriginateResponse) comes when the action is no longer pending.
      if (!reply.response) return false
      const complete = frame.get('EventList') === 'Complete' || frame.get('EventList') === 'cancelled'
      if (complete) finish(actionId, waiting, { response: reply.response, items: reply.items }, before)
      else reply.items.push(frame)
      if ((waiting.size += frame.text.length) > MAX_LIST)
        throw new AmiProtocolError(`a list of more than ${MAX_LIST} bytes`)
      return true
    },

    /** Sends, and waits for the answer; PBX_SILENT when there is none in time, or when too many wait already. */
    wait(
      actionId: string,
      withinMs: number,
      send: () => void,
      onReply: OnReply = () => undefined,
    ): Promise<Result<Reply, ErrorCode>> {
      if (pending.size >= MAX_PENDING || pending.has(actionId)) return Promise.resolve(no('PBX_SILENT'))
      return new Promise(resolve => {
        const cancel = clock.wake(after(clock, withinMs), () => {
          pending.delete(actionId)
          resolve(no('PBX_SILENT'))
        })
        const settle: Waiting['settle'] = result => {
          cancel()
          resolve(result)
        }
        pending.set(actionId, { reply: { items: [] }, size: 0, settle, onReply })
        send()
      })
    },

    /** The connection has ended: nothing more will be answered. */
    end() {
      for (const { settle } of pending.values()) settle(no('PBX_SILENT'))
      pending.clear()
    },
  }
}
