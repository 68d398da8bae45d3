/**
 * Random commands on random calls of a real exchange, as a seed decides. For each fault the same call is played again with fewer
 * steps, until nothing can be left out. Touches a lab of its own.
 */
import type { Fields } from '../../lab/ami.js'
import { drawFrom, type Draw } from '../../lab/mix/seed.js'
import { openCustomer, openPhone } from '../../lab/phone.js'
import type { ProfileName } from '../../lab/profiles.js'
import type { AsteriskVersion } from '../../lab/recipe.js'
import { answerTrunk } from '../../lab/sipp.js'
import { listen } from '../../lab/stories/stage.js'
import { retry } from '../../lab/wait.js'
import { systemClock } from '../../src/base/system.js'
import type { CallView } from '../../src/events/call.js'
import { DIRECTORY } from '../given/agents.js'
import { anExchange } from '../given/exchange.js'
import { brokenAfterwards } from './afterwards.js'
import { SIGNED_IN } from './people.js'
import { PBX_ENDED, play, type Next, type Played, type Stage } from './play.js'
import { drawCommand, drawStart, drawStep, EXTENSIONS, smaller, type Script } from './script.js'
import { watchSilence } from './silence.js'

export type CommandRun = Readonly<{
  calls: number
  seed: number
  asterisk?: AsteriskVersion
  profile?: ProfileName
  /** No call is begun later. */
  minutes?: number
  /** Plays this instead. */
  script?: Script
  /** How often a call at fault is played again to make it smaller. */
  tries?: number
  told?: (line: string) => void
  /** Hears each event of the PBX. */
  onFrame?: (frame: Fields) => void
}>
export type Failure = Readonly<{ call: number; kind: string; text: string; smallest: Script; said: readonly string[] }>
export type CommandsRan = Readonly<{
  calls: number
  commands: number
  carriedOut: number
  failures: readonly Failure[]
  broken: readonly string[]
}>

const MOST_STEPS = 6
const TRIES = 10
const SIGNED_IN_WITHIN_MS = 10_000
const SURVEY = {
  name: 'service',
  questions: [{ id: 'rating', ask: ['beep'], answers: { 1: { meaning: 'good' } }, waitMs: 500, retries: 0 }],
}

/** A PBX that crashes is a fault; the calls after it are played on another one. */
export async function runCommands(run: CommandRun): Promise<CommandsRan> {
  const until = systemClock.now() + (run.minutes ?? Infinity) * 60_000
  let ran: CommandsRan = { calls: 0, commands: 0, carriedOut: 0, failures: [], broken: [] }
  do {
    const more = await onNewStage(run, ran.calls, until)
    ran = {
      calls: ran.calls + more.calls,
      commands: ran.commands + more.commands,
      carriedOut: ran.carriedOut + more.carriedOut,
      failures: [...ran.failures, ...more.failures],
      broken: [...ran.broken, ...more.broken],
    }
  } while (ran.calls < run.calls && systemClock.now() < until)
  return ran
}

async function onNewStage(run: CommandRun, from: number, until: number): Promise<CommandsRan> {
  const undo: (() => unknown)[] = []
  try {
    const t = { teardown: (step: unknown) => void undo.push(step as () => unknown) }
    return await onStage(run, from, until, await openStage(run, t))
  } finally {
    for (const step of undo.reverse()) await step()
  }
}

async function openStage(
  { asterisk = '22', profile = 'plain', onFrame }: CommandRun,
  t: { teardown: (step: unknown) => void },
) {
  const agents = profile === 'plain' ? { agents: { directory: DIRECTORY } } : {}
  const { lab, crm } = await anExchange(t, { asterisk, profile, ringForS: 4, surveys: [SURVEY], ...agents })
  const trunk = await answerTrunk(lab, { ringMs: 200 })
  t.teardown(() => trunk.kill())
  const [customer, one, two, three] = await Promise.all([
    openCustomer(lab, lab.profile.customers.customer),
    ...EXTENSIONS.map(extension => openPhone(lab, { extension })),
  ])
  if (!one || !two || !three) throw new Error('no phones')
  const phones = { customer, '1001': one, '1002': two, '1003': three }
  t.teardown(() => Promise.all(Object.values(phones).map(phone => phone.close())))
  const ami = await listen(lab)
  if (onFrame) ami.frames.onEach(onFrame)
  const silence = watchSilence(ami, lab.clock)
  t.teardown(() => {
    silence.stop()
    ami.close()
  })
  for (const [staff, extension] of Object.entries(SIGNED_IN))
    await retry(lab.clock, `${staff} to be signed in`, SIGNED_IN_WITHIN_MS, async () =>
      (await crm.post(`/v1/agents/lab:${staff}/sign-in`, { extension })).status === 200 ? true : undefined,
    )
  const stream = await crm.webSocket()
  t.teardown(() => stream.close())
  return { stage: { lab, crm, phones, ami, silence } satisfies Stage, stream }
}

