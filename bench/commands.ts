/**
 * What a command costs (P9): from the request to the answer, and to the event that proves it, over HTTP and WebSocket; beside
 * a handler of a few lines that does the same at the PBX, checks nothing and answers before it is proved. Both on calls that
 * stand, while the PBX takes 20 others a second.
 */
import { Agent, request, setGlobalDispatcher } from 'undici'
import { WebSocket } from 'ws'
import { freeTcp } from '../lab/ports.js'
import { answerLoad, callers } from '../lab/sipp.js'
import { retry } from '../lab/wait.js'
import { sleep } from '../src/base/clock.js'
import { elapsedMs } from '../src/base/system.js'
import type { CallView } from '../src/events/call.js'
import { median, quantile, ratioOf, type Bench, type Measured, type Wanted } from './report.js'
import { KEY, openRig, type Rig } from './rig.js'

const ROUNDS = 5
const SECONDS = 30
const BACKGROUND_PER_S = 20
/** So many calls stand for each second of a round: each is used up by the commands that end it. */
const PER_S = 2
const PATIENCE_MS = 30_000
const WARM_UP = 5
const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' }

/** Who is called, and asks; and another phone at the same SIPp. */
const [PHONE, OTHER] = ['1900', '1950']
const more = {
  'pjsip.conf': `[${OTHER}](anyone)\ncontext = from-phones\naors = ${OTHER}\n\n[${OTHER}]\ntype = aor\ncontact = sip:${OTHER}@{{loadHost}}:{{loadPort}}\n`,
  'extensions.conf': `[phones](+)\nexten => ${OTHER},1,Dial(PJSIP/${OTHER},30,tTkK)\n`,
}

/** In the order in which one call takes them. */
const ON_A_CALL = ['digits', 'mute', 'unmute', 'hold', 'retrieve', 'record', 'record/stop'] as const
const LAST = ['transfer', 'park', 'leave'] as const
const NAMES = [...ON_A_CALL, ...LAST, 'dial'] as const
type Name = (typeof NAMES)[number]

type Took = { answer: number; event?: number }
type Talk = { leg: string; other: string; call: string }
type Side = Readonly<{
  talks: () => Promise<Talk[]>
  ask: (name: Name, talk: Talk) => Promise<Took>
  close: () => Promise<void>
}>

/** Which event proves it, for whoever has subscribed; keys have none. */
const PROOF: Partial<Record<Name, string>> = {
  mute: 'call.muted',
  unmute: 'call.muted',
  hold: 'call.held',
  retrieve: 'call.retrieved',
  record: 'call.recording',
  'record/stop': 'call.recording',
  transfer: 'call.transferred',
  park: 'call.parked',
  leave: 'call.ended',
  dial: 'call.started',
}

