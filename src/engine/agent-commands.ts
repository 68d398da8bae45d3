/**
 * What can be asked of agents. Each is decided, asked of the PBX, and answered when its events have shown it. Touches the
 * clock.
 */
import {
  decideBe,
  decideEndWrapUp,
  decideSignIn,
  decideSignOut,
  decideWorkgroup,
  decideWrapUp,
  withCode,
  type SignInCommand,
} from '../agents/decide.js'
import type { AgentFact } from '../agents/reduce.js'
import { newAgent, phoneOf, type Agent, type Asking, type Wanted, type Why } from '../agents/state.js'
import { inTime, type Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import type { Site } from '../calls/site.js'
import { createAttempts } from '../directory/attempts.js'
import { isPassword } from '../directory/password.js'
import { isReason, mayStaff } from '../directory/state.js'
import type { AgentView } from '../events/agent.js'
import { penaltyOf, type Right } from '../events/directory.js'
import type { PhoneSeen } from '../pbx/facts.js'
import type { Link } from '../pbx/link.js'
import { nothingApplied, type Applied } from './apply.js'
import { isPbxUp, isQueue, seePlace, toAgent, viewOf } from './agents.js'
import type { PbxState } from './state.js'

/**
 * Who asks: an API key, and the staff member on whose behalf; a phone asks for the one who has signed in there. `dryRun`: only
 * whether it could be done.
 */
export type Asker = { key?: string; staff?: string; phone?: true; dryRun?: true }

export const askerOf = ({ key, staff }: Asker) => (staff === undefined ? `key:${key ?? ''}` : `staff:${staff}`)
const whyOf = (by: Asker): Why => ({ cause: by.phone ? 'code' : 'command', by: askerOf(by) })

/** `force`: whoever has signed in there is signed out. */
export type SignInAsked = Partial<SignInCommand> & { password?: string; force?: boolean }
type Answer = Promise<Result<AgentView, ErrorCode>>

const REGISTERED_WITHIN_MS = 1_000

type Waiting = { done: (agent: Agent) => boolean; resolve: () => void }

type Parts = {
  site: Site
  state: PbxState
  clock: Clock
  link: Pick<Link, 'queues'>
  endpointOf: (extension: string) => string | undefined
  /** The code that comes with what ends a wrap-up. */
  codeGiven: (agent: Agent, code: string, by: Asker) => Promise<ErrorCode | undefined>
  take: (applied: Applied) => void
  settled: () => Promise<void>
  /** An agent as they were last told of, if they were. */
  published: (staff: string) => AgentView | undefined
  /** Whether it came about before the PBX was too long silent. */
  soon: (coming: Promise<void>) => Promise<boolean>
}

export function createAgentCommands(parts: Parts) {
  const { site, state, clock, link, endpointOf, take, settled, published, soon, codeGiven } = parts
  const attempts = createAttempts()
  /** What the PBX said no with, until whoever asked has heard it. */
  const refused = new Map<string, ErrorCode>()
  const waiting = new Map<string, Set<Waiting>>()
  /** Who waits for a phone to be there. */
  const registering = new Map<string, Set<() => void>>()

  const pbxUp = () => isPbxUp(state)
  const agentOf = (staff: string): Agent => state.agents.get(staff) ?? newAgent(staff, clock.now())
  const isStaff = (staff: string) => state.directory.staff.has(staff)
  const viewed = (staff: string) => published(staff) ?? viewOf(site, state, agentOf(staff), clock.now())

  /** Of oneself, everything; of others, by right. An API key alone acts for everybody. */
  function may(by: Asker, right: Right, staff?: string): ErrorCode | undefined {
    if (by.staff === undefined || by.staff === staff) return undefined
    return mayStaff(state.directory, by.staff, right) ? undefined : 'RIGHT_MISSING'
  }

  function tell(staff: string, fact: AgentFact) {
    const applied = nothingApplied()
    toAgent(site, state, staff, fact, applied)
    take(applied)
  }

  /** Resolves when the agent is like this. */
  function until(staff: string, done: (agent: Agent) => boolean): Promise<void> {
    if (done(agentOf(staff))) return Promise.resolve()
    return new Promise(resolve => {
      const others = waiting.get(staff) ?? new Set()
      waiting.set(staff, others.add({ done, resolve }))
    })
  }

  async function answered(staff: string): Answer {
    await settled()
    return ok(viewed(staff))
  }

  /** Asked, and shown by the PBX, or not to be had. */
  async function ask(staff: string, asking: Asking): Answer {
    const applied = nothingApplied()
    const at = clock.now()
    if (asking.do === 'sign-in' && asking.signIn.telephony) seePlace(site, state, staff, asking.signIn, at, applied)
    toAgent(site, state, staff, { type: 'asked', at, asking }, applied)
    refused.delete(staff)
    const shown = until(staff, agent => agent.asking !== asking)
    take(applied)
    await shown
    const code = refused.get(staff)
    refused.delete(staff)
    return code === undefined ? answered(staff) : no(code)
  }

  async function asked(staff: string, by: Asker, decided: () => Result<Asking, ErrorCode>): Answer {
    if (!isStaff(staff)) return no('AGENT_NOT_FOUND')
    const forbidden = may(by, 'supervise', staff)
    if (forbidden) return no(forbidden)
    const asking = decided()
    if (!asking.ok) return asking
    return by.dryRun ? answered(staff) : ask(staff, asking.value)
  }

  /** Answers when the queues show that the wrap-up is over. */
  async function wrappedUp(staff: string): Answer {
    const isOver = await soon(until(staff, agent => agent.wrapUp === undefined))
    return isOver ? answered(staff) : no('PBX_SILENT')
  }

  async function endingWith(staff: string, code: string | undefined, by: Asker): Promise<ErrorCode | undefined> {
    if (code === undefined) return undefined
    if (!isStaff(staff)) return 'AGENT_NOT_FOUND'
    return may(by, 'supervise', staff) ?? codeGiven(agentOf(staff), code, by)
  }
  const codedBy = (staff: string, code: string | undefined) =>
    code === undefined ? agentOf(staff) : withCode(agentOf(staff))

  async function checkPassword(staff: string, given: string | undefined, by: Asker): Promise<ErrorCode | undefined> {
    const entry = state.directory.staff.get(staff)
    if (entry && (entry.passwordHash === undefined || (by.staff !== undefined && by.staff !== staff))) return undefined
    if (attempts.areTooMany(staff, clock.now())) return 'TOO_MANY_ATTEMPTS'
    // Counted before it is looked at: many at once are many.
    attempts.wasWrong(staff, clock.now())
    if (!(await isPassword(given ?? '', entry?.passwordHash))) return 'SIGN_IN_REFUSED'
    attempts.wasRight(staff)
    return undefined
  }

  const missing = (staff: string) =>
    (state.directory.staff.get(staff)?.workgroups ?? []).map(s => s.workgroup).filter(name => !isQueue(state, name))

  /** Of a phone that has just registered the PBX tells a moment later. */
  async function registered(place: string) {
    if (state.phones.get(place) !== 'unavailable') return
    let heard: () => void = () => undefined
    const coming = new Promise<void>(resolve => (heard = resolve))
    const others = registering.get(place) ?? new Set()
    registering.set(place, others.add(heard))
    await inTime(clock, REGISTERED_WITHIN_MS, coming)
    others.delete(heard)
    if (others.size === 0) registering.delete(place)
  }

  /** Somebody else who has signed in there, or is about to. */
  function holderOf(staff: string, extension: string): string | undefined {
    const holder = state.agentAt.get(extension)
    return holder === staff ? undefined : holder
  }

  /** Not in a call, nor while something else is being done with them. */
  function mayTakeOver(holder: string, by: Asker): ErrorCode | undefined {
    const { legs, asking } = agentOf(holder)
    return may(by, 'take-over-desk') ?? (legs.length > 0 || asking ? 'AGENT_BUSY' : undefined)
  }

  async function signIn(staff: string, given: SignInAsked, by: Asker): Answer {
    const wrong = (await checkPassword(staff, given.password, by)) ?? may(by, 'supervise', staff)
    if (wrong) return no(wrong)
    const telephony = given.telephony ?? given.extension !== undefined
    const extension = given.extension ?? ''
    // A queue may have been made since the PBX was last asked.
    if (telephony && pbxUp() && missing(staff).length > 0) await link.queues?.()
    const place = telephony ? endpointOf(extension) : undefined
    if (place !== undefined && pbxUp()) await registered(place)
    const agent = agentOf(staff)
    const command = { extension, telephony, ready: given.ready ?? site.agents.readyAtSignIn }
    const holder = telephony ? holderOf(staff, extension) : undefined
    const taking = holder !== undefined && given.force === true
    const forbidden = taking ? mayTakeOver(holder, by) : undefined
    const around = {
      at: clock.now(),
      interface: place,
      phone: place === undefined ? undefined : state.phones.get(place),
      takenBy: taking ? undefined : holder,
      missing: missing(staff),
      pbxUp: pbxUp(),
    }
    const asking = decideSignIn(agent, command, around, whyOf(by))
    if (!asking.ok) return asking
    if (forbidden) return no(forbidden)
    if (by.dryRun || isAlready(agent, asking.value)) return answered(staff)
    // First, while they are known to be in no call; and if it fails, nobody has lost their desk.
    if (taking) {
      const left = await ask(holder, { do: 'sign-out', cause: 'take-over', by: askerOf(by) })
      if (!left.ok) return left
    }
    if (phoneOf(agentOf(staff))) {
      const left = await ask(staff, { do: 'sign-out', ...whyOf(by) })
      if (!left.ok) return left
    }
    // Somebody else may have been quicker.
    if (holderOf(staff, extension) !== undefined) return no('EXTENSION_TAKEN')
    if (agentOf(staff).asking) return no('AGENT_BUSY')
    return ask(staff, asking.value)
  }

  return {
    signIn,
    signOut: (staff: string, { force = false }: { force?: boolean }, by: Asker): Answer =>
      asked(staff, by, () =>
        decideSignOut(agentOf(staff), force || (by.staff !== undefined && by.staff !== staff), pbxUp(), whyOf(by)),
      ),
    be: async (staff: string, wanted: Wanted, by: Asker, code?: string): Answer => {
      const decided = () => {
        const isOne = (reason: string) => isReason(state.directory, reason)
        return decideBe(codedBy(staff, code), wanted, isOne, pbxUp(), whyOf(by))
      }
      // What is refused gives no code either.
      const possible = code === undefined ? undefined : await asked(staff, { ...by, dryRun: true }, decided)
      if (possible && !possible.ok) return possible
      const wrong = await endingWith(staff, code, by)
      if (wrong) return no(wrong)
      const done = await asked(staff, by, decided)
      return done.ok && !by.dryRun && agentOf(staff).wrapUp?.over ? wrappedUp(staff) : done
    },
    workgroup: (staff: string, change: { workgroup: string; level?: number }, by: Asker): Answer =>
      asked(staff, by, () => {
        if (may(by, 'supervise')) return no('RIGHT_MISSING')
        const { workgroup, level } = change
        const penalty = level === undefined ? undefined : penaltyOf(level)
        return decideWorkgroup(
          agentOf(staff),
          { workgroup: state.queues.nameOf(workgroup), penalty },
          isQueue(state, workgroup),
          pbxUp(),
          whyOf(by),
        )
      }),
    /** Ends the wrap-up, or makes it longer by so much. */
    wrapUp: async (staff: string, change: { endNow: true; code?: string } | { byMs: number }, by: Asker): Answer => {
      if (!isStaff(staff)) return no('AGENT_NOT_FOUND')
      const forbidden = may(by, 'supervise', staff)
      if (forbidden) return no(forbidden)
      const code = 'byMs' in change ? undefined : change.code
      const before = 'byMs' in change ? decideWrapUp(agentOf(staff)) : decideEndWrapUp(codedBy(staff, code))
      if (!before.ok) return before
      const wrong = await endingWith(staff, code, by)
      if (wrong) return no(wrong)
      if (by.dryRun) return answered(staff)
      const at = clock.now()
      if ('byMs' in change) tell(staff, { type: 'wrap-up.extended', at, byMs: change.byMs })
      else {
        tell(staff, { type: 'wrap-up.ended', at, ...whyOf(by) })
        return wrappedUp(staff)
      }
      return answered(staff)
    },
    /** What whoever asks could have this agent do now, by the ends of the addresses. */
    allowed(staff: string, by: Asker): string[] {
      if (!isStaff(staff) || may(by, 'supervise', staff)) return []
      const [agent, why] = [agentOf(staff), whyOf(by)]
      const force = by.staff !== undefined && by.staff !== staff
      const could: Record<string, boolean> = {
        'sign-in': !agent.signedIn && !agent.asking,
        'sign-out': decideSignOut(agent, force, pbxUp(), why).ok,
        ready: decideBe(withCode(agent), { state: 'ready' }, () => true, pbxUp(), why).ok,
        'not-ready': decideBe(agent, { state: 'not-ready', reason: '' }, () => true, pbxUp(), why).ok,
        'wrap-up/end': decideWrapUp(agent).ok,
        'wrap-up/extend': decideWrapUp(agent).ok,
        'workgroups/add': !may(by, 'supervise') && phoneOf(agent) !== undefined && pbxUp(),
        'workgroups/remove': !may(by, 'supervise') && phoneOf(agent) !== undefined && pbxUp(),
      }
      return Object.keys(could).filter(name => could[name])
    },
    /** A phone is not as before. */
    phoneChanged({ device, phone }: PhoneSeen) {
      if (phone !== 'unavailable') for (const heard of registering.get(device) ?? []) heard()
    },
    /** Who has signed in there. */
    at(extension: string) {
      const staff = state.agentAt.get(extension)
      return staff === undefined ? undefined : { staff, name: state.directory.staff.get(staff)?.name ?? staff }
    },
    tell,
    viewed,
    may,
    isStaff,
    /** The PBX has said no, or nothing. */
    failed: (staff: string, code: ErrorCode) => void refused.set(staff, code),
    /** This agent is not as before. */
    look(staff: string) {
      const agent = state.agents.get(staff)
      for (const one of agent ? (waiting.get(staff) ?? []) : []) {
        if (!agent || !one.done(agent)) continue
        waiting.get(staff)?.delete(one)
        one.resolve()
      }
      if (waiting.get(staff)?.size === 0) waiting.delete(staff)
    },
  }
}

/** It has happened already. */
function isAlready(agent: Agent, asking: Asking): boolean {
  const [now, wanted] = [agent.signedIn, asking.do === 'sign-in' ? asking.signIn : undefined]
  if (!now || !wanted || now.telephony !== wanted.telephony) return false
  return !now.telephony || (wanted.telephony && now.extension === wanted.extension)
}
