/**
 * Who is signed in at the phone of a leg. It is stamped on the fact with which the leg begins, so that a trace makes the same
 * record without the directory; a leg of a phone at which nobody was signed in gets the agent who signs in while it lives.
 * Changes nothing.
 */
import { phoneOf } from '../agents/state.js'
import { extensionOf, type Site } from '../calls/site.js'
import { isLive, legOf } from '../calls/state.js'
import type { CallId } from '../base/ids.js'
import { endpointOfChannel, kindOfChannel } from '../pbx/channel-name.js'
import type { LegFact, TimerFact } from '../pbx/facts.js'
import type { PbxState } from './state.js'

/** The staff id; somebody who is only about to sign in is not there yet. */
export function signedInAt(state: PbxState, extension: string | undefined): string | undefined {
  const staff = extension === undefined ? undefined : state.agentAt.get(extension)
  const agent = staff === undefined ? undefined : state.agents.get(staff)
  return agent && phoneOf(agent)?.extension === extension ? staff : undefined
}

/** What a trace says of it stays as it is. */
export function withAgent(site: Site, state: PbxState, fact: LegFact | TimerFact): LegFact | TimerFact {
  if (fact.type !== 'channel.created' || fact.agent !== undefined || state.agentAt.size === 0) return fact
  if (kindOfChannel(fact.name) !== 'party') return fact
  const agent = signedInAt(state, extensionOf(site, endpointOfChannel(fact.name)))
  return agent === undefined ? fact : { ...fact, agent }
}

/** For the legs that are at the phones of these agents, and began when nobody was signed in there. */
export function staffedSince(state: PbxState, staff: Iterable<string>): LegFact[] {
  return [...staff].flatMap(id => {
    const agent = state.agents.get(id)
    if (!agent || signedInAt(state, phoneOf(agent)?.extension) !== id) return []
    return agent.legs.flatMap(({ call: callId, leg: legId }): LegFact[] => {
      const call = state.calls.get(callId as CallId)
      const leg = call && legOf(call, legId)
      if (!call || !leg || !isLive(leg) || leg.agent !== undefined || call.progress.state === 'ended') return []
      // By the PBX's clock, which ours may be ahead of.
      return [{ type: 'leg.staffed', at: call.latestAt, leg: legId, agent: id }]
    })
  })
}
