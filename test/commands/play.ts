/** Plays one call of a run of random commands at a real exchange, and finds what is at fault with it. Touches the stage it is handed. */
import type { AmiSession } from '../../lab/ami.js'
import type { Phone } from '../../lab/phone.js'
import { retry } from '../../lab/wait.js'
import { sleep } from '../../src/base/clock.js'
import type { CallView } from '../../src/events/call.js'
import type { Answer, Exchange } from '../given/exchange.js'
import { doneAnyway, hasAnswered, isAboutWhatIsAsked, missing, type Asked } from './proof.js'
import { wrongRight } from './people.js'
import { OUTSIDE, type Act, type Extension, type Script, type Start, type Step } from './script.js'
import type { Watcher } from './silence.js'

/** `kind`: by which the same fault is known again. */
export type Fault = Readonly<{ kind: string; text: string }>
export type Played = Readonly<{ script: Script; said: readonly string[]; faults: readonly Fault[] }>
export type Stage = Pick<Exchange, 'lab' | 'crm'> &
  Readonly<{ phones: Readonly<Record<Extension | 'customer', Phone>>; ami: AmiSession; silence: Watcher }>
/** What is to happen next, drawn or read; undefined: nothing more. */
export type Next = (now: Now) => Promise<Step | undefined> | Step | undefined
export type Now = Readonly<{ call: CallView; actionsAt: (extension: string) => Promise<readonly string[]> }>

type Answered = Answer<CallView & { code?: string }>
type Person = Readonly<{ at: Extension | 'customer'; act: Act }>

const OUTSIDE_NUMBERS = { plain: '01701234567', field: '13900000999' } as const
const BEGINS_WITHIN_MS = 10_000
const SHOWN_WITHIN_MS = 1_500
const OVER_WITHIN_MS = 15_000
/** A caller who is left alone is found so. */
const AFTERWARDS_MS = 2_500

/** The PBX is gone: what is played next needs another one. */
export const PBX_ENDED = 'PBX ended'

const isRefused = ({ status }: Answered) => status >= 400 && status < 500
const said = ({ command, at, body: asked }: Asked, { status, body }: Answered) =>
  `${[command, at, asked['to'], asked['by']].filter(Boolean).join(' ')} ${status}${body.code === undefined ? '' : ` ${body.code}`}`

function hasCall(phone: Phone): boolean {
  const closed = new Set(phone.history().flatMap(({ type, callId }) => (type === 'closed' ? [callId] : [])))
  return phone.history().some(({ callId }) => callId !== '' && !closed.has(callId))
}

/** Of a PBX that has crashed nothing else can be said: what follows, follows from that. */
async function whatEndedThePbx({ lab: { asterisk } }: Stage, faults: Fault[]): Promise<Fault[]> {
  if (asterisk.pid() !== undefined) return faults
  return [{ kind: PBX_ENDED, text: `the PBX has ended: ${(await asterisk.ended()).trim()}` }]
}