/** The baresip of that release answers no second call by itself while the first one rings, which these want of it. */
const OF_RINGING = ['pickup', 'unpark', 'listen', 'take-over'] as const
const cannot = (asterisk: AsteriskVersion, { legs }: CallView, at: string): ReadonlySet<string> =>
  asterisk === '22'
    ? new Set()
    : new Set(['answer', ...(legs.some(l => l.extension === at && l.state === 'ringing') ? OF_RINGING : [])])

/** As many steps as the draw says, each drawn for the call as it is then. */
function drawn(draw: Draw, answers: boolean, asterisk: AsteriskVersion): Next {
  let left = draw.between(1, MOST_STEPS)
  return async ({ call, actionsAt }) => {
    if (left-- === 0) return undefined
    const inside = call.legs.filter(l => l.state !== 'gone' && l.role !== 'monitor').flatMap(l => l.extension ?? [])
    const all = draw.byShare({ inside: 8, any: 2 }) === 'inside' && inside.length > 0 ? inside : EXTENSIONS
    const at = all[draw.between(0, all.length - 1)] ?? EXTENSIONS[0]
    const actions = await actionsAt(at)
    return drawStep(draw, answers, () => drawCommand(draw, call, at, actions, cannot(asterisk, call, at)))
  }
}

function read({ steps }: Script): Next {
  let at = 0
  return () => steps[at++]
}

/** From the call with this number on, as long as there is a PBX. */
async function onStage(
  run: CommandRun,
  from: number,
  until: number,
  { stage, stream }: Awaited<ReturnType<typeof openStage>>,
): Promise<CommandsRan> {
  const { calls: most, asterisk = '22', seed, script, tries = TRIES, told = () => undefined } = run
  const failures: Failure[] = []
  const lines: string[] = []
  const again = (one: Script) => play(stage, one.start, read(one))
  const { clock } = stage.lab
  let [n, ended] = [from, false]
  for (; n < most && clock.now() < until && !ended; n += 1) {
    const draw = drawFrom(seed + n)
    const start = script?.start ?? drawStart(draw)
    const played = await play(stage, start, script ? read(script) : drawn(draw, start.answers, asterisk))
    lines.push(...played.said)
    told(`call ${n} to ${start.to}: ${played.said.join('; ')}`)
    for (const { kind, text } of played.faults) told(`  FAULT ${kind}: ${text}`)
    const [first] = played.faults
    if (!first) continue
    told(`  played: ${JSON.stringify(played.script)}`)
    ended = first.kind === PBX_ENDED
    const smallest = ended ? played : await shrink(again, played, first.kind, tries)
    const call = n
    failures.push(...played.faults.map(fault => ({ call, ...fault, smallest: smallest.script, said: smallest.said })))
    ended ||= stage.lab.asterisk.pid() === undefined
    told(`  smallest: ${JSON.stringify(smallest.script)}`)
  }
  const asked = lines.filter(line => / \d{3}( |$|,)/.test(line))
  return {
    calls: n - from,
    commands: asked.length,
    carriedOut: asked.filter(line => / 20[01]( |$|,)/.test(line)).length,
    failures,
    // A PBX that crashed has not written to the end.
    broken: ended ? [] : await brokenAfterwards(stage, stream),
  }
}

/** Leaves out one step after the other, as long as the same fault comes of it. */
async function shrink(
  again: (script: Script) => Promise<Played>,
  found: Played,
  kind: string,
  tries: number,
): Promise<Played> {
  let [best, left] = [found, tries]
  for (let shrunk = true; shrunk;) {
    shrunk = false
    for (const script of smaller(best.script)) {
      if (left-- <= 0) return best
      const played = await again(script)
      if (played.faults[0]?.kind === PBX_ENDED) return best
      if (!played.faults.some(fault => fault.kind === kind)) continue
      best = played
      shrunk = true
      break
    }
  }
  return best
}
