/**
 * A telephone: one baresip process, registered at the lab's Asterisk under an extension. What it does is told by its
 * own events, so a story waits for what happened and never for time to pass. It has no sound card; silence is sent and
 * what comes is thrown away. Touches processes and loopback.
 */
import { join } from 'node:path'
import { after, type Clock } from '../src/base/clock.js'
import { randomToken } from '../src/base/system.js'
import { openControl, writeSettings, type Control, type PhoneEvent } from './baresip.js'
import type { Lab } from './lab.js'
import { freeTcp, freeUdp } from './ports.js'
import type { Program } from './programs.js'
import { openRelay, type Relay } from './relay.js'
import { inside } from './root.js'
import { watch, type Watched } from './wait.js'

/** How the phone meets a call that rings. A request to answer at once (click to dial) is obeyed by all but the last three. */
export type Answers = 'manual' | { afterMs: number } | 'never' | 'busy' | 'decline'

export type PhoneOptions = Readonly<{ extension: string; answers?: Answers }>

export type Phone = Readonly<{
  extension: string
  pid: number
  dial: (to: string) => Promise<void>
  answer: () => Promise<void>
  hangup: () => Promise<void>
  /** Refuses the call that rings: 486 busy, 603 declined, 480 unavailable. */
  reject: (code?: 480 | 486 | 603) => Promise<void>
  /** Waits for an event after the last one waited for. */
  until: (type: PhoneEvent['type'], withinMs?: number) => Promise<PhoneEvent>
  history: () => readonly PhoneEvent[]
  /** The SIP messages that Asterisk sent to it. */
  received: () => readonly string[]
  /** Gives up its registration and ends. */
  close: () => Promise<void>
}>

const PATIENCE_MS = 10_000
const REFUSALS = { 480: '480 Temporarily Unavailable', 486: '486 Busy Here', 603: '603 Decline' } as const

const OPEN_TRIES = 3

/** Resolves when the phone is registered. */
export async function openPhone(lab: Lab, options: PhoneOptions): Promise<Phone> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await openOnce(lab, options)
    } catch (error) {
      // Most likely another process took one of its ports, of which baresip wants several in a row.
      if (tries === OPEN_TRIES) throw error
    }
  }
}

async function openOnce(lab: Lab, { extension, answers = 'manual' }: PhoneOptions): Promise<Phone> {
  const [sipPort, controlPort] = [await freeUdp(), await freeTcp()]
  const events = watch<PhoneEvent>(lab.clock, event => `${event.name} ${event.detail} ${event.callId}`)
  const registered = () => events.tell({ type: 'registered', name: 'REGISTER_OK', peer: '', detail: '', callId: '' })
  // Mostly it is registered before its control port is open, so its own event cannot be relied upon.
  const relay = await openRelay(sipPort, lab.asterisk.sip.port, message => {
    if (acceptsRegistration(message)) registered()
  })
  const folder = join(lab.dir, `phone-${extension}-${randomToken(4)}`)
  writeSettings(folder, lab, { extension, sipPort, controlPort, relayPort: relay.port, obeys: obeys(answers) })
  const program = lab.programs.start(`phone-${extension}`, inside(lab.root, 'usr/bin/baresip', ['-f', folder]))
  // However it ends, by a story or with the lab.
  void program.ended.then(relay.close)
  try {
    const control = await openControl(controlPort, program, lab.clock, events)
    const phone = asPhone(extension, program, relay, control, events)
    behave(phone, answers, events, lab.clock)
    await phone.until('registered')
    return phone
  } catch (error) {
    await program.stop()
    throw error
  }
}

/** The answer to a phone that leaves names no address. */
const acceptsRegistration = (message: string) =>
  message.startsWith('SIP/2.0 200 ') && /^CSeq: \d+ REGISTER/m.test(message) && /^Contact: /m.test(message)

const obeys = (answers: Answers) => answers === 'manual' || typeof answers === 'object'

function asPhone(
  extension: string,
  program: Program,
  relay: Relay,
  control: Control,
  events: Watched<PhoneEvent>,
): Phone {
  let waitedFor = 0
  /** The call that is meant; of one just dialled baresip knows nothing until the other side has answered to it. */
  const callNow = async () => {
    const open = openCalls(events.history).at(-1)
    return (
      open ?? (await events.until(`${extension}: a call`, ({ callId }) => callId !== '', PATIENCE_MS, waitedFor)).callId
    )
  }
  const until = async (type: PhoneEvent['type'], withinMs = PATIENCE_MS) => {
    const event = await events.until(`${extension}: ${type}`, event => event.type === type, withinMs, waitedFor)
    waitedFor = events.history.indexOf(event, waitedFor) + 1
    return event
  }
  return {
    extension,
    pid: program.pid,
    dial: to => control.order('dial', to),
    answer: async () => control.order('accept', await callNow()),
    hangup: async () => control.order('hangup', await callNow()),
    reject: async (code = 486) => {
      relay.refuseWith(REFUSALS[code])
      await control.order('hangup', await callNow())
    },
    until,
    history: () => events.history,
    received: () => relay.received,
    close: async () => {
      await program.stop()
      control.close()
    },
  }
}

/** The ids of the calls that have not been closed, in the order they came. */
function openCalls(history: readonly PhoneEvent[]): string[] {
  const closed = new Set(history.filter(({ type }) => type === 'closed').map(({ callId }) => callId))
  return [...new Set(history.map(({ callId }) => callId))].filter(id => id !== '' && !closed.has(id))
}

/** Does by itself what the phone is there to do. A call that is gone by then is no failure. */
function behave(phone: Phone, answers: Answers, events: Watched<PhoneEvent>, clock: Clock): void {
  if (answers === 'manual' || answers === 'never') return
  const meet = async () => {
    if (answers === 'busy') return phone.reject(486)
    if (answers === 'decline') return phone.reject(603)
    await new Promise<void>(resolve => void clock.wake(after(clock, answers.afterMs), resolve))
    return phone.answer()
  }
  events.onEach(event => {
    if (event.type === 'ringing') meet().catch(() => undefined)
  })
}
