/**
 * Where stories are played: a lab with four phones and two customers, and an AMI session of the daemon's own user, which
 * hears what the daemon hears and sends what it sends. Touches processes and loopback.
 */
import { sleep } from '../../src/base/clock.js'
import { randomToken } from '../../src/base/system.js'
import { openAmi, type AmiSession, type Fields } from '../ami.js'
import type { Lab } from '../lab.js'
import { openCustomer, openPhone, type Answers, type Phone } from '../phone.js'
import { endpointOf, memberFields } from '../profiles.js'

const EXTENSIONS = { ana: '1001', ben: '1002', cleo: '1003', dora: '1004' } as const

export type Colleague = keyof typeof EXTENSIONS
type Role = Colleague | 'customer' | 'other'
/** Who plays; a phone that hangs in a call is replaced by a new one after the story. */
export type Cast = Record<Role, Phone>
export type Stage = Cast & Readonly<{ lab: Lab; ami: AmiSession }>

export type Story = Readonly<{
  /** What happens, in a sentence. */
  story: string
  /** How phones meet calls by themselves; the others do as the story tells them. */
  manners?: Partial<Record<Colleague, Answers>>
  /** Who is signed in to which queue, in this order, beside those who always are. */
  members?: Readonly<Record<string, readonly string[]>>
  tell: (stage: Stage) => Promise<void>
  /** A phone rings until the PBX gives up; in the other stories there is time to answer, also on a busy machine. */
  ringsOut?: true
  /** A story is over when every channel that it made has hung up; one that makes none, with this event. */
  until?: string
}>
export type Stories = Readonly<Record<string, Story>>

/** What the lab of the stories is started with: long enough to answer. */
export const TIME_TO_ANSWER = { ringForS: 8, consultForS: 8 } as const
/** Where nobody answers. */
const RING_OUT_S = 3

const PATIENCE_MS = 10_000
const LONGEST_MS = 40_000
const SETTLE_MS = 300

const ROLES: readonly Role[] = ['ana', 'ben', 'cleo', 'dora', 'customer', 'other']
const openRole = (lab: Lab, role: Role) =>
  role === 'customer' || role === 'other'
    ? openCustomer(lab, lab.profile.customers[role])
    : openPhone(lab, { extension: EXTENSIONS[role] })

/** Opened once for many stories: a phone takes half a second. */
export async function openCast(lab: Lab): Promise<Cast> {
  const cast = await Promise.all(ROLES.map(async role => [role, await openRole(lab, role)] as const))
  return Object.fromEntries(cast) as Cast
}

async function clear(lab: Lab, cast: Cast, role: Role): Promise<void> {
  try {
    await cast[role].clear()
  } catch {
    await cast[role].close()
    cast[role] = await openRole(lab, role)
  }
}

export async function listen(lab: Lab): Promise<AmiSession> {
  const ami = await openAmi(lab.asterisk.ami, lab.clock)
  await ami.frames.until('FullyBooted', frame => frame['Event'] === 'FullyBooted', PATIENCE_MS)
  return ami
}

/**
 * Plays a story from its beginning to when nothing of it is left on the PBX. Returns what the session was sent
 * meanwhile, byte by byte.
 */
export async function play(lab: Lab, cast: Cast, story: Story): Promise<string> {
  const director = await listen(lab)
  try {
    for (const phone of Object.values(cast)) phone.meet('manual')
    for (const [name, answers] of Object.entries(story.manners ?? {})) cast[name as Colleague].meet(answers)
    const members = Object.entries(story.members ?? {})
    for (const [Queue, interfaces] of members)
      for (const member of interfaces) await act(director, 'QueueAdd', { Queue, ...memberFields(lab.profile, member) })
    if (story.ringsOut) await ringFor(director, lab, RING_OUT_S)
    const raw = await onStage(lab, cast, story).finally(
      () => story.ringsOut && ringFor(director, lab, TIME_TO_ANSWER.ringForS),
    )
    for (const [Queue, interfaces] of members)
      for (const member of interfaces) await signsOut({ lab, ami: director }, Queue, member)
    return raw
  } finally {
    director.close()
  }
}

const ringFor = (ami: AmiSession, { profile }: Lab, seconds: number) =>
  act(ami, 'Setvar', { Variable: profile.ringVariable, Value: String(seconds) })

/** A member is named as the plain PBX has it. */
export const signsOut = ({ lab, ami }: Pick<Stage, 'lab' | 'ami'>, Queue: string, member: string) =>
  act(ami, 'QueueRemove', { Queue, Interface: memberFields(lab.profile, member).Interface })

async function onStage(lab: Lab, cast: Cast, story: Story): Promise<string> {
  const ami = await listen(lab)
  try {
    await story.tell({ ...cast, lab, ami })
    const { until } = story
    await (until === undefined ? allHungUp(ami) : heard(ami, until, {}, LONGEST_MS))
    await sleep(lab.clock, SETTLE_MS)
    return ami.raw()
  } finally {
    await Promise.all(ROLES.map(role => clear(lab, cast, role)))
    ami.close()
  }
}

const uniqueids = (frames: readonly Fields[], event: string) =>
  frames.filter(frame => frame['Event'] === event).map(frame => frame['Uniqueid'] ?? '')

async function allHungUp(ami: AmiSession): Promise<void> {
  const over = () => {
    const hungUp = new Set(uniqueids(ami.frames.history, 'Hangup'))
    const made = uniqueids(ami.frames.history, 'Newchannel')
    return made.length > 0 && made.every(id => hungUp.has(id))
  }
  await ami.frames.until('all hung up', frame => frame['Event'] === 'Hangup' && over(), LONGEST_MS)
}

/** Sends an action and waits for its answer, whatever that is. */
export async function act(ami: AmiSession, Action: string, fields: Fields = {}): Promise<Fields> {
  const ActionID = `story-${randomToken(6)}`
  ami.send({ Action, ActionID, ...fields })
  return ami.frames.until(Action, frame => frame['ActionID'] === ActionID && 'Response' in frame, PATIENCE_MS)
}

/** Waits for an event that has these fields, from the beginning of the story on. */
export const heard = (ami: AmiSession, event: string, fields: Fields = {}, withinMs = PATIENCE_MS) =>
  ami.frames.until(
    `${event} ${JSON.stringify(fields)}`,
    frame => frame['Event'] === event && Object.entries(fields).every(([key, value]) => frame[key] === value),
    withinMs,
  )

/** The name of a phone's newest channel that is still there, by its extension; customers' channels are the trunk's. */
export function channelOf({ ami, lab }: Pick<Stage, 'ami' | 'lab'>, extension: string): string {
  const endpoint = endpointOf(lab.profile, extension)
  const hungUp = new Set(uniqueids(ami.frames.history, 'Hangup'))
  const found = ami.frames.history.findLast(
    frame =>
      frame['Event'] === 'Newchannel' &&
      !hungUp.has(frame['Uniqueid'] ?? '') &&
      (frame['Channel'] ?? '').startsWith(`PJSIP/${endpoint}-`),
  )
  if (found?.['Channel'] === undefined) throw new Error(`${endpoint} has no channel`)
  return found['Channel']
}

export const TALK_MS = 400

/** Long enough that talk, wait and hold can be told apart in the records. */
export const talk = ({ lab }: Pick<Stage, 'lab'>, ms = TALK_MS) => sleep(lab.clock, ms)

/** A number inside the company as the outside dials it. */
export const fromOutside = ({ lab }: Pick<Stage, 'lab'>, number: string) => lab.profile.fromOutside(number)
