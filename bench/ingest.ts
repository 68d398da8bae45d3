/**
 * How fast events are taken in: the whole path, from AMI's bytes to log, history and a subscriber, beside the most that
 * Asterisk can emit (P5); the parser beside framing alone (P6); and our connection beside two other clients.
 */
import type { Socket } from 'node:net'
import { elapsedMs } from '../src/base/system.js'
import { openAmiServer, type AmiServer } from './ami-server.js'
import { openFlood } from './flood.js'
import { bytesOf, parserFigures, type ParserFigures } from './parsers.js'
import { readRecorded } from './recorded.js'
import { ratioOf, type Bench, type Measured, type Wanted } from './report.js'
import { openRig, type Rig } from './rig.js'
import { retry } from '../lab/wait.js'

const ROUNDS = 5
const CALLS = 4_000
const WARM_UP_CALLS = 1_000
const FLOOD = 60_000
const CLIENTS = ['own', 'asterisk-manager', 'yana'] as const

const recorded = readRecorded()

/** All of it, as fast as the other side takes it. */
function pour(socket: Socket, from: number, calls: number): Promise<void> {
  const written = { calls: 0 }
  return new Promise(resolve => {
    const more = () => {
      while (written.calls < calls) if (!socket.write(recorded.call(from + written.calls++))) return
      socket.off('drain', more)
      resolve()
    }
    socket.on('drain', more)
    more()
  })
}

/** Events a second, counted until the last `call.ended` is at the subscriber and every call in the history. */
async function wholePath(rig: Rig): Promise<number> {
  const server = await openAmiServer()
  const { program, subscribe } = await rig.daemon({ amiPort: server.port })
  const subscriber = await subscribe()
  const socket = await server.events()
  await pour(socket, 0, WARM_UP_CALLS)
  await subscriber.until('call.recorded', WARM_UP_CALLS)
  const begun = elapsedMs()
  await pour(socket, WARM_UP_CALLS, CALLS)
  await subscriber.until('call.ended', WARM_UP_CALLS + CALLS)
  const took = elapsedMs() - begun
  await subscriber.until('call.recorded', WARM_UP_CALLS + CALLS)
  subscriber.close()
  await program.stop(10_000)
  server.close()
  return ((CALLS * recorded.events) / took) * 1_000
}

async function client(rig: Rig, name: string): Promise<number> {
  const server: AmiServer = await openAmiServer()
  const uniqueids = (recorded.call(0).match(/^Uniqueid: /gm) ?? []).length
  const frames = recorded
    .call(0)
    .split('\r\n\r\n')
    .filter(f => f.includes('\nUniqueid: ')).length
  if (uniqueids < frames) throw new Error('a frame without what is counted')
  const program = await rig.baseline('consume', [name, String(server.port), String(CALLS * frames)])
  await pour(await server.events(), 0, CALLS)
  const said = await retry(rig.lab.clock, name, 60_000, () =>
    Promise.resolve(/^done (.*)$/m.exec(program.lastWords())?.[1]),
  )
  server.close()
  return ((CALLS * recorded.events) / (JSON.parse(said) as { ms: number }).ms) * 1_000
}

async function run({ rounds = ROUNDS, say }: Wanted): Promise<Measured> {
  const rig = await openRig()
  const whole: number[] = []
  const emitted: number[] = []
  const parsers: ParserFigures[] = []
  const clients: Record<string, number[]> = {}
  const bytes = bytesOf(CALLS)
  try {
    const flood = await openFlood(rig.lab)
    parserFigures(bytes)
    for (let round = 0; round < rounds; round++) {
      whole.push(await wholePath(rig))
      emitted.push(await flood(FLOOD))
      parsers.push(parserFigures(bytes))
      for (const name of CLIENTS) (clients[name] ??= []).push(await client(rig, name))
      say(
        `round ${round + 1}: ${whole.at(-1)?.toFixed(0) ?? ''} events/s, Asterisk ${emitted.at(-1)?.toFixed(0) ?? ''}`,
      )
    }
  } finally {
    await rig.stop()
  }
  const of = (key: keyof ParserFigures) => parsers.map(figures => figures[key])
  const { own = [], ...others } = clients
  return {
    name: 'ingest',
    rounds,
    values: {
      'whole path, events/s': whole,
      'parser, MB/s': of('parser'),
      'parser and facts, MB/s': of('facts'),
      'our connection, events/s': own,
    },
    baselines: {
      'Asterisk emits, events/s': emitted,
      'framing alone, MB/s': of('framing'),
      ...Object.fromEntries(Object.entries(others).map(([name, figures]) => [`${name}, events/s`, figures])),
    },
    ratios: {
      P5: ratioOf(whole, emitted),
      P6: ratioOf(of('parser'), of('framing')),
      ...Object.fromEntries(Object.entries(others).map(([name, figures]) => [`own / ${name}`, ratioOf(own, figures)])),
    },
    counts: { 'calls a round, each recorded once': CALLS },
  }
}

export const ingestBench: Bench = {
  about: 'events a second through the whole path, parser, other clients (P5, P6)',
  run,
}
