/**
 * How many callers can be in a menu at once before its prompts stutter: a menu of the daemon's, and the same menu in plain dialplan.
 * The sound of all callers goes to one socket, and what counts is how long each of them hears nothing. Steps of so many callers, up to
 * the one at which it stutters, or the last one.
 */
import { createSocket } from 'node:dgram'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { callers } from '../lab/sipp.js'
import { toneWav } from '../lab/sound.js'
import { retry } from '../lab/wait.js'
import { sleep } from '../src/base/clock.js'
import { elapsedMs } from '../src/base/system.js'
import { cpuMs } from './cpu.js'
import { quantile, type Bench, type Measured, type Wanted } from './report.js'
import { openRig, type Rig } from './rig.js'

const ROUNDS = 3
const STEP = 250
const MOST = 2_000
const RAMP_PER_SECOND = 50
const LISTEN_MS = 8_000
const PATIENCE_MS = 60_000
/** What a telephone makes up for; and which share of the packets may come later than that. */
const GAP_MS = 60
const SHARE = 0.01
const PROMPT_S = 3
const WAIT_MS = 1_000
const RETRIES = 10
const [MENU, DIALPLAN] = ['493012357900', '493012347901']
const HOST = '127.0.0.1'

const more = {
  'extensions.conf': `[services](+)
exten => 7901,1,Answer()
 same => n(again),Background({{dir}}/prompts/menu)
 same => n,WaitExten(1)
exten => t,1,Goto(7901,again)
exten => i,1,Goto(7901,again)
`,
}

/** What comes to one socket: of each stream, by where it comes from, the gaps between its packets. */
async function ears() {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 8 << 20 })
  const last = new Map<number, number>()
  let counts = { packets: 0, late: 0 }
  socket.on('message', (_, { port }) => {
    const now = elapsedMs()
    const before = last.get(port)
    last.set(port, now)
    if (before === undefined) return
    const gap = now - before
    // Between two prompts nothing is said.
    if (gap > WAIT_MS / 2) return
    counts.packets += 1
    if (gap > GAP_MS) counts.late += 1
  })
  await new Promise<void>(resolve => socket.bind(0, HOST, resolve))
  return {
    port: socket.address().port,
    streams: () => last.size,
    /** Since it was asked the last time. */
    take() {
      const taken = counts
      counts = { packets: 0, late: 0 }
      return taken
    },
    close: () => socket.close(),
  }
}

/** The share of packets that come too late; and how many processors' time the daemon and Asterisk took meanwhile. */
type Heard = { late: number; daemon: number; asterisk: number }

async function hear({ lab }: Rig, to: string, calls: number, daemon: number): Promise<Heard> {
  const pids = [daemon, lab.asterisk.pid() ?? 0]
  const heard = await ears()
  const many = await callers(lab, { from: '491701234567', to, outside: true, calls, concurrent: calls, ratePerSecond: RAMP_PER_SECOND, hears: { host: HOST, port: heard.port } }) // prettier-ignore
  try {
    await retry(lab.clock, `${calls} callers to hear something`, PATIENCE_MS, () =>
      Promise.resolve(heard.streams() >= calls || undefined),
    )
    heard.take()
    const [before, began] = [pids.map(cpuMs), elapsedMs()]
    await sleep(lab.clock, LISTEN_MS)
    const took = elapsedMs() - began
    const [ours = 0, theirs = 0] = pids.map((pid, i) => (cpuMs(pid) - (before[i] ?? 0)) / took)
    const { packets, late } = heard.take()
    return { late: packets === 0 ? 1 : late / packets, daemon: ours, asterisk: theirs }
  } finally {
    await many.kill()
    heard.close()
  }
}

async function most(rig: Rig, to: string, daemon: number, say: (line: string) => void): Promise<number> {
  let good = 0
  for (let calls = STEP; calls <= MOST; calls += STEP) {
    // Not all of them were heard in time.
    const heard = await hear(rig, to, calls, daemon).catch(() => undefined)
    const what = heard
      ? `${(heard.late * 100).toFixed(2)} % late; processors: ${heard.daemon.toFixed(2)} the daemon, ${heard.asterisk.toFixed(2)} Asterisk`
      : 'not all are served'
    say(`${to === MENU ? 'menu' : 'dialplan'}: ${calls} callers, ${what}`)
    await gone(rig)
    if (!heard || heard.late > SHARE) break
    good = calls
  }
  return good
}

/** SIPp is killed and says no goodbye: whoever is left is hung up on. */
async function gone({ lab }: Rig) {
  const asterisk = lab.asterisk.cli
  await asterisk('channel request hangup all')
  await retry(lab.clock, 'all channels to be gone', PATIENCE_MS, async () =>
    (await asterisk('core show channels count')).includes('0 active channels') ? true : undefined,
  )
}

async function run({ rounds = ROUNDS, say }: Wanted): Promise<Measured> {
  // Each call takes two ports for its sound.
  const rig = await openRig({ more, rtpPorts: 4 * MOST })
  const values: Record<string, number[]> = { 'a menu, callers': [] }
  const baselines: Record<string, number[]> = { 'the same in plain dialplan, callers': [] }
  try {
    const dir = join(rig.lab.dir, 'menus')
    mkdirSync(dir)
    writeFileSync(join(rig.lab.dir, 'prompts/menu.wav'), toneWav(600, PROMPT_S))
    const menu = { play: ['prompts/menu'], keys: { '1': 'end' }, waitMs: WAIT_MS, retries: RETRIES }
    const nodes = { again: { menu, otherwise: 'again' }, end: { hangup: true } }
    writeFileSync(join(dir, 'bench.yaml'), stringify({ start: 'again', nodes }))
    const { program } = await rig.daemon({
      ivr: { dir },
      routing: { routes: [{ name: 'bench', dialled: [MENU], to: { ivr: 'bench' } }] },
    })
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1}`)
      values['a menu, callers']?.push(await most(rig, MENU, program.pid, say))
      baselines['the same in plain dialplan, callers']?.push(await most(rig, DIALPLAN, program.pid, say))
    }
    await program.stop(10_000)
  } finally {
    await rig.stop()
  }
  const [ours = [], theirs = []] = [Object.values(values)[0], Object.values(baselines)[0]]
  const ratios = { 'menu / plain dialplan': quantile(ours.map((n, i) => n / (theirs[i] ?? NaN)), 0.5) } // prettier-ignore
  return { name: 'ivr', rounds, values, baselines, ratios, counts: { 'callers a step': STEP, 'callers at most': MOST } }
}

export const ivrBench: Bench = { about: 'how many callers are in a menu at once before its prompts stutter', run }
