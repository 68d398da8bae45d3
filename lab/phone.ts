/**
 * A telephone: one baresip process, registered at the lab's Asterisk under an extension, or a customer's, which calls in
 * over the trunk. What it does is told by its own events, so a story waits for what happened and never for time to pass.
 * It has no sound card; silence is sent and what comes is thrown away. Touches processes and loopback.
 */
import { join } from 'node:path'
import { after, type Clock } from '../src/base/clock.js'
import { randomToken } from '../src/base/system.js'
import { HOSTS } from './asterisk.js'
import { openControl, writeSettings, type Control, type PhoneEvent } from './baresip.js'
import type { Lab } from './lab.js'
import { freeTcp, freeUdp, LOOPBACK } from './ports.js'
import type { Program } from './programs.js'
import { endpointOf } from './profiles.js'
import { knownToPbx } from './registered.js'
import { openRelay, type Relay } from './relay.js'
import { inside } from './root.js'
import { lastHeard } from './sound.js'
import { watch, type Watched } from './wait.js'

/**
 * How the phone meets a call that rings; `forwardTo` sends it on to another number (302). A request to answer at once
 * (click to dial) is obeyed by all but those that were opened to be `never`, `busy` or `decline`.
 */
export type Answers = 'manual' | { afterMs: number } | 'never' | 'busy' | 'decline' | { forwardTo: string }

/**
 * `toneHz`: it speaks this tone, and what it hears is kept: see sound.ts. `device`: which endpoint it is, of an extension that
 * has several; the first unless told.
 */
export type PhoneOptions = Readonly<{ extension: string; device?: string; answers?: Answers; toneHz?: number }>

export type Phone = Readonly<{
  extension: string
  pid: number
  dial: (to: string) => Promise<void>
  answer: () => Promise<void>
  hangup: () => Promise<void>
  /** Refuses the call that rings: 486 busy, 603 declined, 480 unavailable. */
  reject: (code?: 480 | 486 | 603) => Promise<void>
  hold: () => Promise<void>
  resume: () => Promise<void>
  /** Blind, by REFER. */
  transfer: (to: string) => Promise<void>
  /** Joins the other sides of its two calls, by REFER with Replaces; `to` is whom it has dialled second. */
  transferToOther: (to: string) => Promise<void>
  /** With two calls: holds the one it is in and takes up the other. */
  swap: () => Promise<void>
  /** Sends digits as events in the sound (RFC 4733), as people do by pressing keys. */
  press: (digits: string) => Promise<void>
  /** From now on it meets calls so. */
  meet: (answers: Answers) => void
  /** Hangs up whatever there is, and forgets what was not waited for. */
  clear: () => Promise<void>
  /** Hangs up the calls that it has now. One that rings meanwhile stays, and what it says of that can be waited for. */
  letGo: () => Promise<void>
  /** Waits for an event after the last one waited for. */
  until: (type: PhoneEvent['type'], withinMs?: number) => Promise<PhoneEvent>
  history: () => readonly PhoneEvent[]
  /** The last so many milliseconds of what it has heard, as samples; of a phone with a tone. */
  heard: (ms: number) => number[]
  /** The SIP messages that Asterisk sent to it. */
  received: () => readonly string[]
  /** Gives up its registration and ends. */
  close: () => Promise<void>
}>

const PATIENCE_MS = 10_000
const CLEAR_WITHIN_MS = 5_000
const REFUSALS = { 480: '480 Temporarily Unavailable', 486: '486 Busy Here', 603: '603 Decline' } as const

const OPEN_TRIES = 10

type Wanted = Readonly<{
  number: string
  /** The name that it registers under. */
  endpoint: string
  answers: Answers
  /** A trunk, from whose address it calls, where it is a customer's. */
  outside?: 'trunk' | 'telco'
  toneHz?: number | undefined
  name?: string | undefined
}>

/** Resolves when the phone is registered, and the PBX says so, too. */
export const openPhone = (
  lab: Lab,
  { extension, device = endpointOf(lab.profile, extension), answers = 'manual', toneHz }: PhoneOptions,
) => open(lab, { number: extension, endpoint: device, answers, toneHz })

