/**
 * What agents cost: 500 of them in 50 workgroups, three each, sign in at once; then 100 changes of state each second. From a
 * command over HTTP to the event that confirms it on a WebSocket, beside the bare AMI action and its events, at members of
 * the same queues, in turns. Then the same calls with agents and with members of whom the daemon knows nothing. In the end
 * what the daemon has of the queues is compared with what Asterisk shows.
 */
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Agent, request, setGlobalDispatcher } from 'undici'
import { WebSocket } from 'ws'
import { stringify } from 'yaml'
import type { Lab } from '../lab/lab.js'
import { answerLoad, callers } from '../lab/sipp.js'
import { retry } from '../lab/wait.js'
import { elapsedMs, systemClock } from '../src/base/system.js'
import { sleep } from '../src/base/clock.js'
import type { QueueView } from '../src/events/queue.js'
import { cpuMs } from './cpu.js'
import { median, quantile, ratioOf, type Bench, type Measured, type Wanted } from './report.js'
import { KEY, openRig, type Daemon } from './rig.js'

const AGENTS = 500
const QUEUES = 50
const EACH = 3
const CHANGES_PER_S = 100
const SECONDS = 60
const ROUNDS = 6
const CALLS_PER_S = 10
const PATIENCE_MS = 60_000
const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }

const numbers = Array.from({ length: AGENTS }, (_, i) => i)
/** Phones of agents from 1200 on; as many again, from 12000 on, for what is done without the daemon. */
const extensionOf = (n: number) => String(1200 + n)
const bareOf = (n: number) => `PJSIP/${12_000 + n}`
const queuesOf = (n: number) => Array.from({ length: EACH }, (_, i) => `bench-${((n + i * 17) % QUEUES) + 1}`)

const phone = (name: string) =>
  `[${name}](anyone)\ncontext = from-phones\naors = ${name}\n\n[${name}]\ntype = aor\ncontact = sip:${name}@{{loadHost}}:{{loadPort}}\n`
const more = {
  'pjsip.conf': numbers.map(n => `${phone(extensionOf(n))}\n${phone(String(12_000 + n))}`).join('\n'),
  'queues.conf': Array.from({ length: QUEUES }, (_, i) => `[bench-${i + 1}](brief)\nstrategy = rrmemory\n`).join('\n'),
  'extensions.conf': `[queues](+)
exten => 2500,1,Answer()
 same => n,Set(QUEUE=bench-\${RAND(1,${QUEUES})})
 same => n,Queue(\${QUEUE},tT,,,20)
 same => n,Gosub(aladdin-queue,s,1(\${QUEUE}))
 same => n,Hangup()
`,
}

const directory = () =>
  stringify({
    workgroups: Array.from({ length: QUEUES }, (_, i) => ({ id: `bench-${i + 1}`, name: `Bench ${i + 1}` })),
    staff: numbers.map(n => ({
      id: `a${n}`,
      name: `Agent ${n}`,
      workgroups: queuesOf(n).map(workgroup => ({ workgroup, level: 10 })),
    })),
  })

type Bare = { ask: (n: number, fields: readonly string[], event: string) => Promise<number>; close: () => void }

/** Sends one action for each queue, or one for all of them, and waits for as many events of this member. */
function openBare({ asterisk }: Lab): Promise<Bare> {
  const { host, port, user, secret } = asterisk.ami
  const waiting = new Map<string, { left: number; done: () => void }>()
  let rest = ''
  return new Promise((resolve, reject) => {
    const socket = connect(port, host)
    socket.setNoDelay(true).setEncoding('latin1').once('error', reject)
    socket.on('data', (more: unknown) => {
      rest += String(more)
      const frames = rest.split('\r\n\r\n')
      rest = frames.pop() ?? ''
      for (const frame of frames) {
        if (frame.includes('Message: Authentication accepted')) resolve({ ask, close: () => socket.destroy() })
        const [, event, place] = /^Event: (\w+)[^]*?\r\nInterface: (\S+)/.exec(frame) ?? []
        const one = waiting.get(`${event} ${place}`)
        if (one && --one.left === 0) one.done()
      }
    })
    const ask = (n: number, actions: readonly string[], event: string) => {
      const begun = elapsedMs()
      return new Promise<number>(done => {
        waiting.set(`${event} ${bareOf(n)}`, { left: EACH, done: () => done(elapsedMs() - begun) })
        socket.write(actions.map(action => `${action}\r\nInterface: ${bareOf(n)}\r\n\r\n`).join(''))
      })
    }
    socket.write(`Action: Login\r\nUsername: ${user}\r\nSecret: ${secret}\r\n\r\n`)
  })
}

