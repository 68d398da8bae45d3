/** What following the calls costs (P3, P4), and what it costs the PBX to be followed (P1), at 40 calls a second. */
import { cpuMs } from './cpu.js'
import { calls, openRig, type Rig } from './rig.js'
import { ratioOf, type Bench, type Measured, type Wanted } from './report.js'

const ROUNDS = 5
const SECONDS = 60
/** Long enough for what runs all day to be compiled. */
const WARM_UP_S = 20

type Costs = { own: number; asterisk: number; calls: number }

/** CPU in milliseconds a call, of a process and of Asterisk, after a while of warming up. */
async function costs({ lab }: Rig, seconds: number, pid: number | undefined): Promise<Costs> {
  await calls(lab, WARM_UP_S)
  const asterisk = lab.asterisk.pid() ?? 0
  const used = () => [pid === undefined ? 0 : cpuMs(pid), cpuMs(asterisk)] as const
  const before = used()
  const made = await calls(lab, seconds)
  const after = used()
  return { own: (after[0] - before[0]) / made, asterisk: (after[1] - before[1]) / made, calls: made }
}

async function withDaemon(rig: Rig, seconds: number): Promise<Costs> {
  const { program, subscribe } = await rig.daemon()
  const subscriber = await subscribe()
  const found = await costs(rig, seconds, program.pid)
  await subscriber.until('call.recorded', found.calls + WARM_UP_S * 40)
  const ended = subscriber.counts.get('call.ended')
  if (ended !== found.calls + WARM_UP_S * 40) throw new Error(`${ended ?? 0} call.ended for ${found.calls} calls`)
  subscriber.close()
  await program.stop(10_000)
  return found
}

async function withDrain(rig: Rig, seconds: number): Promise<Costs> {
  const { host, port, user, secret } = rig.lab.asterisk.ami
  const program = await rig.baseline('drain', [host, String(port), user, secret])
  const found = await costs(rig, seconds, program.pid)
  await program.stop()
  return found
}

const withNothing = (rig: Rig, seconds: number) => costs(rig, seconds, undefined)

async function compare({ rounds = ROUNDS, seconds = SECONDS, say }: Wanted, other: typeof withDrain) {
  const rig = await openRig()
  const [ours, theirs]: [Costs[], Costs[]] = [[], []]
  try {
    for (let round = 0; round < rounds; round++) {
      ours.push(await withDaemon(rig, seconds))
      theirs.push(await other(rig, seconds))
      say(`round ${round + 1}: ${JSON.stringify(ours.at(-1))} ${JSON.stringify(theirs.at(-1))}`)
    }
  } finally {
    await rig.stop()
  }
  const of = (costs: Costs[], key: keyof Costs) => costs.map(cost => cost[key])
  return { rounds, ours, theirs, of }
}

async function cost(wanted: Wanted): Promise<Measured> {
  const { rounds, ours, theirs, of } = await compare(wanted, withDrain)
  return {
    name: 'cost',
    rounds,
    values: { 'daemon, ms a call': of(ours, 'own') },
    baselines: {
      'Asterisk, ms a call': of(ours, 'asterisk'),
      'draining client, ms a call': of(theirs, 'own'),
      'Asterisk with the draining client, ms a call': of(theirs, 'asterisk'),
    },
    ratios: {
      P3: ratioOf(of(ours, 'own'), of(ours, 'asterisk')),
      P4: ratioOf(of(ours, 'own'), of(theirs, 'own')),
      'draining client / Asterisk': ratioOf(of(theirs, 'own'), of(theirs, 'asterisk')),
    },
    counts: { 'calls a round, each with one call.ended': ours[0]?.calls ?? 0 },
  }
}

async function harm(wanted: Wanted): Promise<Measured> {
  const { rounds, ours, theirs, of } = await compare(wanted, withNothing)
  return {
    name: 'harm',
    rounds,
    values: { 'Asterisk with the daemon, ms a call': of(ours, 'asterisk') },
    baselines: { 'Asterisk alone, ms a call': of(theirs, 'asterisk') },
    ratios: { P1: ratioOf(of(ours, 'asterisk'), of(theirs, 'asterisk')) },
  }
}

export const costBench: Bench = { about: 'CPU of the daemon at 40 calls/s (P3, P4)', run: cost }
export const harmBench: Bench = { about: 'CPU of Asterisk with and without the daemon (P1)', run: harm }
