/**
 * A mixed load: many calls of every kind at once, as a seed decides. SIPp makes the calls and is all the phones; what
 * happens to a call in its middle is done by AMI, as the daemon or a phone would have it done. Touches processes and
 * loopback.
 */
import type { Lab } from '../lab.js'
import { HOSTS } from '../asterisk.js'
import { answerTrunk, startSipp, type SippCall } from '../sipp.js'
import { act, listen } from '../stories/stage.js'
import { retry } from '../wait.js'
import { planMix, type PlannedCall, type Target, type Twist } from './plan.js'
import { agentPlaces, answerLine, callerPlaces } from './scenarios.js'
import { directTwists } from './twists.js'

export type MixOptions = Readonly<{ lab: Lab; calls: number; seed: number; perSecond?: number }>

export type Mixed = Readonly<{
  seed: number
  /** Calls that SIPp made, and those of them that ended as its scenario has it. */
  made: number
  asPlanned: number
  targets: Readonly<Partial<Record<Target, number>>>
  /** What was done to calls, by kind; fewer than planned, as a call must live long enough. */
  twists: Readonly<Partial<Record<Twist, number>>>
  /** Actions that the PBX refused, mostly as the call was over by then. */
  refused: number
}>

/** What two cores can stand beside a daemon. */
const PER_SECOND = 8
const EMPTY_WITHIN_MS = 90_000

export async function mix({ lab, calls, seed, perSecond = PER_SECOND }: MixOptions): Promise<Mixed> {
  const plan = planMix(calls, seed, lab.profile.name)
  const [events, actions] = await Promise.all([listen(lab), listen(lab)])
  // A session keeps what it hears, and looks through that for each answer.
  await act(actions, 'Events', { EventMask: 'off' })
  const directed = directTwists({ events, actions, clock: lab.clock, plan, context: lab.profile.transferContext })
  const running: SippCall[] = []
  try {
    running.push(await answerTrunk(lab, { ringMs: 200, talkMs: 2_000 }))
    const { load } = lab.asterisk
    const data = plan.answers.map(answerLine)
    running.push(await startSipp(lab, { file: 'mix-agent', places: agentPlaces(), ...load, args: [], data }))
    const fromInside = (call: PlannedCall) => call.target === 'inside' || call.target === 'outside'
    const callers = await Promise.all([
      makeCalls(
        lab,
        HOSTS.trunk,
        plan.calls.filter(call => !fromInside(call)),
        perSecond / calls,
      ),
      makeCalls(lab, HOSTS.caller, plan.calls.filter(fromInside), perSecond / calls),
    ])
    running.push(...callers)
    const over = async () => {
      const counts = await Promise.all(callers.map(caller => caller.done))
      await directed.settled()
      await noChannelLeft(lab)
      return counts
    }
    const counts = await Promise.race([over(), crashed(lab)])
    return {
      seed,
      made: counts.reduce((sum, { made }) => sum + made, 0),
      asPlanned: counts.reduce((sum, { succeeded }) => sum + succeeded, 0),
      targets: countBy(plan.calls, call => call.target),
      ...directed.done(),
    }
  } finally {
    directed.stop()
    await Promise.all(running.map(call => call.kill()))
    events.close()
    actions.close()
  }
}

/** Asterisk has crashed under load before; SIPp would go on calling. */
async function crashed({ asterisk }: Lab): Promise<never> {
  throw new Error(`Asterisk ended while calls were made: ${await asterisk.ended()}`)
}

/** `share`: calls a second for each of them, so that all callers need the same time. */
async function makeCalls(lab: Lab, host: string, calls: readonly PlannedCall[], share: number): Promise<SippCall> {
  const places = callerPlaces()
  const data = calls.map(({ from, to, patience }) => `${from};${to};${patience};`)
  // SIPp takes whole calls in a period of whole milliseconds.
  const args = ['-m', String(calls.length), '-r', '1', '-rp', String(Math.ceil(1_000 / (share * calls.length)))]
  return startSipp(lab, { file: 'mix-caller', places, host, port: 'any', args, data })
}

const noChannelLeft = (lab: Lab) =>
  retry(
    lab.clock,
    'the last channel to be gone',
    EMPTY_WITHIN_MS,
    async () => (/^0 active channels/m.test(await lab.asterisk.cli('core show channels count')) ? true : undefined),
    500,
  )

const countBy = <T, K extends string>(things: readonly T[], key: (thing: T) => K): Partial<Record<K, number>> => {
  const counts: Partial<Record<K, number>> = {}
  for (const thing of things) counts[key(thing)] = (counts[key(thing)] ?? 0) + 1
  return counts
}
