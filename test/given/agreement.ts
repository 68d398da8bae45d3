/** Whether what the API answers and what the stream says agree: a call, a queue, an agent, an extension, an alarm has one content at each revision. */
import type { Lab } from '../../lab/lab.js'
import { sleep } from '../../src/base/clock.js'
import type { Crm, Stream } from './exchange.js'

const OFTEN_MS = 40
const KINDS = ['call', 'queue', 'agent', 'extension', 'alarm'] as const
/** Lists of what is followed; calls have their newest event from the moment in which they are told of, the others from their first change. */
const LISTS = {
  calls: 'calls',
  queues: 'queues',
  agents: 'agents',
  extensions: 'extensions',
  alarms: 'alarms',
} as const

type Thing = { id: string; revision: number }

/** Asks again and again until it is stopped; then answers with what did not agree, and how much was compared. */
export function watchAgreement({ clock }: Lab, crm: Crm, stream: Stream) {
  const answered = new Map<string, Set<string>>()
  let stopped = false
  const keyOf = (kind: string, { id, revision }: Thing) => `${kind} ${id} ${revision}`
  async function ask(list: keyof typeof LISTS) {
    const { status, body } = await crm.get<Record<string, Thing[]>>(`/v1/${list}`)
    if (status !== 200) return
    for (const thing of body[list] ?? []) {
      const key = keyOf(list.slice(0, -1), thing)
      answered.set(key, (answered.get(key) ?? new Set()).add(JSON.stringify(thing)))
    }
  }
  async function keepAsking() {
    while (!stopped) {
      for (const list of Object.values(LISTS)) await ask(list).catch(() => undefined)
      await sleep(clock, OFTEN_MS)
    }
  }
  const asking = keepAsking()

  return async (): Promise<{ broken: string[]; compared: number }> => {
    stopped = true
    await asking
    const told = new Map<string, Set<string>>()
    for (const { data } of stream.all)
      for (const kind of KINDS) {
        const thing = (data as unknown as Record<string, Thing | undefined>)[kind]
        if (thing) told.set(keyOf(kind, thing), (told.get(keyOf(kind, thing)) ?? new Set()).add(JSON.stringify(thing)))
      }
    const broken = [...new Set([...told.keys(), ...answered.keys()])].flatMap(key => {
      const all = new Set([...(told.get(key) ?? []), ...(answered.get(key) ?? [])])
      // Of what was never told of, no event has a revision.
      return all.size > 1 && !key.endsWith(' 0') ? [`${key}: ${[...all].join('\n')}`] : []
    })
    const untold = [...answered.keys()].filter(key => key.startsWith('call ') && !told.has(key))
    broken.push(...untold.map(key => `${key}: no event has it`))
    return { broken, compared: [...told.keys()].filter(key => answered.has(key)).length }
  }
}