export async function play(stage: Stage, start: Start, next: Next): Promise<Played> {
  const { lab, crm, phones, silence } = stage
  const [steps, lines, faults]: [Step[], string[], Fault[]] = [[], [], []]
  const fault = (kind: string, text: string) => void faults.push({ kind, text })
  const live = async () => (await crm.get<{ calls: CallView[] }>('/v1/calls')).body.calls
  const number = (to: string) => to.replace(OUTSIDE, OUTSIDE_NUMBERS[lab.profile.name])

  async function begin(): Promise<CallView | undefined> {
    for (const phone of Object.values(phones)) phone.meet(start.answers ? { afterMs: 60 } : 'manual')
    if (start.by === undefined) await phones.customer.dial(lab.profile.fromOutside(start.to))
    else {
      const dialled = await crm.post<{ code?: string }>('/v1/calls', { from: start.by, to: number(start.to) })
      if (dialled.status !== 201) fault('dial', `${dialled.status} ${dialled.body.code ?? ''}`)
    }
    const fits = ({ state }: CallView) => state === 'talking' || (!start.answers && state === 'ringing')
    return retry(lab.clock, 'the call to begin', BEGINS_WITHIN_MS, async () => (await live()).find(fits)).catch(
      () => undefined,
    )
  }

  const actionsAt = (id: string) => async (extension: string) =>
    (await crm.get(`/v1/calls/${id}?actions=true&extension=${extension}`)).body.actions ?? []

  /** `@` becomes the newest transfer, a leg is found by its phone. */
  function address({ command, body }: Asked, call: CallView): { path: string; body: Record<string, unknown> } {
    const transfer = call.transfers.findLast(t => t.state !== 'done')?.id ?? 'none'
    const leg = typeof body['leg'] === 'string' ? body['leg'] : ''
    const found = call.legs.findLast(l => l.state !== 'gone' && `@${l.extension ?? l.trunk ?? ''}` === leg)
    return {
      path: `/v1/calls/${call.id}/${command.replace('@', transfer)}`,
      body: {
        ...body,
        ...(leg !== '' && { leg: found?.id ?? 'none' }),
        ...(typeof body['to'] === 'string' && { to: number(body['to']) }),
      },
    }
  }

  const send = (asked: Asked, call: CallView, query = ''): Promise<Answered> => {
    const { path, body } = address(asked, call)
    return crm.post<CallView & { code?: string }>(`${path}${query}`, body)
  }

  async function command(asked: Asked, call: CallView, dryRun: boolean) {
    const by = typeof asked.body['by'] === 'string' ? `&by=${asked.body['by']}` : ''
    const { body: before } = await crm.get(`/v1/calls/${call.id}?actions=true&extension=${asked.at}${by}`)
    const early = stage.ami.frames.history.length
    const dry = dryRun ? await send(asked, before, '?dryRun=true') : undefined
    const { body: between } = dry ? await crm.get(`/v1/calls/${call.id}`) : { body: before }
    const from = stage.ami.frames.history.length
    const answer = await send(asked, before)
    const meanwhile = () => stage.ami.frames.history.slice(from)
    const line = said(asked, answer)
    lines.push(line)
    if (answer.status >= 500) return fault(`${asked.command} ${answer.body.code ?? ''}`, line)
    const wrong = wrongRight(asked, before, answer.status, answer.body.code)
    if (wrong !== undefined) fault(`right ${asked.command}`, `${line}: ${wrong}`)
    const { body: after } = await crm.get(`/v1/calls/${call.id}`)
    const isSame = after.revision === before.revision
    // Of a command that was carried out, a phone that has answered meanwhile is the reason why the dry run said no.
    const isSameForBoth = dry && isRefused(dry) ? between.revision === before.revision && !hasAnswered(before, stage.ami.frames.history.slice(early)) : isSame // prettier-ignore
    if (dry && dry.status < 300 !== answer.status < 300 && isSameForBoth)
      if (answer.body.code !== 'EXTENSION_UNREACHABLE') fault(`dry run ${asked.command}`, `${line}; the dry run ${dry.status} ${dry.body.code ?? ''}`) // prettier-ignore
    if (!isRefused(answer)) return shown(asked, before, answer, meanwhile)
    const done = doneAnyway(meanwhile())
    if (done !== undefined) fault(`done anyway ${asked.command}`, `${line}; the PBX: ${done}`)
    const listed = before.actions?.some(action => address(asked, before).path.endsWith(`/${before.id}/${action}`))
    if (listed && isSame && !isAboutWhatIsAsked(asked, answer.body.code ?? ''))
      fault(`actions ${asked.command}`, `${line}, although listed`)
  }

  async function shown(
    asked: Asked,
    before: CallView,
    answer: Answered,
    meanwhile: () => readonly Record<string, string>[],
  ) {
    const { body } = address(asked, before)
    await retry(lab.clock, 'the PBX to show it', SHOWN_WITHIN_MS, () =>
      Promise.resolve(missing({ ...asked, body }, before, meanwhile()) ? undefined : true),
    ).catch(() => fault(`not shown ${asked.command}`, `${said(asked, answer)}, and the PBX shows nothing of it`))
  }

  /** Without a call, a phone would wait for the next one. */
  const person = async ({ at, act }: Person) => {
    lines.push(`the phone of ${at}: ${act}`)
    if (!hasCall(phones[at])) return
    if (act === 'hangup') return phones[at].letGo().catch(() => undefined)
    await phones[at][act]().catch(() => undefined)
  }

  async function step(one: Step, call: CallView) {
    await sleep(lab.clock, one.afterMs)
    if (one.do === 'phone') return person(one)
    if (one.do === 'command') return command(one.asked, call, one.dryRun === true)
    const { other } = one
    const { body: before } = await crm.get(`/v1/calls/${call.id}`)
    const from = stage.ami.frames.history.length
    const answers = await Promise.all([
      send(one.one, before).then(answer => ({ asked: one.one, answer })),
      'act' in other ? person(other) : send(other, before).then(answer => ({ asked: other, answer })),
    ])
    for (const told of answers) {
      if (!told) continue
      const { asked, answer } = told
      lines.push(`${said(asked, answer)}, at once`)
      if (answer.status >= 500) fault(`${asked.command} ${answer.body.code ?? ''} (race)`, lines.at(-1) ?? '')
      else if (!isRefused(answer)) await shown(asked, before, answer, () => stage.ami.frames.history.slice(from))
    }
  }

  async function finish() {
    // Whoever is left alone now is found so, before all is cleared.
    await sleep(lab.clock, AFTERWARDS_MS)
    for (const text of silence.found()) fault('silence', text)
    for (const { id } of await live()) await crm.post(`/v1/calls/${id}/hangup`)
    await Promise.all(Object.values(phones).map(phone => phone.clear().catch(() => undefined)))
    const empty = async () => ((await live()).length === 0 && silence.channels() === 0 ? true : undefined)
    await retry(lab.clock, 'all to be over', OVER_WITHIN_MS, empty).catch(async () => {
      const left = (await live()).map(({ id, state }) => `${id} ${state}`)
      fault('left', `left: calls ${left.join(', ') || 'none'}; channels ${silence.channels()}`)
    })
    silence.found()
  }

  silence.found()
  let call = await begin()
  if (!call)
    fault(
      'begin',
      `the call to ${start.to} has not begun; the last events of 1001: ${phones['1001']
        .history()
        .slice(-4)
        .map(e => `${e.name} ${e.detail}`)
        .join(', ')}`,
    )
  while (call) {
    const one = await next({ call, actionsAt: actionsAt(call.id) })
    if (!one) break
    steps.push(one)
    await step(one, call)
    call = (await live())[0]
  }
  await finish()
  return { script: { start, steps }, said: lines, faults: await whatEndedThePbx(stage, faults) }
}
