/** Members that queues.conf has otherwise after a reload: on the field's PBX, whose support queue has members of its own. */
import t from 'tap'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentView } from '../../src/events/agent.js'
import { agentsOf } from '../given/agents.js'
import { anExchange } from '../given/exchange.js'

const { lab, crm, phone } = await anExchange(t, { profile: 'field' })
const { agent, ask } = agentsOf(crm)
const file = join(lab.dir, 'etc/queues-field.conf')
const before = readFileSync(file, 'utf8')
const ALICE = 'member => Local/1001@from-queue/n,0,Alice,hint:1001@ext-local'
/** The first of them is the one of support. */
const write = (line: string) => writeFileSync(file, before.replace(ALICE, line))
const support = ({ workgroups }: AgentView) => workgroups.find(w => w.workgroup === 'support')
const members = async () =>
  (await lab.asterisk.cli('queue show support'))
    .split('\n')
    .flatMap(line => /\((\S*(?:1001|alice)[^ )]*)/.exec(line)?.[1] ?? [])

await phone({ extension: '1001' })
await ask('8001', 'sign-in', { extension: '1001' })
const stream = await crm.webSocket('types=agent.*')
async function until(is: (agent: AgentView) => boolean): Promise<AgentView> {
  for (;;) {
    const { agent } = (await stream.next('agent.changed', 'lab:8001')).data
    if (is(agent)) return agent
  }
}

t.test('another penalty in the file is the file’s, and no other program’s', async t => {
  t.match(support(await agent('8001')), { penalty: 0, member: true })
  write(ALICE.replace(',0,', ',4,'))
  await lab.asterisk.cli('module reload app_queue.so')
  t.notOk(support(await until(now => support(now)?.penalty === 4))?.penaltyBy)
  await lab.asterisk.cli('queue set penalty 9 on Local/1001@from-queue/n in support')
  t.match(support(await until(now => support(now)?.penalty === 9)), { penaltyBy: 'outside' })
  write(ALICE.replace(',0,', ',5,'))
  await lab.asterisk.cli('module reload app_queue.so')
  t.notOk(support(await until(now => support(now)?.penalty === 5))?.penaltyBy, 'read again')
})

t.test('a member that the file has no longer keeps nobody from being not ready', async t => {
  t.strictSame(await members(), ['Local/1001@from-queue/n'])
  write('')
  // Of which the PBX tells nobody.
  await lab.asterisk.cli('queue reload all')
  t.strictSame(await members(), [])
  t.match(await ask('8001', 'not-ready', { reason: '1' }), { status: 200, body: { state: 'not-ready', reason: '1' } })
  const instead = await until(now => now.state === 'not-ready' && support(now)?.member === true)
  t.match(support(instead), { penalty: 5, paused: true, pausedBy: 'ours' })
  t.strictSame(await members(), ['PJSIP/alice'], 'the daemon has put the agent there instead')
  t.match(await ask('8001', 'ready'), { status: 200, body: { state: 'ready' } })
  stream.close()
})

t.end()
