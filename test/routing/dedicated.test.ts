/** To whom a caller goes first: each wish, each reason why not, and where they go then. */
import t from 'tap'
import { AGENT_STATES } from '../../src/events/agent.js'
import type { DedicatedKept } from '../../src/events/dedicated.js'
import type { Decision } from '../../src/routing/decide.js'
import { dedicate, type AgentNow, type Known } from '../../src/routing/dedicated.js'

const route = { rule: 'route', name: 'hotline' } as const
const decision: Decision = { does: 'number', to: '2000', because: [route] }
const rules = { ringForMs: 15_000 }
const ana: AgentNow = {
  ...{ state: 'ready', workgroups: ['sales'] },
  phone: { extension: '1001', endpoint: 'PJSIP/1001', reachable: true },
}
const ben: AgentNow = { ...ana, phone: { extension: '1002', endpoint: 'PJSIP/1002', reachable: true } }
const entry = (change: Partial<DedicatedKept>): DedicatedKept => ({
  ...{ match: '+4930123', scope: 'all', addedBy: 'key:crm', addedAt: '2026-11-29T00:00:00.000Z' },
  ...change,
})
const known = (change: Partial<Known>, agents: Record<string, AgentNow> = { ana, ben }): Known => ({
  ...{ entry: undefined, last: undefined, workgroups: ['sales'] },
  agent: id => agents[id],
  numberOf: id => ({ sales: '2000', gold: '2100' })[id],
  ...change,
})
const made = (change: Partial<Known>, agents?: Record<string, AgentNow>) =>
  dedicate(decision, rules, known(change, agents))
const rings = (agent: string, by: 'dedicated' | 'last-agent', extension: string, ringForMs = 15_000) => ({
  ...{
    does: 'agent',
    to: extension,
    then: '2000',
    workgroup: 'sales',
    ring: { endpoint: `PJSIP/${extension}`, ringForMs },
  },
  because: [route, { rule: by, name: agent }],
})

t.test('nobody is wished for', async t => t.equal(made({}), decision))

t.test('the agent of their own; for as long as the entry says', async t => {
  const wishes = [{ by: 'dedicated', agent: 'ana' }]
  t.strictSame(made({ entry: entry({ agent: 'ana' }) }), { ...rings('ana', 'dedicated', '1001'), wishes })
  t.match(made({ entry: entry({ agent: 'ana', ringForMs: 4_000 }) }), { ring: { ringForMs: 4_000 } })
  t.match(made({ entry: entry({ agent: 'ana', fallback: 'gold' }) }), { does: 'agent', then: '2100' })
})

t.test('why not: each state of an agent', async t => {
  const why = (agent: AgentNow | undefined) =>
    made({ entry: entry({ agent: 'ana' }) }, agent ? { ana: agent } : {}).wishes?.map(w => w.skipped)
  const expected: Record<(typeof AGENT_STATES)[number], string | undefined> = {
    ready: undefined,
    'signed-out': 'signed-out',
    'not-ready': 'not-ready',
    'wrap-up': 'wrap-up',
    ringing: 'busy',
    talking: 'busy',
    held: 'busy',
    unknown: 'unreachable',
  }
  for (const state of AGENT_STATES) t.strictSame(why({ ...ana, state }), [expected[state]], state)
  t.strictSame(why(undefined), ['unknown'])
  t.strictSame(why({ state: 'ready', workgroups: [] }), ['unreachable'], 'without a phone')
  const gone = { extension: '1001', endpoint: 'PJSIP/1001', reachable: false }
  t.strictSame(why({ ...ana, phone: gone }), ['unreachable'])
  const other = { ...ana, workgroups: ['elsewhere'] }
  t.strictSame(why(other), [undefined], 'of whichever workgroup')
})

t.test('where they go who cannot have their agent', async t => {
  const away = { ana: { ...ana, state: 'not-ready' as const } }
  const skipped = { by: 'dedicated', agent: 'ana', skipped: 'not-ready' }
  t.strictSame(made({ entry: entry({ agent: 'ana' }) }, away), { ...decision, wishes: [skipped] })
  t.strictSame(made({ entry: entry({ agent: 'ana', fallback: 'gold' }) }, away), {
    ...{ does: 'number', to: '2100', because: [route, { rule: 'fallback', name: 'gold' }], wishes: [skipped] },
  })
})

t.test('a workgroup of their own', async t => {
  t.strictSame(made({ entry: entry({ workgroup: 'gold' }) }), {
    ...{ does: 'number', to: '2100', because: [route, { rule: 'dedicated', name: 'gold' }] },
    wishes: [{ by: 'dedicated', workgroup: 'gold' }],
  })
  t.strictSame(made({ entry: entry({ workgroup: 'gone' }) }).wishes, [
    { by: 'dedicated', workgroup: 'gone', skipped: 'no-number' },
  ])
})

t.test('whoever talked with them last comes second', async t => {
  const wish = { by: 'last-agent', agent: 'ben' }
  const last = { agent: 'ben' }
  t.strictSame(made({ last }), { ...rings('ben', 'last-agent', '1002'), wishes: [wish] })
  const busy = { ana: { ...ana, state: 'talking' as const }, ben }
  t.strictSame(made({ entry: entry({ agent: 'ana' }), last }, busy), {
    ...rings('ben', 'last-agent', '1002'),
    wishes: [{ by: 'dedicated', agent: 'ana', skipped: 'busy' }, wish],
  })
  t.strictSame(made({ last }, { ben: { ...ben, workgroups: ['gold'] } }).wishes, [{ ...wish, skipped: 'other-workgroup' }]) // prettier-ignore
  t.match(made({ last, workgroups: [] }, { ben: { ...ben, workgroups: ['gold'] } }), { does: 'agent' })
  t.strictSame(made({ last: 'unread' }).wishes, [{ by: 'last-agent', skipped: 'unread' }])
  const same = made({ entry: entry({ agent: 'ana' }), last: { agent: 'ana' } }, { ana: { ...ana, state: 'held' } })
  t.equal(same.wishes?.length, 1, 'the same one is not asked for twice')
})

t.test('who is turned away, or goes nowhere that has a number, has no wishes', async t => {
  for (const other of [
    { does: 'busy', because: [] },
    { does: 'dialplan', because: [] },
  ] as Decision[])
    t.equal(dedicate(other, rules, known({ entry: entry({ agent: 'ana' }) })), other)
})

t.test('whose call it is, and who the caller is', async t => {
  const asked = { entry: entry({ agent: 'ana', customer: 'C-17' }) }
  const of = (ids: string[]) => made({ ...asked, workgroups: ids }).workgroup
  t.equal(of(['sales']), 'sales', 'that of the number to which it would go')
  t.equal(of(['elsewhere', 'sales']), 'sales', 'of several, one in which the agent is')
  t.equal(of(['elsewhere']), 'elsewhere')
  t.equal(of([]), undefined, 'a number that is no workgroup')
  t.match(made({ entry: entry({ agent: 'ana', fallback: 'gold' }), workgroups: ['other'] }), { workgroup: 'gold' })
  const away = made(asked, { ana: { ...ana, state: 'not-ready' } })
  t.match([made(asked).customer, away.customer, away.does], ['C-17', 'C-17', 'number'], 'also where they are not rung')
  t.equal(away.workgroup, undefined)
})
