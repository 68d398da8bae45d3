/**
 * What it adds to a call's set-up that the daemon is asked where it goes (P16): from the channel's beginning to the first ring of
 * an agent's phone in the queue, by the PBX's own times; beside the same calls, to the same queue, that go there by the dialplan
 * alone. The daemon follows both.
 */
import { openAmi, type Fields } from '../lab/ami.js'
import { answerLoad, callers } from '../lab/sipp.js'
import { retry } from '../lab/wait.js'
import { quantile, type Bench, type Measured, type Wanted } from './report.js'
import { openRig, type Rig } from './rig.js'

const ROUNDS = 5
const SECONDS = 30
const RATE = 20
const TALK_MS = 300
const PATIENCE_MS = 15_000
const QUEUE = '2900'
const AGENTS = Array.from({ length: 20 }, (_, i) => String(1_950 + i))
const [ASKED, BY_ITSELF] = [`49301235${QUEUE}`, `49301234${QUEUE}`]

const more = {
  'pjsip.conf': AGENTS.map(
    n =>
      `[${n}](anyone)\ncontext = from-phones\naors = ${n}\n\n[${n}]\ntype = aor\ncontact = sip:${n}@{{loadHost}}:{{loadPort}}\n`,
  ).join('\n'),
  'queues.conf': `[bench]\nstrategy = rrmemory\nautofill = yes\nringinuse = no\ntimeout = 15\n${AGENTS.map(n => `member => PJSIP/${n}\n`).join('')}`,
  'extensions.conf': `[queues](+)\nexten => ${QUEUE},1,Queue(bench)\n same => n,Hangup()\n`,
}

const msOf = (frame: Fields) => Number(frame['Timestamp']) * 1_000

/** Of each caller: from the beginning of their channel to when the first phone rings for them. */
function setUpsIn(frames: readonly Fields[]): number[] {
  const [begun, phoneFor, rang] = [new Map<string, number>(), new Map<string, string>(), new Map<string, number>()]
  for (const frame of frames) {
    const id = frame['Uniqueid'] ?? ''
    if (frame['Event'] === 'Newchannel' && frame['Channel']?.startsWith('PJSIP/trunk-')) begun.set(id, msOf(frame))
    if (frame['Event'] === 'AgentCalled' && !phoneFor.has(id)) phoneFor.set(id, frame['DestUniqueid'] ?? '')
    if (frame['Event'] === 'Newstate' && frame['ChannelState'] === '5') rang.set(id, msOf(frame))
  }
  return [...begun].flatMap(([caller, since]) => {
    const at = rang.get(phoneFor.get(caller) ?? '')
    return at === undefined ? [] : [at - since]
  })
}

async function measure({ lab }: Rig, to: string, seconds: number): Promise<number[]> {
  const ami = await openAmi(lab.asterisk.ami, lab.clock)
  const calls = RATE * seconds
  const many = await callers(lab, { from: '491701234567', to, outside: true, calls, ratePerSecond: RATE, talkMs: TALK_MS }) // prettier-ignore
  const { succeeded } = await many.done
  const took = await retry(lab.clock, 'what the PBX has to say of them', PATIENCE_MS, () => {
    const all = setUpsIn(ami.frames.history)
    return Promise.resolve(all.length >= succeeded ? all : undefined)
  })
  ami.close()
  if (took.length < calls) throw new Error(`${took.length} of ${calls} calls rang: the machine is too busy`)
  return took
}

async function run({ rounds = ROUNDS, seconds = SECONDS, say }: Wanted): Promise<Measured> {
  const rig = await openRig({ more })
  const values: Record<string, number[]> = { 'asked first, p50, ms': [], 'asked first, p99, ms': [] }
  const baselines: Record<string, number[]> = {
    'by the dialplan alone, p50, ms': [],
    'by the dialplan alone, p99, ms': [],
  }
  const keep = (into: Record<string, number[]>, took: readonly number[]) => {
    for (const [key, list] of Object.entries(into)) list.push(quantile(took, key.includes('p50') ? 0.5 : 0.99))
  }
  try {
    const far = await answerLoad(rig.lab, { ringMs: 20 })
    const { program } = await rig.daemon({
      routing: { routes: [{ name: 'bench', dialled: [ASKED], to: { number: QUEUE } }] },
    })
    await measure(rig, ASKED, 2)
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1}`)
      keep(values, await measure(rig, ASKED, seconds))
      keep(baselines, await measure(rig, BY_ITSELF, seconds))
    }
    await program.stop(10_000)
    await far.kill()
  } finally {
    await rig.stop()
  }
  const added = (q: string) => {
    const differences = values[`asked first, ${q}, ms`]?.map(
      (ms, i) => ms - (baselines[`by the dialplan alone, ${q}, ms`]?.[i] ?? NaN),
    )
    return quantile(differences ?? [], 0.5)
  }
  const ratios = { P16: added('p99'), 'added, p50, ms': added('p50') }
  return { name: 'inbound', rounds, values, baselines, ratios, counts: { 'calls a round, each way': RATE * seconds } }
}

export const inboundBench: Bench = {
  about: 'what it adds to a call’s set-up that the daemon says where it goes (P16)',
  run,
}
