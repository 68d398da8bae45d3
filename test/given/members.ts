/** A PBX with two queues, whose members the tests say, and which does as it is told. */
import { NO_DIRECTORY, type Directory } from '../../src/directory/state.js'
import type { Action } from '../../src/pbx/actions.js'
import type { Fact, MemberSeen, PbxFact, PhoneState, QueueSeen } from '../../src/pbx/facts.js'
import { at, site } from './calls.js'
import { anEngine, seen, up } from './engine.js'

export const QUEUES = ['sales', 'support']
export const directory: Directory = {
  ...NO_DIRECTORY,
  staff: new Map(
    ['8001', '8002'].map(id => [
      id,
      { id, name: `Name of ${id}`, workgroups: QUEUES.map(workgroup => ({ workgroup, level: 10 })) },
    ]),
  ),
  workgroups: new Map([
    [
      'sales',
      {
        id: 'sales',
        name: 'Sales',
        strategy: 'ringall',
        ringForMs: 15_000,
        wrapUpMs: 0,
        serviceLevelMs: 20_000,
        alarms: { readyAgents: 2 },
      },
    ],
  ]),
  dictionaries: new Map([
    ['11', { id: '11', names: { en: 'Reasons' }, entries: [{ code: '1', names: { en: 'Break' } }] }],
  ]),
}
export const BY = { key: 'crm' }
export const member = (queue: string, more: Partial<MemberSeen> = {}): MemberSeen => ({
  ...{
    queue,
    interface: 'PJSIP/1001',
    name: '8001',
    kind: 'dynamic',
    phone: 'idle',
    penalty: 0,
    paused: false,
    calls: 0,
  },
  ...more,
})
export const LOCAL = {
  interface: 'Local/1001@from-queue/n',
  stateInterface: 'hint:1001@ext-local',
  name: 'Alice',
  kind: 'static',
} as const

/** A PBX that does as it is told, and says so a moment later. */
export function anOffice(first: readonly MemberSeen[], change: Parameters<typeof anEngine>[1] = {}) {
  const members = new Map<string, MemberSeen>()
  const keyOf = (m: Pick<MemberSeen, 'queue' | 'interface'>) => `${m.queue} ${m.interface}`
  for (const m of first) members.set(keyOf(m), m)
  const changed = (m: MemberSeen, set?: 'pause' | 'penalty'): Fact => {
    members.set(keyOf(m), m)
    return { type: 'member.changed', at: at(1), member: m, ...(set && { set }) }
  }
  const pause = (action: { queue?: string; interface: string; paused: boolean; reason: string }): Fact[] =>
    [...members.values()]
      .filter(m => m.interface === action.interface && (action.queue === undefined || m.queue === action.queue))
      .map(({ pausedFor: _, ...m }) =>
        changed(
          { ...m, paused: action.paused, ...(action.paused && action.reason !== '' && { pausedFor: action.reason }) },
          'pause',
        ),
      )
  const obeys = (action: Action): Fact[] => {
    if (action.do === 'queue-add') {
      const { queue, interface: place, name, penalty, paused, reason } = action
      return [changed(member(queue, { interface: place, name, penalty, paused, ...(paused && { pausedFor: reason }) }))]
    }
    if (action.do === 'queue-pause') return pause(action)
    if (action.do !== 'queue-remove') return []
    const gone = members.get(keyOf(action))
    members.delete(keyOf(action))
    return gone ? [{ type: 'member.removed', at: at(2), queue: gone.queue, member: gone }] : []
  }
  const told = anEngine(
    (action, _, tell) => {
      void Promise.resolve().then(() => tell(obeys(action)))
      return { ok: true, value: undefined }
    },
    { directory, ...change },
  )
  const queues = (): QueueSeen[] =>
    [...new Set([...QUEUES, ...[...members.values()].map(m => m.queue)])].map(name => ({
      name,
      strategy: 'ringall',
      members: [...members.values()].filter(m => m.queue === name),
    }))
  const phones = (change.site ?? site).extensionOf
  const there = (): PbxFact => ({
    ...(seen(0) as Extract<PbxFact, { type: 'pbx.seen' }>),
    queues: queues(),
    phones: ['1001', '1002', ...phones.keys()].map(name => ({ device: `PJSIP/${name}`, phone: 'idle' })),
  })
  told.tell([up(0), there()])
  const { agents } = told.engine
  const one = async (staff = '8001') => {
    const agent = await agents.one(staff)
    if (!agent) throw new Error('nobody')
    return agent
  }
  const queue = async (name: string) => {
    const found = (await told.engine.queues()).find(q => q.name === name)
    if (!found) throw new Error('no queue')
    return found
  }
  return {
    ...{ ...told, agents, one, queue, there, members },
    did: () =>
      told.sent.map(a => ('interface' in a ? `${a.do} ${'queue' in a ? (a.queue ?? '') : ''} ${a.interface}` : a.do)),
    /** Another program does this. */
    they: (does: Parameters<typeof pause>[0]) => told.tell(pause(does)),
    phone: (device: string, phone: PhoneState) => told.tell([{ type: 'phone.changed', at: at(2), device, phone }]),
    signIn: () => agents.signIn('8001', { extension: '1001' }, BY),
  }
}
