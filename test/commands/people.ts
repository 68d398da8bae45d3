/** Who is signed in during a run of random commands, and what each of them may do, as the directories of both profiles say. Pure. */
import type { CallView } from '../../src/events/call.js'
import type { Asked } from './proof.js'

/** In both: one without any right, in a workgroup that no call of a run goes to; and one with the right `supervise`, in none. */
export const AGENT = '8004'
export const SUPERVISOR = '8100'
export const SIGNED_IN = { [AGENT]: '1002', [SUPERVISOR]: '1003' } as const

const isIn = (call: CallView, extension: string, agent: string) =>
  call.legs.some(l => l.state !== 'gone' && l.role !== 'monitor' && (l.extension === extension || l.agent === agent))

/** Nobody may listen; an agent may do nothing at the phone of somebody else, nor end the call of others. */
export function isForbidden({ command, at, body: { by } }: Asked, call: CallView): boolean {
  if (by === undefined) return false
  if (command === 'listen' || command === 'take-over') return true
  if (by !== AGENT) return false
  const own = SIGNED_IN[AGENT]
  if (command === 'hangup') return !isIn(call, own, AGENT)
  if (command.startsWith('transfers/@')) return call.transfers.findLast(t => t.state !== 'done')?.extension !== own
  return at !== own
}

/** What is wrong with an answer, as far as rights go. */
export function wrongRight(asked: Asked, call: CallView, status: number, code: string | undefined): string | undefined {
  const forbidden = isForbidden(asked, call)
  if (status < 300 && forbidden) return 'carried out without the right'
  // What rings at a colleague of no workgroup of one's own takes a right, too.
  if (code !== 'RIGHT_MISSING' || forbidden || (asked.command === 'pickup' && asked.body['by'] === AGENT))
    return undefined
  return 'refused, although the right is there'
}
