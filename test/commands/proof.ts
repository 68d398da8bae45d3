/**
 * What the PBX's own events must show of a command that was carried out, and must not show of one that was refused. Of those
 * that the PBX tells nobody of (mute, digits, lock, a pause of a recording) there is no proof here. Pure.
 */
import type { Fields } from '../../lab/ami.js'
import type { CallView } from '../../src/events/call.js'

export type Asked = Readonly<{
  /** As the end of its address, with the transfer's id as `@`. */
  command: string
  /** The extension whose phone does it. */
  at: string
  body: Readonly<Record<string, unknown>>
}>

type Legs = readonly CallView['legs'][number][]
type Shows = (asked: Asked, before: CallView) => readonly ((frame: Fields) => boolean)[]

const is =
  (name: string, fields: Fields = {}) =>
  (frame: Fields) =>
    frame['Event'] === name && Object.entries(fields).every(([key, value]) => frame[key] === value)
const one =
  (name: string, fields: Fields = {}): Shows =>
  () => [is(name, fields)]

const live = (call: CallView): Legs => call.legs.filter(l => l.state !== 'gone')
const legsAt = (call: CallView, extension: string): Legs => live(call).filter(l => l.extension === extension)
const musicOfHold = (frame: Fields) => is('MusicOnHoldStart')(frame) && (frame['Channel'] ?? '').startsWith('Snoop/')
/** The channel of ours that plays to a leg, or hears it. */
const tool = (name: 'Newchannel' | 'Hangup') => (frame: Fields) =>
  is(name)(frame) && (frame['Channel'] ?? '').startsWith('Snoop/')
/** Its phone has one leg, or one of them hung up. */
const ownHangup: Shows = ({ at }, call) => {
  const own = legsAt(call, at).map(l => l.id)
  return [frame => is('Hangup')(frame) && own.includes(frame['Uniqueid'] ?? '')]
}
const newPhone = (frame: Fields) => frame['Event'] === 'Newchannel' && /^(PJSIP|Local)\//.test(frame['Channel'] ?? '')

function transferred({ body }: Asked): ReturnType<Shows> {
  const to = String(body['to'])
  if (to.endsWith('*') || to.endsWith('#')) return [newPhone]
  return [is('BlindTransfer', { Result: 'Success' })]
}

/** Who listens already changes only how. */
const listened: Shows = ({ at }, call) => (legsAt(call, at).some(l => l.role === 'monitor') ? [] : [is('ChanSpyStart')])

/** Takes a transfer back, or puts on hold, or takes back from there. */
const flashed: Shows = ({ at }, { transfers }) =>
  transfers.some(t => t.state !== 'done' && t.extension === at)
    ? [is('Hangup')]
    : [frame => tool('Newchannel')(frame) || tool('Hangup')(frame)]

const SHOWS: Readonly<Record<string, Shows>> = {
  hangup: (_, call) => live(call).map(({ id }) => is('Hangup', { Uniqueid: id })),
  leave: ownHangup,
  reject: ownHangup,
  drop: ({ body }) => [is('Hangup', { Uniqueid: String(body['leg']) })],
  hold: () => [musicOfHold],
  retrieve: () => [tool('Hangup')],
  flash: flashed,
  record: () => [tool('Newchannel')],
  'record/stop': () => [tool('Hangup')],
  listen: listened,
  park: one('ParkedCall'),
  unpark: one('UnParkedCall'),
  pickup: one('Pickup'),
  answer: one('Pickup'),
  'take-over': one('BridgeEnter'),
  survey: one('BlindTransfer', { Context: 'aladdin-survey', Result: 'Success' }),
  add: () => [newPhone],
  transfers: transferred,
  'transfers/@/complete': one('AttendedTransfer', { Result: 'Success' }),
  'transfers/@/conference': one('AttendedTransfer', { DestType: 'Threeway', Result: 'Success' }),
  'transfers/@/swap': one('BridgeEnter'),
  'transfers/@/cancel': one('Hangup'),
}

/** What is not shown yet. */
export function missing(asked: Asked, before: CallView, frames: readonly Fields[]): boolean {
  return (SHOWS[asked.command]?.(asked, before) ?? []).some(fits => !frames.some(fits))
}

/** A phone that rang for the call has been answered: what can be done with the call is not what it was. */
export const hasAnswered = (before: CallView, frames: readonly Fields[]): boolean =>
  live(before).some(l => l.state !== 'up' && frames.some(is('DialEnd', { DestUniqueid: l.id, DialStatus: 'ANSWER' })))

/** What only a command or a person at a phone brings about; phones do nothing of it where a command runs alone. */
const ACTS = [
  is('BlindTransfer', { Result: 'Success' }),
  is('AttendedTransfer', { Result: 'Success' }),
  is('ParkedCall'),
  is('UnParkedCall'),
  is('Pickup'),
  is('ChanSpyStart'),
]

/** What the PBX has done all the same. */
export const doneAnyway = (frames: readonly Fields[]): string | undefined =>
  frames.find(frame => ACTS.some(fits => fits(frame)))?.['Event']

/** Refusals that depend on what is asked for, and not on the call alone. */
const OF_WHAT_IS_ASKED = new Set([
  ...['NUMBER_UNKNOWN', 'NUMBER_NOT_ALLOWED', 'NUMBER_CLASS_FORBIDDEN', 'EXTENSION_UNREACHABLE', 'EXTENSION_BUSY'],
  ...['TRANSFER_TO_SELF', 'QUEUE_UNATTENDED', 'CALL_LOCKED', 'LEG_NOT_FOUND', 'SURVEY_UNKNOWN', 'BAD_REQUEST'],
  ...['DIAL_LIMIT_REACHED', 'NOT_SIGNED_IN', 'EXTENSION_UNKNOWN', 'STAFF_UNKNOWN'],
])
/** Who is asked before a transfer can send the call on, and cannot bring in a third party: only then `TRANSFER_STATE` is of the number. */
export const isAboutWhatIsAsked = ({ command, body }: Asked, code: string) =>
  OF_WHAT_IS_ASKED.has(code) ||
  (code === 'TRANSFER_STATE' && command === 'transfers' && String(body['to']).endsWith('#'))
