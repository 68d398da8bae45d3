/** Stories of calls that whoever picks up accepts or not (Dial with a subroutine), and of calls whose length is limited. */
import { fromOutside, talk, type Stage, type Stories, type Story } from './stage.js'

async function picksUp(stage: Stage, number: string): Promise<void> {
  await stage.customer.dial(fromOutside(stage, number))
  await stage.ana.until('ringing')
  await stage.ana.answer()
  await stage.ana.until('established')
  await talk(stage)
}

const endedByPbx = (number: string, story: string): Story => ({
  story,
  tell: async stage => {
    await picksUp(stage, number)
    await stage.customer.until('closed')
  },
})
const declined = (number: string, how: string) => endedByPbx(number, `Ana picks up and does not press 1: ${how}`)
const cutOff = (number: string, how: string) =>
  endedByPbx(number, `Ana and a customer talk until the PBX ends it: ${how}`)

export const ACCEPTED: Stories = {
  'confirm-accepted': {
    story: 'Ana picks up, presses 1, and has the call',
    tell: async stage => {
      await picksUp(stage, '2210')
      await stage.ana.press('1')
      await stage.customer.until('established')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'confirm-continue': declined('2210', 'the dialplan goes on'),
  'confirm-abort': declined('2211', 'both are hung up on'),
  'confirm-busy': declined('2212', 'the caller hears that she is busy'),
  'confirm-congestion': declined('2213', 'the caller hears congestion'),
  'confirm-goto': {
    story: 'Ana picks up and does not press 1: the call goes on to Cleo, who answers',
    tell: async stage => {
      await picksUp(stage, '2214')
      await stage.cleo.until('ringing')
      await stage.cleo.answer()
      await stage.customer.until('established')
      await talk(stage)
      await stage.customer.hangup()
    },
  },
  'confirm-agent-gone': {
    story: 'Ana picks up and hangs up before she has accepted',
    tell: async stage => {
      await picksUp(stage, '2210')
      await stage.ana.hangup()
      await stage.customer.until('closed')
    },
  },
  'confirm-caller-gone': {
    story: 'Ana picks up, and the caller hangs up before she has accepted',
    tell: async stage => {
      await picksUp(stage, '2210')
      await stage.customer.hangup()
    },
  },
  'limited-by-l': cutOff('2220', 'the limit of Dial, L'),
  'limited-by-s': cutOff('2221', 'the limit of Dial, S'),
  'limited-absolute': cutOff('2222', 'the absolute timeout of the channel'),
}