async function post(url: string, body: object): Promise<unknown> {
  const answer = await request(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.body.text()
  if (answer.statusCode >= 300) throw new Error(`${url}: ${text}`)
  return JSON.parse(text)
}

/** Times messages by what they are named. */
async function listen(url: string, nameOf: (text: string) => string | undefined) {
  const socket = new WebSocket(url, { headers: { authorization: headers.authorization } })
  const heard = new Map<string, number>()
  const waiting = new Map<string, (at: number) => void>()
  socket.on('message', (data: Buffer) => {
    const name = nameOf(data.toString('latin1'))
    if (name === undefined) return
    const at = elapsedMs()
    heard.set(name, at)
    waiting.get(name)?.(at)
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return {
    forget: () => heard.clear(),
    until: (name: string) =>
      new Promise<number>(resolve => {
        const at = heard.get(name)
        if (at === undefined) waiting.set(name, resolve)
        else resolve(at)
      }),
    close: () => socket.close(),
  }
}

async function throughDaemon(rig: Rig): Promise<Side> {
  const { program, address } = await rig.daemon()
  const events = await listen(`${address.replace('http', 'ws')}/v1/events`, text => {
    const [, type] = /"type":"([a-z.]+)"/.exec(text) ?? []
    const [, subject] = /"subject":"([^"]+)"/.exec(text) ?? []
    return type && `${type} ${subject ?? ''}`
  })
  const bodies: Partial<Record<Name, object>> = {
    digits: { digits: '1' },
    transfer: { to: OTHER, kind: 'blind' },
  }
  return {
    async talks() {
      const answer = await request(`${address}/v1/calls`, { headers })
      const { calls } = (await answer.body.json()) as { calls: CallView[] }
      return calls
        .filter(({ state, from }) => state === 'talking' && from.extension === '1801')
        .flatMap(({ id, legs: [other, leg] }) => (leg && other ? [{ leg: leg.id, other: other.id, call: id }] : []))
    },
    async ask(name, { call }) {
      events.forget()
      const begun = elapsedMs()
      const body = name === 'dial' ? { from: PHONE, to: OTHER } : { extension: PHONE, ...bodies[name] }
      const place = name === 'dial' ? '' : `/${call}/${name === 'transfer' ? 'transfers' : name}`
      const answered = (await post(`${address}/v1/calls${place}`, body)) as { id: string }
      const answer = elapsedMs() - begun
      const proof = PROOF[name]
      if (proof === undefined) return { answer }
      return { answer, event: (await events.until(`${proof} ${name === 'dial' ? answered.id : call}`)) - begun }
    },
    async close() {
      events.close()
      await program.stop(10_000)
    },
  }
}

let dialled = 0

async function throughHandler(rig: Rig): Promise<Side> {
  const [port, eventsPort] = [await freeTcp(), await freeTcp()]
  const { ami, ari } = rig.lab.asterisk
  const program = await rig.baseline('commands', [JSON.stringify({ ami, ari, port, events: eventsPort })])
  const events = await listen(`ws://127.0.0.1:${eventsPort}`, text => text)
  const proofs: Partial<Record<Name, (talk: Talk) => string>> = {
    transfer: ({ leg }) => `transferred ${leg}`,
    park: ({ other }) => `parked ${other}`,
    leave: ({ leg }) => `gone ${leg}`,
    dial: ({ leg }) => `dialled ${leg}`,
  }
  return {
    async talks() {
      const answer = await request(`http://127.0.0.1:${port}/talks`)
      const talks = (await answer.body.json()) as [string, string][]
      return talks.map(([leg, other]) => ({ leg, other, call: '' }))
    },
    async ask(name, talk) {
      events.forget()
      const asked = name === 'dial' ? { ...talk, leg: `bench-${++dialled}` } : talk
      const begun = elapsedMs()
      await post(`http://127.0.0.1:${port}/${name}`, { ...asked, to: OTHER })
      const answer = elapsedMs() - begun
      const proof = proofs[name]?.(asked)
      return proof === undefined ? { answer } : { answer, event: (await events.until(proof)) - begun }
    },
    async close() {
      events.close()
      await program.stop()
    },
  }
}

type Figures = Map<Name, Took[]>

/** Some calls stand, others come and go; then each command, one after the other. */
async function measure(rig: Rig, open: (rig: Rig) => Promise<Side>, seconds: number): Promise<Figures> {
  const side = await open(rig)
  const standing = await callers(rig.lab, { from: '1801', to: PHONE, calls: seconds * PER_S, ratePerSecond: 20 })
  const talks = await retry(rig.lab.clock, 'the calls to stand', PATIENCE_MS, async () => {
    const all = await side.talks()
    return all.length >= seconds * PER_S ? all : undefined
  })
  const background = await callers(rig.lab, {
    ...{ from: '1802', to: PHONE, talkMs: 1_000 },
    ...{ calls: BACKGROUND_PER_S * seconds * 4, ratePerSecond: BACKGROUND_PER_S },
  })
  await sleep(rig.lab.clock, 2_000)
  const figures: Figures = new Map()
  try {
    for (const [i, talk] of talks.entries())
      for (const name of [...ON_A_CALL, LAST[i % LAST.length] ?? 'leave', 'dial'] as const) {
        const took = await side.ask(name, talk)
        if (i >= WARM_UP) figures.set(name, [...(figures.get(name) ?? []), took])
      }
  } finally {
    await Promise.all([background.kill(), standing.kill()])
    await side.close()
  }
  await retry(rig.lab.clock, 'the PBX to be empty', PATIENCE_MS, async () => {
    await rig.lab.asterisk.cli('channel request hangup all')
    return (await rig.lab.asterisk.cli('core show channels count')).includes('0 active channels') || undefined
  })
  return figures
}

async function run({ rounds = ROUNDS, seconds = SECONDS, say }: Wanted): Promise<Measured> {
  setGlobalDispatcher(new Agent({ connections: 8, pipelining: 1 }))
  const rig = await openRig({ more })
  const [values, baselines]: Record<string, number[]>[] = [{}, {}]
  const keep = (into: Record<string, number[]> | undefined, figures: Figures) => {
    for (const [name, took] of figures)
      for (const what of ['answer', 'event'] as const) {
        const times = took.flatMap(t => t[what] ?? [])
        if (into === undefined || times.length === 0) continue
        for (const [q, at] of [
          ['p50', 0.5],
          ['p99', 0.99],
        ] as const)
          // prettier-ignore
          (into[`${name} ${what} ${q}, ms`] ??= []).push(quantile(times, at))
      }
  }
  try {
    const far = await answerLoad(rig.lab, { ringMs: 20 })
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1}`)
      keep(values, await measure(rig, throughDaemon, seconds))
      keep(baselines, await measure(rig, throughHandler, seconds))
    }
    await far.kill()
  } finally {
    await rig.stop()
  }
  const ratio = (key: string) => ratioOf(values?.[key] ?? [], baselines?.[key] ?? [])
  const ratios = Object.fromEntries(
    NAMES.flatMap(name =>
      ['answer', 'event'].flatMap(what => {
        const keys = ['p50', 'p99'].map(q => `${name} ${what} ${q}, ms`)
        return keys.filter(key => values?.[key] && baselines?.[key]).map(key => [key, ratio(key)] as const)
      }),
    ),
  )
  const p50s = NAMES.map(name => ratio(`${name} answer p50, ms`))
  return { name: 'commands', rounds, values: values ?? {}, baselines: baselines ?? {}, ratios: { 'P9 all': median(p50s), ...ratios } } // prettier-ignore
}

export const commandsBench: Bench = { about: 'what can be done with a call: request to answer and to event (P9)', run }