const adds = (n: number) =>
  queuesOf(n).map(q => `Action: QueueAdd\r\nQueue: ${q}\r\nMemberName: bare${n}\r\nPenalty: 0\r\nPaused: false`)
const removes = (n: number) => queuesOf(n).map(queue => `Action: QueueRemove\r\nQueue: ${queue}`)
const pauses = (paused: boolean) => [`Action: QueuePause\r\nPaused: ${paused}${paused ? '\r\nReason: 1' : ''}`]

type Client = {
  ask: (n: number, what: string, body: object, state: string) => Promise<number>
  post: (n: number, what: string, body: object) => Promise<void>
  close: () => void
}

/** From the request to the event in which the agent is like this. */
function openClient({ address }: Daemon): Promise<Client> {
  const socket = new WebSocket(`${address.replace('http', 'ws')}/v1/events?types=agent.changed`, { headers })
  const waiting = new Map<string, () => void>()
  socket.on('message', (data: Buffer) => {
    const text = data.toString('latin1')
    const [, staff] = /"staff":"(a\d+)"/.exec(text) ?? []
    const [, state] = /"state":"([a-z-]+)"/.exec(text) ?? []
    waiting.get(`${staff} ${state}`)?.()
  })
  const post: Client['post'] = async (n, what, body) => {
    const url = `${address}/v1/agents/lab:a${n}/${what}`
    const answer = await request(url, { method: 'POST', headers, body: JSON.stringify(body) })
    const text = await answer.body.text()
    if (answer.statusCode !== 200) throw new Error(`${what} of a${n}: ${text}`)
  }
  const ask: Client['ask'] = async (n, what, body, state) => {
    const begun = elapsedMs()
    const told = new Promise<number>(resolve => waiting.set(`a${n} ${state}`, () => resolve(elapsedMs() - begun)))
    await post(n, what, body)
    const took = await told
    waiting.delete(`a${n} ${state}`)
    return took
  }
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve({ ask, post, close: () => socket.close() }))
    socket.once('error', reject)
  })
}

/** At a steady rate, whether the ones before are done or not. */
async function steady(count: number, perSecond: number, ask: (i: number) => Promise<number>): Promise<number[]> {
  const begun = systemClock.now()
  const asked: Promise<number>[] = []
  for (let i = 0; i < count; i++) {
    const wait = begun + (i * 1_000) / perSecond - systemClock.now()
    if (wait > 0) await sleep(systemClock, wait)
    asked.push(ask(i))
  }
  return Promise.all(asked)
}

async function run({ rounds = ROUNDS, seconds = SECONDS, say }: Wanted): Promise<Measured> {
  setGlobalDispatcher(new Agent({ connections: 64, pipelining: 1 }))
  const rig = await openRig({ more })
  try {
    const { lab } = rig
    const file = join(lab.dir, 'directory.yaml')
    writeFileSync(file, directory())
    const daemon = await rig.daemon({ agents: { directory: file, phoneGoneMs: 60_000 } })
    const [client, bare] = await Promise.all([openClient(daemon), openBare(lab)])
    const all = (ask: (n: number) => Promise<number>) => Promise.all(numbers.map(ask))
    const values = {
      'sign-in p99, ms': [] as number[],
      'change p99, ms': [] as number[],
      'change p50, ms': [] as number[],
    }
    const baselines = {
      'QueueAdd p99, ms': [] as number[],
      'QueuePause p99, ms': [] as number[],
      'QueuePause p50, ms': [] as number[],
    }

    for (let round = 0; round < Math.min(rounds, 3); round++) {
      say(`signing in, round ${round + 1}`)
      if (round > 0) {
        await all(n => client.ask(n, 'sign-out', {}, 'signed-out'))
        await all(n => bare.ask(n, removes(n), 'QueueMemberRemoved'))
      }
      baselines['QueueAdd p99, ms'].push(quantile(await all(n => bare.ask(n, adds(n), 'QueueMemberAdded')), 0.99))
      const took = await all(n => client.ask(n, 'sign-in', { extension: extensionOf(n) }, 'ready'))
      values['sign-in p99, ms'].push(quantile(took, 0.99))
    }
    const count = Math.round((seconds / rounds) * CHANGES_PER_S)
    for (let round = 0; round < rounds; round++) {
      say(`${count} changes of state, round ${round + 1}`)
      // Each of the agents in turn: not ready, and when all have been, ready again.
      const isBreak = (i: number) => Math.floor((round * count + i) / AGENTS) % 2 === 0
      const which = (i: number) => (round * count + i) % AGENTS
      const alone = await steady(count, CHANGES_PER_S, i => bare.ask(which(i), pauses(isBreak(i)), 'QueueMemberPause'))
      const took = await steady(count, CHANGES_PER_S, i =>
        isBreak(i)
          ? client.ask(which(i), 'not-ready', { reason: '1' }, 'not-ready')
          : client.ask(which(i), 'ready', {}, 'ready'),
      )
      values['change p99, ms'].push(quantile(took, 0.99))
      values['change p50, ms'].push(quantile(took, 0.5))
      baselines['QueuePause p99, ms'].push(quantile(alone, 0.99))
      baselines['QueuePause p50, ms'].push(quantile(alone, 0.5))
    }
    const drift = await driftOf(lab, daemon)
    const cost = await costOf({ lab, daemon, client, bare, seconds: Math.max(5, Math.round(seconds / 2)), say })
    client.close()
    bare.close()
    return {
      name: 'agents',
      rounds,
      values: { ...values, 'daemon CPU a queue call with agents, ms': cost.values },
      baselines: { ...baselines, 'daemon CPU a queue call with members alone, ms': cost.baselines },
      ratios: {
        'sign-in': ratioOf(values['sign-in p99, ms'], baselines['QueueAdd p99, ms']),
        change: ratioOf(values['change p99, ms'], baselines['QueuePause p99, ms']),
        'change p50': ratioOf(values['change p50, ms'], baselines['QueuePause p50, ms']),
        'CPU with agents': median(cost.values) / median(cost.baselines),
      },
      counts: {
        agents: AGENTS,
        queues: QUEUES,
        'members that differ': drift.differ,
        'members compared': drift.members,
        'queue calls': cost.calls,
      },
    }
  } finally {
    await rig.stop()
  }
}

