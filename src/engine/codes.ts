/** Feature codes: what an agent dials on their phone does the same as a command, and the phone hears what came of it. */
import type { ErrorCode } from '../base/errors.js'
import type { LegId } from '../base/ids.js'
import type { Result } from '../base/result.js'
import type { CodeAnswer } from '../pbx/actions.js'
import type { Fact, FeatureCode } from '../pbx/facts.js'
import type { Link } from '../pbx/link.js'
import { legOf } from '../calls/state.js'
import type { createAgentCommands } from './agent-commands.js'
import type { PbxState } from './state.js'

type Dialled = Extract<Fact, { type: 'code.dialled' }>

/** What is carried out, and answered. */
type Told = Dialled & { code: Exclude<FeatureCode, 'extension'> }

type Parts = {
  state: PbxState
  link: Pick<Link, 'send'>
  newId: () => string
  commands: Pick<ReturnType<typeof createAgentCommands>, 'signIn' | 'signOut' | 'be'>
}

/** `8001*1234`: the staff id and the password, which then is of digits. */
const SIGN_IN = /^([A-Za-z0-9_-]{1,32})(?:\*([0-9]{1,32}))?$/

export function createCodes({ state, link, newId, commands }: Parts) {
  function extensionAt(leg: LegId) {
    const call = state.callOf.get(leg)
    return call && legOf(state.calls.get(call) ?? { legs: [] }, leg)?.extension
  }

  /** Without an answer the dialplan says what it knows itself. */
  async function tellExtension({ leg }: Dialled) {
    const extension = extensionAt(leg)
    if (extension !== undefined) await link.send({ do: 'tell-extension', leg, extension }, newId())
  }

  async function carryOut({ code, digits, leg }: Told): Promise<Result<unknown, ErrorCode> | undefined> {
    const extension = extensionAt(leg)
    if (extension === undefined) return undefined
    if (code === 'sign-in') {
      const [, staff, password] = SIGN_IN.exec(digits) ?? []
      if (staff === undefined) return undefined
      const asked = { extension, telephony: true, ...(password === undefined ? {} : { password }) }
      return commands.signIn(staff, asked, { staff, phone: true })
    }
    const staff = state.agentAt.get(extension)
    if (staff === undefined) return undefined
    const by = { staff, phone: true } as const
    if (code === 'sign-out') return commands.signOut(staff, {}, by)
    return commands.be(staff, code === 'ready' ? { state: 'ready' } : { state: 'not-ready', reason: digits }, by)
  }

  return {
    async dialled(fact: Dialled) {
      const { code } = fact
      if (code === 'extension') return tellExtension(fact)
      const done = await carryOut({ ...fact, code })
      const answer: CodeAnswer = done?.ok === true ? ANSWERS[code] : 'refused'
      // Should the phone have hung up meanwhile, nobody is there to hear it.
      await link.send({ do: 'answer-code', leg: fact.leg, answer }, newId())
    },
  }
}

const ANSWERS = { 'sign-in': 'signed-in', 'sign-out': 'signed-out', ready: 'ready', 'not-ready': 'not-ready' } as const