/** A customer's telephone: it calls from the trunk's address, as `number`, and cannot be called. `name`: as it calls itself. */
export const openCustomer = (
  lab: Lab,
  number: string,
  toneHz?: number,
  trunk: 'trunk' | 'telco' = 'trunk',
  name?: string,
) => open(lab, { number, endpoint: number, answers: 'manual', outside: trunk, toneHz, name })

async function open(lab: Lab, wanted: Wanted): Promise<Phone> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await openOnce(lab, wanted)
    } catch (error) {
      // Most likely another process took one of its ports, of which baresip wants several in a row.
      if (tries === OPEN_TRIES) throw error
    }
  }
}

async function openOnce(lab: Lab, { number, endpoint, answers, outside, toneHz, name }: Wanted): Promise<Phone> {
  const [sipPort, controlPort] = [await freeUdp(), await freeTcp()]
  const events = watch<PhoneEvent>(lab.clock, event => `${event.name} ${event.detail} ${event.callId}`)
  const registered = () => events.tell({ type: 'registered', name: 'REGISTER_OK', peer: '', detail: '', callId: '' })
  // Mostly it is registered before its control port is open, so its own event cannot be relied upon.
  const seen = (message: string) => {
    if (acceptsRegistration(message)) registered()
  }
  const relay = await openRelay(sipPort, lab.asterisk.sip.port, seen, outside ? HOSTS[outside] : LOOPBACK)
  const folder = join(lab.dir, `phone-${number}-${randomToken(4)}`)
  const settings = {
    number: endpoint,
    registers: outside === undefined,
    sipPort,
    controlPort,
    relayPort: relay.port,
    obeys: obeys(answers),
    toneHz,
    name,
  }
  writeSettings(folder, lab, settings)
  const program = lab.programs.start(`phone-${number}`, inside(lab.root, 'usr/bin/baresip', ['-f', folder]))
  // However it ends, by a story or with the lab.
  void program.ended.then(relay.close)
  try {
    const control = await openControl(controlPort, program, lab.clock, events)
    const phone = asPhone(lab, { number, answers, program, relay, control, events, folder })
    if (outside === undefined) {
      await phone.until('registered')
      await knownToPbx(lab, endpoint)
    }
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

type Parts = Readonly<{
  number: string
  answers: Answers
  program: Program
  relay: Relay
  control: Control
  events: Watched<PhoneEvent>
  folder: string
}>

function asPhone(lab: Lab, { number, answers, program, relay, control, events, folder }: Parts): Phone {
  let waitedFor = 0
  /** The first of `relay.received` since the phone was last cleared. */
  let receivedFrom = 0
  /** baresip numbers its calls; with two, the second is the one it is in. */
  let line = 2
  const address = (to: string) => `sip:${to}@${lab.asterisk.sip.host}:${lab.asterisk.sip.port}`
  /** The call that is meant: one that is open, or the next that is. Of one just dialled baresip knows nothing until the other side has answered to it. */
  const callNow = async () => {
    const last = () => openCalls(events.history).at(-1)
    if (last() === undefined) await events.until(`${number}: a call`, () => last() !== undefined, PATIENCE_MS)
    return last() ?? ''
  }
  const until = async (type: PhoneEvent['type'], withinMs = PATIENCE_MS) => {
    const event = await events
      .until(`${number}: ${type}`, event => event.type === type, withinMs, waitedFor)
      .catch((cause: unknown) => {
        throw new Error(`${String(cause)}; from Asterisk: ${firstLines(relay.received.slice(receivedFrom))}`, { cause })
      })
    waitedFor = events.history.indexOf(event, waitedFor) + 1
    return event
  }
  const phone: Omit<Phone, 'meet'> = {
    extension: number,
    pid: program.pid,
    dial: to => control.order('dial', to),
    answer: async () => control.order('accept', await callNow()),
    hangup: async () => control.order('hangup', await callNow()),
    reject: async (code = 486) => {
      relay.refuseWith(REFUSALS[code])
      await control.order('hangup', await callNow())
    },
    hold: async () => control.order('hold', await callNow()),
    // baresip 1.1 calls it a failure when there is no other call to be held for it, and resumes all the same.
    resume: async () => control.order('resume', await callNow()).catch(() => undefined),
    transfer: to => control.order('transfer', address(to)),
    transferToOther: async to => {
      const two = () => openCalls(events.history).length > 1
      if (!two()) await events.until(`${number}: two calls`, two, PATIENCE_MS)
      relay.replaceNext(openCalls(events.history).at(-1) ?? '')
      await control.order('line', '1')
      await control.order('transfer', address(to))
    },
    swap: async () => {
      await control.order('hold')
      line = line === 2 ? 1 : 2
      await control.order('line', String(line))
      await control.order('resume', openCalls(events.history)[line - 1]).catch(() => undefined)
    },
    press: async digits => {
      for (const digit of digits) await control.order('sndcode', digit)
    },
    letGo: async () => {
      const calls = openCalls(events.history)
      for (const callId of calls) await control.order('hangup', callId).catch(() => undefined)
      const over = () => openCalls(events.history).every(callId => !calls.includes(callId))
      if (!over()) await events.until(`${number}: no call`, over, CLEAR_WITHIN_MS)
      waitedFor = Math.max(waitedFor, 1 + events.history.findLastIndex(({ callId }) => calls.includes(callId)))
    },
    clear: async () => {
      await phone.letGo()
      // One that came meanwhile.
      for (const callId of openCalls(events.history)) await control.order('hangup', callId).catch(() => undefined)
      if (openCalls(events.history).length > 0)
        await events.until(`${number}: no call`, () => openCalls(events.history).length === 0, CLEAR_WITHIN_MS)
      waitedFor = events.history.length
      receivedFrom = relay.received.length
      line = 2
      relay.refuseWith(undefined)
    },
    until,
    history: () => events.history,
    heard: ms => lastHeard(folder, ms),
    received: () => relay.received,
    close: async () => {
      await program.stop()
      control.close()
    },
  }
  const accept = (callId: string) => control.order('accept', callId)
  const isAsked = (callId: string) =>
    lab.version === '16' && obeys(answers) && relay.received.some(message => asksToAnswer(message, callId))
  return { ...phone, meet: behave(phone, { answers, relay, events, clock: lab.clock, address, accept, isAsked }) }
}

/** `SIP/2.0 180 Ringing`, a message each. */
const firstLines = (messages: readonly string[]) =>
  messages.map(text => text.split('\r\n', 1)[0]).join(', ') || 'nothing'

/** The ids of the calls that have not been closed, in the order they came. */
function openCalls(history: readonly PhoneEvent[]): string[] {
  const closed = new Set(history.filter(({ type }) => type === 'closed').map(({ callId }) => callId))
  return [...new Set(history.map(({ callId }) => callId))].filter(id => id !== '' && !closed.has(id))
}

/** An INVITE of this call that asks the phone to answer at once (click to dial, listening). */
const asksToAnswer = (message: string, callId: string) =>
  message.startsWith('INVITE ') &&
  message.includes(`\r\nCall-ID: ${callId}\r\n`) &&
  /^(?:Call-Info:.*answer-after=0|Alert-Info:.*alert-autoanswer)/im.test(message)

type Behaviour = Readonly<{
  answers: Answers
  relay: Relay
  events: Watched<PhoneEvent>
  clock: Clock
  address: (to: string) => string
  accept: (callId: string) => Promise<void>
  /** The baresip of Asterisk 16's release is too old to answer at once by itself. */
  isAsked: (callId: string) => boolean
}>

/** Does by itself what the phone is there to do. A call that is gone by then is no failure. */
function behave(
  phone: Omit<Phone, 'meet'>,
  { answers, relay, events, clock, address, accept, isAsked }: Behaviour,
): Phone['meet'] {
  let now = answers
  const meet = async (callId: string) => {
    if (isAsked(callId)) return accept(callId)
    if (now === 'manual' || now === 'never') return
    if (now === 'busy') return phone.reject(486)
    if (now === 'decline') return phone.reject(603)
    if ('forwardTo' in now) {
      relay.refuseWith(`302 Moved Temporarily\r\nContact: <${address(now.forwardTo)}>`)
      return phone.hangup()
    }
    const { afterMs } = now
    await new Promise<void>(resolve => void clock.wake(after(clock, afterMs), resolve))
    // This call and no other: it may be over by now.
    return accept(callId)
  }
  events.onEach(event => {
    if (event.type === 'ringing') meet(event.callId).catch(() => undefined)
  })
  return next => (now = next)
}