/** Members as the daemon has them and as Asterisk shows them: whose are not the same. */
async function driftOf(lab: Lab, { address }: Daemon): Promise<{ members: number; differ: number }> {
  const answer = await request(`${address}/v1/queues`, { headers })
  const { queues } = (await answer.body.json()) as { queues: QueueView[] }
  let [members, differ] = [0, 0]
  for (const queue of queues.filter(({ name }) => name.startsWith('bench-'))) {
    const shown = await lab.asterisk.cli(`queue show ${queue.name}`)
    const theirs = new Set(
      [...shown.matchAll(/^\s+\S+ \((PJSIP\/\d+)\).*$/gm)].map(
        ([line, at = '']) => `${at} ${line.includes('(paused') ? 'paused' : 'free'}`,
      ),
    )
    const ours = queue.members.map(m => `${m.interface} ${m.state === 'paused' ? 'paused' : 'free'}`)
    members += ours.length
    differ += ours.filter(m => !theirs.has(m)).length + Math.max(0, theirs.size - ours.length)
  }
  return { members, differ }
}

type Costing = { lab: Lab; daemon: Daemon; client: Client; bare: Bare; seconds: number; say: (line: string) => void }

/** CPU of the daemon for each call that a queue's member answers: agents of the directory, and members that are nobody's. */
async function costOf({ lab, daemon, client, bare, seconds, say }: Costing) {
  const far = await answerLoad(lab, { ringMs: 20, talkMs: 1_500 })
  const [values, baselines]: [number[], number[]] = [[], []]
  let made = 0
  const all = (ask: (n: number) => Promise<number>) => Promise.all(numbers.map(ask))
  const measure = async () => {
    const before = cpuMs(daemon.program.pid)
    const calls = CALLS_PER_S * seconds
    const { done } = await callers(lab, { from: '1801', to: '2500', calls, ratePerSecond: CALLS_PER_S, talkMs: 10_000 })
    const { succeeded } = await done
    made += succeeded
    await retry(lab.clock, 'the calls to be recorded', PATIENCE_MS, async () => {
      const answer = await request(`${daemon.address}/v1/calls`, { headers })
      return ((await answer.body.json()) as { calls: unknown[] }).calls.length === 0 ? true : undefined
    })
    return (cpuMs(daemon.program.pid) - before) / succeeded
  }
  try {
    for (let round = 0; round < 3; round++) {
      say(`queue calls, round ${round + 1}`)
      await all(n => bare.ask(n, removes(n), 'QueueMemberRemoved'))
      for (const n of numbers) await client.post(n, 'ready', {})
      values.push(await measure())
      await all(n => client.ask(n, 'sign-out', {}, 'signed-out'))
      await all(n => bare.ask(n, adds(n), 'QueueMemberAdded'))
      baselines.push(await measure())
      await all(n => client.ask(n, 'sign-in', { extension: extensionOf(n) }, 'ready'))
    }
  } finally {
    await far.kill()
  }
  return { values, baselines, calls: made }
}

export const agentsBench: Bench = {
  about: '500 agents in 50 workgroups: commands beside bare AMI, and what calls cost',
  run,
}
