/** May an agent do this? Pure: the command and what is known, what is to be asked of the PBX or a refusal. */
import type { ErrorCode } from '../base/errors.js'
import type { EpochMs } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import type { PhoneState } from '../pbx/facts.js'
import type { Skill } from './skills.js'
import { phoneOf, stateOf, type Agent, type Asking, type SignIn, type Wanted, type Why } from './state.js'

export type SignInCommand = { extension: string; telephony: boolean; ready: boolean }

/** What is known beside the agent. */
export type SignInAround = {
  at: EpochMs
  /** What a queue calls the phone of the extension; undefined when there is no such extension. */
  interface: string | undefined
  phone: PhoneState | undefined
  /** The staff id of whoever has signed in there. */
  takenBy: string | undefined
  /** Workgroups of the agent that the PBX does not have. */
  missing: readonly string[]
  pbxUp: boolean
}

export function decideSignIn(
  agent: Agent,
  command: SignInCommand,
  around: SignInAround,
  why: Why,
): Result<Asking, ErrorCode> {
  if (agent.asking) return no('AGENT_BUSY')
  const wanted: Wanted = command.ready ? { state: 'ready' } : { state: 'not-ready', reason: 'signed-in' }
  const asking = (signIn: SignIn): Result<Asking, ErrorCode> => ok({ do: 'sign-in', signIn, wanted, ...why })
  if (!command.telephony) return agent.legs.length > 0 ? no('AGENT_BUSY') : asking({ telephony: false, at: around.at })
  const { interface: place, phone } = around
  if (place === undefined || phone === 'invalid') return no('EXTENSION_UNKNOWN')
  if (!around.pbxUp) return no('PBX_DOWN')
  if (phone === undefined) return no('EXTENSION_UNKNOWN')
  if (phone === 'unavailable') return no('EXTENSION_UNREGISTERED')
  if (around.takenBy !== undefined && around.takenBy !== agent.staff) return no('EXTENSION_TAKEN')
  if (around.missing.length > 0) return no('WORKGROUP_UNKNOWN')
  if (agent.legs.length > 0 && phoneOf(agent)?.extension !== command.extension) return no('AGENT_BUSY')
  return asking({ telephony: true, extension: command.extension, interface: place, at: around.at })
}

/** `force`: in a call, too, which goes on. */
export function decideSignOut(agent: Agent, force: boolean, pbxUp: boolean, why: Why): Result<Asking, ErrorCode> {
  if (!agent.signedIn) return no('NOT_SIGNED_IN')
  if (agent.asking || (agent.legs.length > 0 && !force)) return no('AGENT_BUSY')
  return agent.signedIn.telephony && !pbxUp ? no('PBX_DOWN') : ok({ do: 'sign-out', ...why })
}

/** `isReason`: whether it is one that can be chosen. */
export function decideBe(
  agent: Agent,
  wanted: Wanted,
  isReason: (code: string) => boolean,
  pbxUp: boolean,
  why: Why,
): Result<Asking, ErrorCode> {
  if (!phoneOf(agent)) return no('NOT_SIGNED_IN')
  if (wanted.state === 'not-ready' && !isReason(wanted.reason)) return no('REASON_UNKNOWN')
  if (!pbxUp) return no('PBX_DOWN')
  if (wanted.state === 'ready' && needsCode(agent)) return no('WRAP_UP_CODE_REQUIRED')
  return agent.asking ? no('AGENT_BUSY') : ok({ do: 'be', wanted, ...why })
}

/** As they are once a code is given. */
export function withCode(agent: Agent): Agent {
  if (!agent.wrapUp) return agent
  const { codeRequired: _, ...wrapUp } = agent.wrapUp
  return { ...agent, wrapUp }
}

/** Their wrap-up is not to end without a code. */
const needsCode = ({ legs, wrapUp }: Agent) => legs.length === 0 && wrapUp?.codeRequired === true && !wrapUp.over

export const decideEndWrapUp = (agent: Agent): Result<undefined, ErrorCode> =>
  needsCode(agent) ? no('WRAP_UP_CODE_REQUIRED') : decideWrapUp(agent)

export const decideWrapUp = (agent: Agent): Result<undefined, ErrorCode> =>
  stateOf(agent).state === 'wrap-up' && agent.wrapUp?.over === undefined ? ok(undefined) : no('NOT_IN_WRAP_UP')

/** For now: into a workgroup with this penalty, or out of it. */
export function decideWorkgroup(
  agent: Agent,
  { workgroup, penalty }: { workgroup: string; penalty: number | undefined },
  isQueue: boolean,
  pbxUp: boolean,
  why: Why,
): Result<Asking, ErrorCode> {
  if (!phoneOf(agent)) return no('NOT_SIGNED_IN')
  if (!isQueue) return no('WORKGROUP_UNKNOWN')
  if (!pbxUp) return no('PBX_DOWN')
  if (agent.asking) return no('AGENT_BUSY')
  const added: Skill[] = agent.forNow.added.filter(skill => skill.workgroup !== workgroup)
  const removed = agent.forNow.removed.filter(name => name !== workgroup)
  const forNow =
    penalty === undefined
      ? { added, removed: [...removed, workgroup] }
      : { added: [...added, { workgroup, penalty }], removed }
  return ok({ do: 'workgroups', forNow, ...why })
}
