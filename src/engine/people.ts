/**
 * Agents, extensions and the directory, as the engine has them: what can be asked of them, and what follows from facts. The
 * wiring of their parts; what is to be told and stored goes back to the engine.
 */
import { inTime, type Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import type { Site } from '../calls/site.js'
import type { Change, Refused } from '../directory/decide.js'
import { isEmpty, type Directory, type Kept } from '../directory/state.js'
import type { AgentView, ExtensionView } from '../events/agent.js'
import type { Workgroup } from '../events/directory.js'
import type { Fact } from '../pbx/facts.js'
import type { Link } from '../pbx/link.js'
import { askerOf, createAgentCommands, type Asker } from './agent-commands.js'
import { createAgentDriver } from './agent-driver.js'
import { createAgentTeller } from './agent-teller.js'
import { agentKey, everybodyAway, storedAgent } from './agents.js'
import { nothingApplied, type Applied } from './apply.js'
import type { PublicEvent } from '../events/event.js'
import { createCodes } from './codes.js'
import type { createNotes } from './notes.js'
import { createWrapUpCodes } from './wrap-up-codes.js'
import { adoptedOf, changeDirectory, decideIn, knowAll, loadDirectory, storedEntry } from './directory.js'
import { createExtensionTeller } from './extension-teller.js'
import { storedLine } from './lines.js'
import type { PbxState } from './state.js'

type Parts = {
  site: Site
  state: PbxState
  clock: Clock
  link: Link
  newId: () => string
  endpointOf: (extension: string) => string | undefined
  commandTimeoutMs: number
  directory: Directory | undefined
  take: (applied: Applied) => void
  settled: () => Promise<void>
  /** Waited for, when the daemon stops. */
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
  isStopping: () => boolean
  notes: () => ReturnType<typeof createNotes>
}

export function createPeople(parts: Parts) {
  const { site, state, clock, link, newId, endpointOf, take, settled, keepRunning, isStopping } = parts
  const teller = createAgentTeller(site, state, clock.now)
  const lines = createExtensionTeller(site, state, clock.now)
  const codesOfCalls = createWrapUpCodes({
    ...{ state, clock, notes: parts.notes },
    tell: (staff, fact) => commands.tell(staff, fact),
    may: (by, right, staff) => commands.may(by, right, staff),
  })
  const commands = createAgentCommands({
    codeGiven: codesOfCalls.ofWrapUp,
    site,
    state,
    clock,
    link,
    endpointOf,
    take,
    settled,
    published: teller.view,
    soon: coming => inTime(clock, parts.commandTimeoutMs, coming),
  })
  const driver = createAgentDriver({
    state,
    link,
    clock,
    newId,
    withinMs: parts.commandTimeoutMs,
    tell: commands.tell,
    failed: commands.failed,
  })
  const codes = createCodes({ state, link, newId, commands })

  /** Not begun any more when the daemon stops; waited for, once begun. */
  const begun = <A extends unknown[], T>(doing: (...args: A) => Promise<Result<T, ErrorCode>>) => {
    return (...args: A): Promise<Result<T, ErrorCode>> =>
      isStopping() ? Promise.resolve(no('STOPPING')) : keepRunning(doing(...args))
  }

  /** Whom the directory has, and who has signed in. */
  const views = (): AgentView[] =>
    [...new Set([...state.directory.staff.keys(), ...state.agents.keys()])].map(commands.viewed)

  const agents = {
    signIn: begun(commands.signIn),
    signOut: begun(commands.signOut),
    be: begun(commands.be),
    wrapUp: begun(commands.wrapUp),
    wrapUpCode: begun(codesOfCalls.ofCall),
    workgroup: begun(commands.workgroup),
    allowed: (staff: string, by: Asker) => commands.allowed(staff, by),
    at: (extension: string) => commands.at(extension),
    async list(): Promise<AgentView[]> {
      const now = views()
      await settled()
      return now
    },
    async one(staff: string): Promise<AgentView | undefined> {
      const now = commands.isStaff(staff) || state.agents.has(staff) ? commands.viewed(staff) : undefined
      await settled()
      return now
    },
  }

  const extensions = {
    async list(): Promise<ExtensionView[]> {
      const now = lines.views()
      await settled()
      return now
    },
  }

  const directory = {
    now: (): Directory => state.directory,
    /** Queues that the PBX alone has. */
    adopted: (): Workgroup[] => adoptedOf(state),
    async change(change: Change, by: Asker): Promise<Result<Kept | undefined, Refused>> {
      if (isStopping()) return no({ code: 'STOPPING' })
      if (commands.may(by, 'direct')) return no({ code: 'RIGHT_MISSING' })
      if (by.dryRun) {
        const decided = decideIn(state, change)
        return decided.ok ? ok(state.directory[change.kind].get(change.id)) : decided
      }
      const applied = nothingApplied()
      const changed = changeDirectory(state, change, { site, at: clock.now(), by: askerOf(by) }, applied)
      take(applied)
      await settled()
      return changed
    },
  }

  return {
    views,
    asked: { agents, extensions, directory },
    may: commands.may,
    /** Nothing is heard of the PBX yet. A directory that the store does not have is the one of the file. */
    begin() {
      const applied = nothingApplied()
      everybodyAway(site, state, state.downSince ?? clock.now(), applied)
      if (parts.directory && isEmpty(state.directory))
        loadDirectory(state, parts.directory, { site, at: clock.now(), by: 'file' }, applied)
      knowAll(state, clock.now(), applied)
      take(applied)
    },
    see(facts: readonly Fact[]) {
      for (const fact of facts) {
        if (fact.type === 'code.dialled') void keepRunning(codes.dialled(fact))
        if (fact.type === 'phone.changed') commands.phoneChanged(fact)
      }
    },
    /** Of each agent and each extension at most one. */
    news: (applied: Applied): PublicEvent[] => [
      ...(applied.agents.size > 0 ? teller.news(applied) : []),
      ...lines.news(applied),
    ],
    /** What is to be stored as it is now. */
    stored: ({ agents: staff, entries, lines: changed }: Applied) => [
      ...[...staff].map(one => [agentKey(one), storedAgent(state, one)] as const),
      ...[...entries].map(key => [key, storedEntry(state, key)] as const),
      ...[...changed].map(key => [key, storedLine(state, key)] as const),
    ],
    look(staff: string) {
      commands.look(staff)
      driver.look(staff)
    },
    stop: driver.stop,
  }
}
