/**
 * Notes of calls, wherever the call is: live or of late it is changed by a fact, like all that happens to it; one that
 * only the history has is revised by an event. What was noted of late is at hand, so that no change undoes another.
 */
import type { Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import type { CallId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { decideNotes, withWrapUp } from '../calls/notes.js'
import { viewCall } from '../calls/view.js'
import type { CallView } from '../events/call.js'
import { callEvent, type PublicEvent } from '../events/event.js'
import type { Notes, NotesChange, WrapUpGiven } from '../events/notes.js'
import type { NotedFact } from '../pbx/facts.js'
import { callBy, type PbxState } from './state.js'

type Answer = Promise<Result<CallView, ErrorCode>>

type Parts = {
  state: PbxState
  clock: Clock
  see: (facts: NotedFact[]) => void
  push: (events: PublicEvent[]) => void
  settled: () => Promise<void>
  /** What the history has; it may be a call that this one has become part of. */
  recordOf: (id: string) => Promise<CallView | undefined>
}

/** What was noted of late on calls that only the history has: it may not have that yet. */
const MOST_KEPT = 1_000

export function createNotes({ state, clock, see, push, settled, recordOf }: Parts) {
  const kept = new Map<string, CallView>()

  async function change(id: CallId, decide: (was: Notes) => Result<Notes, ErrorCode>): Answer {
    const call = callBy(state, id)
    if (call && call.revision > 0) {
      const notes = decide(call.notes ?? {})
      if (!notes.ok) return notes
      see([{ type: 'call.noted', at: clock.now(), call: call.id, notes: notes.value }])
      await settled()
      return ok(viewCall(callBy(state, id) ?? call))
    }
    const record = kept.get(id) ?? (await recordOf(id))
    return record ? changeRecord(kept.get(record.id) ?? record, decide) : no('CALL_NOT_FOUND')
  }

  async function changeRecord(record: CallView, decide: (was: Notes) => Result<Notes, ErrorCode>): Answer {
    const notes = decide(record)
    if (!notes.ok) return notes
    const view = withNotes(record, notes.value)
    kept.delete(view.id)
    kept.set(view.id, view)
    const oldest = kept.size > MOST_KEPT ? kept.keys().next().value : undefined
    if (oldest !== undefined) kept.delete(oldest)
    push([callEvent('call.revised', clock.now(), view)])
    await settled()
    return ok(view)
  }

  return {
    change: (id: CallId, asked: NotesChange): Answer => change(id, was => decideNotes(was, asked)),
    /** What an agent says became of it. */
    wrapUp: (id: CallId, given: WrapUpGiven): Answer => change(id, was => ok(withWrapUp(was, given))),
    /** The call as it is, wherever it is. */
    async find(id: CallId): Promise<CallView | undefined> {
      const call = callBy(state, id)
      if (call && call.revision > 0) return viewCall(call)
      return kept.get(id) ?? recordOf(id)
    },
    /** As it is now, where that may be more than the history has. */
    kept: (id: string) => kept.get(id),
  }
}

const withNotes = ({ tags: _, note: __, data: ___, wrapUps: ____, ...call }: CallView, notes: Notes): CallView => ({
  ...call,
  revision: call.revision + 1,
  ...notes,
})
