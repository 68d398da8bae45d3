/** Callers whom the dialplan hands to the daemon: those who come in, and those who are to be asked how it was. The wiring. */
import type { Clock } from '../base/clock.js'
import { no } from '../base/result.js'
import type { Site } from '../calls/site.js'
import type { Action } from '../pbx/actions.js'
import type { Fact } from '../pbx/facts.js'
import type { Link } from '../pbx/link.js'
import type { RouteRules } from '../routing/decide.js'
import type { Verdict } from './confirm.js'
import { createHeld } from './held.js'
import { createInbound } from './inbound.js'
import type { PbxState } from './state.js'
import { createSurveys, type Surveys } from './surveys.js'

type Parts = {
  state: PbxState
  site: Site
  clock: Clock
  ari: Link | undefined
  rules: RouteRules
  surveys: Surveys
  newId: () => string
  see: (facts: readonly Fact[]) => void
  keepRunning: <T>(doing: Promise<T>) => Promise<T>
}

export function createHanded({ ari, rules, surveys: known, ...parts }: Parts) {
  const send = (action: Action): Promise<Verdict> => ari?.send(action, parts.newId()) ?? Promise.resolve(no('PBX_DOWN'))
  const inbound = createInbound({ ...parts, rules, send })
  const surveys = createSurveys({ ...parts, surveys: known, send })
  const held = createHeld({ clock: parts.clock, held: surveys.held, send })
  return {
    see(facts: readonly Fact[]) {
      inbound.see(facts)
      inbound.look()
      surveys.see(facts)
      held.look()
    },
    stop() {
      held.stop()
      surveys.stop()
    },
  }
}
