/**
 * Calls from all sides at once, without phones: inside calls, calls over the trunk that are answered and ones that are given
 * up, and calls to the outside that are busy. Touches processes and loopback.
 */
import type { Profile } from './profiles.js'
import { answerLoad, answerTrunk, callers, type Callers, type SippLab } from './sipp.js'

export type Mix = Readonly<{
  seconds: number
  /** Of all kinds together. */
  ratePerSecond: number
  talkMs?: number
}>

const RING_MS = 300
const GIVES_UP_MS = 150
/** Which part of the calls each kind makes. */
const kindsOf = ({
  fromOutside,
  customers,
}: Profile): readonly (Pick<Callers, 'from' | 'to' | 'outside' | 'giveUpAfterMs'> & { share: number })[] => [
  { share: 0.5, from: '1801', to: '1900' },
  { share: 0.25, from: customers.customer, to: fromOutside('1900'), outside: true },
  { share: 0.125, from: customers.other, to: fromOutside('1900'), outside: true, giveUpAfterMs: GIVES_UP_MS },
  { share: 0.125, from: '1802', to: '0170555' },
]

/** Resolves when all calls are over. */
export async function mixedLoad(
  lab: SippLab & Readonly<{ profile: Profile }>,
  { seconds, ratePerSecond, talkMs = 1_000 }: Mix,
): Promise<{ made: number }> {
  const far = [
    await answerLoad(lab, { ringMs: RING_MS }),
    await answerTrunk(lab, { refusal: '486 Busy Here', ringMs: 100 }),
  ]
  try {
    const running = kindsOf(lab.profile).map(({ share, ...kind }) => {
      const rate = ratePerSecond * share
      return callers(lab, { ...kind, talkMs, calls: Math.max(1, Math.round(seconds * rate)), ratePerSecond: rate })
    })
    const counts = await Promise.all((await Promise.all(running)).map(({ done }) => done))
    return { made: counts.reduce((sum, { made }) => sum + made, 0) }
  } finally {
    await Promise.all(far.map(({ kill }) => kill()))
  }
}
