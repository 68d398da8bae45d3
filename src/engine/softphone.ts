/** The softphone bar: what can be done with live calls. The wiring of its parts; touches nothing itself. */
import { phoneOf } from '../agents/state.js'
import { sleep, type Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import type { CallId } from '../base/ids.js'
import { no, type Result } from '../base/result.js'
import type { AutoAnswer } from '../calls/decide.js'
import type { Site } from '../calls/site.js'
import { mayStaff } from '../directory/state.js'
import type { Right } from '../events/directory.js'
import type { Action } from '../pbx/actions.js'
import type { Fact } from '../pbx/facts.js'
import type { Link } from '../pbx/link.js'
import type { Asker } from './agent-commands.js'
import { createCallCommands } from './call-commands.js'
import { createCallActs } from './call-acts.js'
import { createCallPlans } from './call-plans.js'
import { confirm, type Judge, type Verdict, type Watch } from './confirm.js'
import type { createDialling } from './dialling.js'
import { createListenTones } from './listen-tones.js'
import { createHolds } from './holds.js'
import { createOutsidePlans } from './outside-plans.js'
import { createRecorder } from './recorder.js'
import type { PbxState } from './state.js'
import type { Surveys } from './surveys.js'
import { createTargets } from './targets.js'

type Parts = {
  state: PbxState
  site: Site
  clock: Clock
  link: Link
  ari: Link | undefined
  newId: () => string
  see: (facts: readonly Fact[]) => void
  watch: Watch
  command: (action: Result<Action, ErrorCode>, judgeOf: (actionId: string) => Judge) => Promise<Verdict>
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
  isStopping: () => boolean
  endpointOf: (extension: string) => string | undefined
  autoAnswerOf: (extension: string) => AutoAnswer
  may: (by: Asker, right: Right, staff?: string) => ErrorCode | undefined
  dialling: Pick<ReturnType<typeof createDialling>, 'judged' | 'count' | 'isOver'>
  settled: () => Promise<void>
  timeoutMs: number
  /** Whoever is listened to hears that it begins. */
  tellListened: boolean
  surveys: Surveys
}

export function createSoftphone(parts: Parts) {
  const { state, site, clock, link, ari, newId, see, watch, command, keepRunning, isStopping, endpointOf, may } = parts
  const busy = new Set<CallId>()
  const pause = (ms: number) => sleep(clock, ms)
  const send = (action: Action) => link.send(action, newId())
  const sendTool = (action: Action) => ari?.send(action, newId()) ?? Promise.resolve(no('PBX_DOWN' as const))

  const attach = (action: Action, judge: Judge): Promise<Verdict> => {
    if (!ari) return Promise.resolve(no('PBX_DOWN'))
    return confirm({ link: ari, watch, clock, withinMs: parts.timeoutMs }, action, newId(), judge)
  }
  const holds = createHolds({ state, clock, see, send, sendTool, attach, keepRunning })

  const tones = createListenTones({ attach, sendTool, pause, keepRunning })

  const groupsOf = (staff: string | undefined) =>
    (state.directory.staff.get(staff ?? '')?.workgroups ?? []).map(({ workgroup }) => workgroup)

  /** What rings at a colleague of one's own workgroups, or where nobody has signed in; else it takes a right. */
  function mayPickUp(by: Asker, extension: string | undefined): ErrorCode | undefined {
    const theirs = extension === undefined ? undefined : state.agentAt.get(extension)
    if (by.staff === undefined || theirs === undefined || theirs === by.staff) return undefined
    const own = groupsOf(by.staff)
    return groupsOf(theirs).some(group => own.includes(group)) ? undefined : may(by, 'supervise', theirs)
  }

  /** Of one's own workgroups; of all, for whoever is in none. An API key alone may hear everybody. */
  function mayListen(by: Asker, extension: string): ErrorCode | undefined {
    if (by.staff === undefined) return undefined
    if (!mayStaff(state.directory, by.staff, 'listen')) return 'RIGHT_MISSING'
    const own = groupsOf(by.staff)
    const theirs = groupsOf(state.agentAt.get(extension))
    return own.length === 0 || theirs.some(group => own.includes(group)) ? undefined : 'RIGHT_MISSING'
  }

  const { judged, count, isOver } = parts.dialling
  const acts = createCallActs({
    ...{ state, clock, newId, see, command, send, pause, keepRunning, endpointOf, autoAnswerOf: parts.autoAnswerOf },
  })
  const recorder = createRecorder({ state, acts, newId, attach, sendTool, keepRunning })
  const plans = {
    ...createCallPlans({
      ...{ clock, newId, site, acts, send, endpointOf, holds, surveys: parts.surveys },
      recorder,
      pause,
      targets: createTargets({ state, site, link, endpointOf, judged, count, isOver }),
    }),
    ...createOutsidePlans({ acts, send, mayListen, mayPickUp }),
  }

  const { forbiddenToEnd, ...commands } = createCallCommands({
    ...{ state, plans, may, surveys: parts.surveys.size > 0 },
    isReady: which => (which === 'ami' ? link : ari)?.status().state === 'ready',
    phoneOf: staff => {
      const agent = state.agents.get(staff)
      return agent && phoneOf(agent)?.extension
    },
    async alone(call, run) {
      if (isStopping()) return no('STOPPING')
      if (busy.has(call)) return no('CALL_BUSY')
      busy.add(call)
      try {
        const done = await keepRunning(run())
        await parts.settled()
        return done
      } finally {
        busy.delete(call)
      }
    },
  })

  return {
    commands,
    forbiddenToEnd,
    look(changed: Iterable<CallId>) {
      holds.look()
      recorder.look()
      acts.look(changed)
      if (!parts.tellListened) return
      for (const id of changed) {
        const call = state.calls.get(id)
        if (call) tones.look(call)
      }
    },
  }
}
