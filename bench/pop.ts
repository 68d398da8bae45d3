/**
 * How long an event takes from AMI's socket to a frame at a CRM (P7), beside a relay of twenty lines that keeps nothing and
 * knows nothing. Both are told the same calls, at 100 and at 1,000 events a second, by a server that only sends.
 */
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { elapsedMs } from '../src/base/system.js'
import { after, sleep } from '../src/base/clock.js'
import { freeTcp } from '../lab/ports.js'
import { retry } from '../lab/wait.js'
import { openAmiServer } from './ami-server.js'
import { readRecorded } from './recorded.js'
import { median, quantile, type Bench, type Measured, type Wanted } from './report.js'
import { KEY, openRig, type Rig } from './rig.js'

const ROUNDS = 7
const SECONDS = 12
const WARM_UP_S = 4
const RATES = [100, 1_000] as const

type Latency = { p50: number; p99: number }

const recorded = readRecorded()

/** Every second event begins a call, every other ends it: each makes one frame at once, here and there. */
const eventAt = (n: number) => (n % 2 === 0 ? recorded.begins(n / 2) : recorded.ends((n - 1) / 2))

/** What both say of an event: the call, and whether it begins or ends. */
function nameOf(text: string): string | undefined {
  const call = /lab-1700000000\.(\d+)/.exec(text)?.[1]
  if (/call\.started|Event: Newchannel/.test(text)) return `${call ?? ''} begins`
  return /call\.ended|Event: Hangup/.test(text) ? `${call ?? ''} ends` : undefined
}

/** Sends at an even rate, however coarse the timers are, and times each event until its frame is there. */
async function time(rig: Rig, ami: Socket, client: WebSocket, rate: number, seconds: number, from: number) {
  const sent = new Map<string, number>()
  const took: number[] = []
  const total = rate * (seconds + WARM_UP_S)
  const skip = rate * WARM_UP_S
  let heard = 0
  const hear = (data: Buffer) => {
    const name = nameOf(data.toString('latin1'))
    const at = name === undefined ? undefined : sent.get(name)
    if (name === undefined || at === undefined) return
    sent.delete(name)
    if (heard++ >= skip) took.push(elapsedMs() - at)
  }
  client.on('message', hear)
  const begun = elapsedMs()
  for (let n = 0; n < total;) {
    const due = Math.min(total, Math.floor(((elapsedMs() - begun) * rate) / 1_000))
    for (; n < due; n++) {
      const text = eventAt(from + n)
      sent.set(nameOf(text) ?? '', elapsedMs())
      ami.write(text)
    }
    await sleep(rig.lab.clock, 1)
  }
  await retry(rig.lab.clock, 'all events to be heard', 10_000, () => Promise.resolve(sent.size === 0 || undefined))
  client.off('message', hear)
  return { p50: quantile(took, 0.5), p99: quantile(took, 0.99) } satisfies Latency
}

const opened = (client: WebSocket) =>
  new Promise<void>((resolve, reject) => client.once('open', resolve).once('error', reject))

async function throughDaemon(rig: Rig, rate: number, seconds: number): Promise<Latency> {
  const server = await openAmiServer()
  const { program, address } = await rig.daemon({ amiPort: server.port })
  const client = new WebSocket(`${address.replace('http', 'ws')}/v1/events`, {
    headers: { authorization: `Bearer ${KEY}` },
  })
  await opened(client)
  const found = await time(rig, await server.events(), client, rate, seconds, freshCalls())
  client.close()
  await program.stop(10_000)
  server.close()
  return found
}

async function throughRelay(rig: Rig, rate: number, seconds: number): Promise<Latency> {
  const server = await openAmiServer()
  const port = await freeTcp()
  const program = await rig.baseline('relay', [String(server.port), String(port)])
  const client = new WebSocket(`ws://127.0.0.1:${port}`)
  await opened(client)
  const found = await time(rig, await server.events(), client, rate, seconds, freshCalls())
  client.close()
  await program.stop()
  server.close()
  return found
}

/** No call is told of twice: the daemon would know it. */
let told = 0
const freshCalls = () => (told += 1_000_000)

async function run({ rounds = ROUNDS, seconds = SECONDS, say }: Wanted): Promise<Measured> {
  const rig = await openRig()
  const values: Record<string, number[]> = {}
  const baselines: Record<string, number[]> = {}
  const keep = (into: Record<string, number[]>, key: string, { p50, p99 }: Latency) => {
    ;(into[`p50 ms, ${key}`] ??= []).push(p50)
    ;(into[`p99 ms, ${key}`] ??= []).push(p99)
  }
  try {
    for (let round = 0; round < rounds; round++)
      for (const rate of RATES) {
        keep(values, `${rate}/s`, await throughDaemon(rig, rate, seconds))
        keep(baselines, `relay, ${rate}/s`, await throughRelay(rig, rate, seconds))
        say(`round ${round + 1}, ${rate}/s: ${after(rig.lab.clock, 0)}`)
      }
  } finally {
    await rig.stop()
  }
  const ratios: Record<string, number> = {}
  for (const rate of RATES) {
    const of = (q: string) =>
      [values[`${q} ms, ${rate}/s`] ?? [], baselines[`${q} ms, relay, ${rate}/s`] ?? []] as const
    ratios[`P7 at ${rate}/s`] = median(of('p99')[0]) / median(of('p99')[1])
    ratios[`P7ms at ${rate}/s`] = median(of('p50')[0]) - median(of('p50')[1])
  }
  return { name: 'pop', rounds, values, baselines, ratios }
}

export const popBench: Bench = { about: 'from an event on the AMI socket to a frame at a CRM (P7)', run }
