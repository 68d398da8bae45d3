/**
 * How long the daemon takes to have a whole view again after its connection was cut (P15), with 4,000 channels on a real
 * Asterisk; beside a client that only reads the lists. A relay cuts the connection and sees when the new one comes.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import { elapsedMs } from '../src/base/system.js'
import { load } from '../lab/sipp.js'
import { retry, watch } from '../lab/wait.js'
import type { Lab } from '../lab/lab.js'
import { ratioOf, type Bench, type Measured, type Wanted } from './report.js'
import { KEY, openRig } from './rig.js'

const ROUNDS = 11
const CALLS = 2_000
const CALLS_PER_S = 50
const FOR_EVER_MS = 3_600_000
const CHANNELS = CALLS * 2
/** A source of timing takes a file for each channel, and nothing here plays a sound: so 4,000 do with 20,000 files. */
const UNTIMED = { 'modules.conf': 'noload = res_timing_timerfd.so\nnoload = res_timing_pthread.so' }

async function openRelay({ host, port }: { host: string; port: number }) {
  const sockets = new Set<Socket>()
  let cameAt = 0
  const server = createServer(near => {
    if (sockets.size === 0) cameAt = elapsedMs()
    const far = connect(port, host)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      // prettier-ignore
      sockets.add(one)
      one.setNoDelay(true).on('error', () => undefined)
      one.pipe(other)
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      for (const socket of sockets) socket.destroy()
      sockets.clear()
    },
    /** When the first connection after the cut came. */
    cameAt: () => cameAt,
    close() {
      this.cut()
      server.close()
    },
  }
}

/** Both lists on a session that is logged in already, read to their ends. */
function readingLists({ asterisk }: Lab): Promise<number> {
  const { host, port, user, secret } = asterisk.ami
  return new Promise((resolve, reject) => {
    const socket = connect(port, host)
    let [begun, text] = [0, '']
    socket.setNoDelay(true).setEncoding('latin1').once('error', reject)
    socket.on('data', (more: unknown) => {
      text += String(more)
      if (begun === 0 && text.includes('FullyBooted')) {
        begun = elapsedMs()
        text = ''
        socket.write('Action: CoreShowChannels\r\nActionID: 1\r\n\r\nAction: QueueStatus\r\nActionID: 2\r\n\r\n')
      }
      if (!text.slice(-400).includes('QueueStatusComplete')) return
      resolve(elapsedMs() - begun)
      socket.destroy()
    })
    socket.write(`Action: Login\r\nUsername: ${user}\r\nSecret: ${secret}\r\n\r\n`)
  })
}

async function run({ rounds = ROUNDS, say }: Wanted): Promise<Measured> {
  const rig = await openRig({ rtpPorts: CHANNELS * 4, more: UNTIMED })
  const { lab } = rig
  const [resynced, lists]: [number[], number[]] = [[], []]
  const relay = await openRelay(lab.asterisk.ami)
  try {
    const { address, program } = await rig.daemon({ amiPort: relay.port })
    load(lab, { calls: CALLS, ratePerSecond: CALLS_PER_S, concurrent: CALLS, talkMs: FOR_EVER_MS }).catch(
      () => undefined,
    )
    await retry(lab.clock, `${CHANNELS} channels`, 120_000, async () => {
      const said = await lab.asterisk.cli('core show channels count')
      return said.startsWith(`${CHANNELS} active channels`) || undefined
    }, 500) // prettier-ignore
    const client = new WebSocket(`${address.replace('http', 'ws')}/v1/events?types=pbx.resynced`, {
      headers: { authorization: `Bearer ${KEY}` },
    })
    const told = watch<number>(lab.clock, String)
    client.on('message', () => told.tell(elapsedMs()))
    await new Promise(resolve => client.once('open', resolve))
    for (let round = 0; round < rounds; round++) {
      const before = told.history.length
      relay.cut()
      const at = await told.until('pbx.resynced', () => true, 30_000, before)
      resynced.push(at - relay.cameAt())
      lists.push(await readingLists(lab))
      say(
        `round ${round + 1}: ${resynced.at(-1)?.toFixed(0) ?? ''} ms, the lists alone ${lists.at(-1)?.toFixed(0) ?? ''} ms`,
      )
    }
    client.close()
    await program.stop(10_000)
  } finally {
    relay.close()
    await rig.stop()
  }
  return {
    name: 'resync',
    rounds,
    values: { 'connection to pbx.resynced at a subscriber, ms': resynced },
    baselines: { 'CoreShowChannels and QueueStatus read, ms': lists },
    ratios: { P15: ratioOf(resynced, lists) },
    counts: { channels: CHANNELS },
  }
}

export const resyncBench: Bench = { about: 'a whole view after a cut, 4,000 channels (P15)', run }
