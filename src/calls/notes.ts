/** May this be noted on a call, and what is noted on it then? Pure. */
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import { MOST_FIELDS, type Notes, type NotesChange, type WrapUpGiven } from '../events/notes.js'
import type { NotedFact } from '../pbx/facts.js'
import type { Call } from './state.js'
import { number, type CallChange } from './told.js'

export function decideNotes(was: Notes, change: NotesChange): Result<Notes, ErrorCode> {
  const { note = was.note, tags = was.tags } = change
  const set = { ...was.data, ...change.data }
  const data = Object.fromEntries(Object.entries(set).filter((field): field is [string, string] => field[1] !== null))
  if (Object.keys(data).length > MOST_FIELDS) return no('NOTES_FULL')
  return ok({
    ...(tags && tags.length > 0 ? { tags: [...new Set(tags)] } : {}),
    ...(note ? { note } : {}),
    ...(Object.keys(data).length > 0 ? { data } : {}),
    ...(was.wrapUps && { wrapUps: was.wrapUps }),
  })
}

/** An agent has one code for a call: the last one given. */
export const withWrapUp = (was: Notes, given: WrapUpGiven): Notes => ({
  ...was,
  wrapUps: [...(was.wrapUps ?? []).filter(({ agent }) => agent !== given.agent), given],
})

/** `recorded`: it is in the history already, so the change is a revision of that. */
export function noteCall({ notes: _, ...call }: Call, fact: NotedFact, recorded: boolean) {
  const next: Call = Object.keys(fact.notes).length > 0 ? { ...call, notes: fact.notes } : call
  const told: { next: Call; events: CallChange[] } = number(
    next,
    [{ type: recorded ? 'call.revised' : 'call.updated' }],
    fact.at,
  )
  return told
}
