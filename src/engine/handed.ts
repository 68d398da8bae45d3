/**
 * Callers whom the dialplan hands to the daemon: those who come in, and those who are to be asked how it was. The wiring, and
 * what can be asked of it: where a call would go, and the emergency switch.
 */
import type { Clock } from '../base/clock.js'
import type { ErrorCode } from '../base/errors.js'
import type { CallId, EpochMs } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { placeOf, type Site } from '../calls/site.js'
import type { Area } from '../events/area.js'
import type { CallView } from '../events/call.js'
import type { Right } from '../events/directory.js'
import { PROMPT_PREFIX } from '../events/prompt.js'
import { iso } from '../events/event.js'
import type { EmergencyView, Routing } from '../events/routing.js'
import type { NumberWay } from '../numbers/read.js'
import type { Action } from '../pbx/actions.js'
import type { Fact } from '../pbx/facts.js'
import type { Link } from '../pbx/link.js'
import type { BlacklistRules } from '../routing/blacklist.js'
import type { Menus } from '../ivr/menus.js'
import type { LookUp } from '../ivr/reduce.js'
import { judgeCalendar } from '../routing/calendar.js'
import { toldOf, type RouteRules } from '../routing/decide.js'
import { askerOf, type Asker } from './agent-commands.js'
import { createCallBacks } from './call-backs.js'
import type { CallBackRules } from '../call-backs/reduce.js'
import { createQueueKeys, type QueueKeys } from './queue-keys.js'
import { createBlacklist } from './blacklist.js'
import type { Verdict } from './confirm.js'
import { createDedicated } from './dedicated.js'
import { createHeld } from './held.js'
import { createIvr } from './ivr.js'
import { createInbound } from './inbound.js'
import type { NumberList } from './number-list.js'
import { EMERGENCY_KEY, type PbxState, type Push } from './state.js'
import { createVoicemail, type VoicemailRules } from './voicemail.js'
import { createSurveys, type Surveys } from './surveys.js'

/** Where menus come from, and whom they may ask. */
export type MenuSource = { read: () => Result<Menus, string[]>; lookUp: (asked: LookUp) => Promise<unknown> }

type Parts = {
  state: PbxState
  site: Site
  clock: Clock
  link: Pick<Link, 'send' | 'status'>
  ari: Link | undefined
  /** How long callers who are with a daemon that dies wait for the next one. */
  callersWaitMs: number
  rules: RouteRules
  surveys: Surveys
  blacklist: { list: NumberList; rules: BlacklistRules }
  dedicated: NumberList
  areaOf: (e164: string | undefined) => Area
  ivr: MenuSource
  voicemail: VoicemailRules
  promptFile: (name: string) => string | undefined
  queueKeys: QueueKeys
  callBacks: CallBackRules
  dialOf: (number: string) => string | undefined
  note: (call: CallId, data: Record<string, string>) => Promise<unknown>
  callsWith: (number: string) => Promise<readonly CallView[]>
  endpointOf: (extension: string) => string | undefined
  newId: () => string
  see: (facts: readonly Fact[]) => void
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
  may: (by: Asker, right: Right, staff?: string) => ErrorCode | undefined
  push: Push
  settled: () => Promise<void>
  isStopping: () => boolean
}

