/** A caller whose number must not be shown, as the PBX says when it is asked of a channel that began unheard. Pure. */
import type { EpochMs } from '../base/ids.js'
import type { ChannelSeen, LegFact } from './facts.js'

type Created = Extract<LegFact, { type: 'channel.created' }>

export const callerHidden = ({ leg, caller }: Pick<ChannelSeen, 'leg' | 'caller'>, at: EpochMs): LegFact => ({
  type: 'caller.changed',
  at,
  leg,
  caller,
  withheld: true,
  inferred: true,
})

/** It begins without a number, so that nobody is told of one. */
export const createdHidden = (fact: Created): LegFact[] => [
  { ...fact, caller: { number: '', name: '' } },
  callerHidden(fact, fact.at),
]
