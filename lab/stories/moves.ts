/** Moves that many stories have: a call of a queue that is answered, keys, transfers by command, and somebody outside who answers. */
import type { Phone } from '../phone.js'
import { answerTrunk, type FarEnd } from '../sipp.js'
import { act, channelOf, fromOutside, heard, talk, type Stage } from './stage.js'

/** The customer waits in the queue at this number. */
export async function waits(stage: Stage, number: string): Promise<void> {
  await stage.customer.dial(fromOutside(stage, number))
  await heard(stage.ami, 'QueueCallerJoin')
}

export async function isServed(stage: Stage, agent: Phone): Promise<void> {
  await agent.until('ringing')
  await agent.answer()
  await heard(stage.ami, 'AgentConnect')
  await talk(stage)
}

/** Keys that Asterisk hears as if a phone had pressed them, one action a digit. */
export async function keys(stage: Stage, extension: string, digits: string): Promise<void> {
  const Channel = channelOf(stage, extension)
  for (const Digit of digits) await act(stage.ami, 'PlayDTMF', { Channel, Digit, Receive: 'true' })
}

/** `Context` is where the profile looks for the target, unless the story names another. */
const byCommand =
  (Action: 'Atxfer' | 'BlindTransfer') =>
  (stage: Stage, extension: string, Exten: string, Context = stage.lab.profile.transferContext) =>
    act(stage.ami, Action, { Channel: channelOf(stage, extension), Context, Exten })
export const consultsByCommand = byCommand('Atxfer')
export const transfersByCommand = byCommand('BlindTransfer')

/** The far end of every call that goes out, as long as `tell` takes. */
export async function withFarEnd(stage: Stage, far: FarEnd, tell: () => Promise<void>): Promise<void> {
  const there = await answerTrunk(stage.lab, far)
  await tell().finally(() => there.kill())
}