export function createHanded({
  ari,
  rules,
  surveys: known,
  may,
  push,
  settled,
  isStopping,
  callersWaitMs,
  blacklist: turnedAway,
  dedicated: list,
  ivr: menusAsked,
  voicemail: boxes,
  promptFile,
  queueKeys: keys,
  callBacks: callBackRules,
  ...parts
}: Parts) {
  const { state, clock, site } = parts
  /** Sounds that are prompts, as the PBX calls them. */
  const named = (media: readonly string[]) =>
    media.map(sound =>
      sound.startsWith(PROMPT_PREFIX) ? (promptFile(sound.slice(PROMPT_PREFIX.length)) ?? sound) : sound,
    )
  const send = (action: Action): Promise<Verdict> => {
    const sent = action.do === 'say' ? { ...action, media: named(action.media) } : action
    return ari?.send(sent, parts.newId()) ?? Promise.resolve(no('PBX_DOWN'))
  }
  const areaHere = (number: string, way?: NumberWay) => parts.areaOf(placeOf(site, number, way).e164)
  const listing = { ...parts, may, isStopping }
  const blacklist = createBlacklist(listing, turnedAway)
  const dedicated = createDedicated(listing, { ...parts, list })
  let menus: Menus = read(menusAsked)
  const isOpen = (name: string, at: EpochMs) => {
    const calendar = rules.calendars.get(name)
    return calendar !== undefined && judgeCalendar(calendar, at).open
  }
  const callBacks = createCallBacks({ ...parts, rules: callBackRules, isOpen, push, settled, isStopping, may })
  const ivr = createIvr({
    ...parts,
    send,
    menus: () => menus,
    lookUp: menusAsked.lookUp,
    agentNow: dedicated.agentNow,
    isOpen,
    callBack: callBacks.ask,
  })
  const queueKeys = createQueueKeys({ ...parts, keys, ivr, isMenu: name => menus.has(name), send })
  const inbound = createInbound({ ...parts, rules, areaHere, blacklist, dedicated, ivr, send })
  const surveys = createSurveys({ ...parts, surveys: known, send })
  const voicemail = createVoicemail({ ...parts, rules: boxes, ari, push, settled, isStopping, may })
  const keep = (action: Action) => parts.link.send(action, parts.newId())
  const held = createHeld({
    clock,
    held: () => [...surveys.held(), ...inbound.held(), ...ivr.held()],
    waitMs: callersWaitMs,
    send: keep,
  })

  const emergency = (): EmergencyView => {
    const { on, since, by } = state.emergency ?? { on: false }
    return { on, ...(since !== undefined && { since: iso(since) }), ...(by !== undefined && { by }) }
  }

  return {
    see(facts: readonly Fact[]) {
      // Before callers are asked where they go: whoever was in a menu is to go on there.
      ivr.see(facts)
      inbound.see(facts)
      surveys.see(facts)
      voicemail.see(facts)
      queueKeys.see(facts)
      callBacks.see(facts)
      held.see(facts)
    },
    stop() {
      held.stop()
      callBacks.stop()
      ivr.stop()
      surveys.stop()
    },
    begin() {
      blacklist.begin()
      dedicated.begin()
      voicemail.begin()
      callBacks.begin()
    },
    menus: {
      all: (): Menus => menus,
      /** For callers who come from now on. All that is wrong, or the menus. */
      reload(by: Asker): Result<Menus, { code: ErrorCode; wrong?: string[] }> {
        const forbidden = may(by, 'route')
        if (forbidden) return no({ code: forbidden })
        const read = menusAsked.read()
        if (!read.ok) return no({ code: 'IVR_INVALID', wrong: read.error })
        menus = read.value
        return ok(menus)
      },
    },
    /** Where a number is at home. */
    area: areaHere,
    blacklist: blacklist.asked,
    dedicated: dedicated.asked,
    voicemail: voicemail.asked,
    callBacks: callBacks.asked,
    callBacksOf: callBacks.forCallers,
    /** What became of an e-mail about a message. */
    mailed: voicemail.mailed,
    asked: {
      /** Where a call would go, and why. */
      preview: async (from: string, dialled: string, at: EpochMs = clock.now()): Promise<Routing> =>
        toldOf(await inbound.decide(from, dialled, at)),
      emergency,
      /** Answers when it is stored, so that it is on after a restart, too. */
      async setEmergency(on: boolean, by: Asker): Promise<Result<EmergencyView, ErrorCode>> {
        if (isStopping()) return no('STOPPING')
        const forbidden = may(by, 'route')
        if (forbidden) return no(forbidden)
        if (on !== (state.emergency?.on === true)) {
          state.emergency = { on, since: clock.now(), by: askerOf(by) }
          push([], [[EMERGENCY_KEY, { id: EMERGENCY_KEY, emergency: state.emergency }]])
        }
        await settled()
        return ok(emergency())
      },
    },
  }
}

/** They were sound when the configuration was read; what is wrong since, leaves no menu. */
function read({ read: readAll }: MenuSource): Menus {
  const menus = readAll()
  return menus.ok ? menus.value : new Map()
}
