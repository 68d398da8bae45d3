/**
 * Every driver of AMI behind the same port, beside the same PBX: what the engine relies on holds for each, and what they
 * report of the same calls is the same. What one cannot do is in test/ami/drivers.test.ts.
 */
import t, { type Test } from 'tap'
import { freeze } from '../given/freeze.js'
import { startLab } from '../../lab/lab.js'
import { openPhone } from '../../lab/phone.js'
import { retry, watch, type Watched } from '../../lab/wait.js'
import { amiDriver, type AmiDriver } from '../../src/ami/drivers/choose.js'
import { createAmiLink } from '../../src/ami/link.js'
import { sleep } from '../../src/base/clock.js'
import type { LegId } from '../../src/base/ids.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import type { Action } from '../../src/pbx/actions.js'
import type { PbxFact } from '../../src/pbx/facts.js'
import { OWN_LEG } from '../../src/pbx/names.js'
import type { Link } from '../../src/pbx/link.js'

const DRIVERS: AmiDriver[] = ['own', 'asterisk-manager']
const PATIENCE_MS = 10_000
/** Of the two phones: both are of the queue sales, and 1001 is of keys. */
const MEMBERSHIPS = 3
const lab = await startLab()
const links: Link[] = []
t.teardown(async () => {
  await Promise.all(links.map(link => link.stop()))
  await lab.stop()
})

type Told = { driver: AmiDriver; link: Link; facts: Watched<PbxFact> }

async function aLink(driver: AmiDriver, changes: { secret?: string } = {}): Promise<Told> {
  const link = createAmiLink({
    settings: { ...lab.asterisk.ami, tls: false, replyWithinMs: 2_000, pingEveryMs: 4_000, ...changes },
    clock: systemClock,
    newId: () => randomToken(),
    retry: { clock: systemClock, random: () => 0.5, atMostMs: 500 },
    open: amiDriver(driver),
  })
  links.push(link)
  const facts = watch<PbxFact>(systemClock, ({ type }) => type)
  link.start(several => several.forEach(facts.tell))
  return { driver, link, facts }
}

const until = ({ facts }: Told, type: PbxFact['type'], since = 0) =>
  facts.until(type, fact => fact.type === type, PATIENCE_MS, since)

const all = await Promise.all(DRIVERS.map(driver => aLink(driver)))

/** For each driver by itself. */
const each = (what: string, test: (t: Test, told: Told) => Promise<void>) =>
  t.test(what, async t => {
    for (const told of all) await t.test(told.driver, t => test(t, told))
  })

const dialTo = (leg: string, exten: string): Extract<Action, { do: 'originate' }> => ({
  do: 'originate',
  leg: `${OWN_LEG}${leg}` as LegId,
  endpoint: 'PJSIP/1001',
  context: 'aladdin-dial',
  exten,
  callerId: exten,
  ringForMs: 5_000,
  variables: {
    ALADDIN_FROM: '1001',
    'PJSIP_HEADER(add,Alert-Info)': '<http://localhost>;info=alert-autoanswer;delay=0',
    'PJSIP_HEADER(add,Call-Info)': '<sip:localhost>;answer-after=0',
  },
})

each('connects: the version, and an empty snapshot, in this order', async (t, told) => {
  await until(told, 'pbx.seen')
  t.match(told.facts.history, [
    { type: 'link.up', version: /^22\./ },
    { type: 'pbx.seen', channels: [] },
  ])
  t.match(told.link.status(), { state: 'ready', version: /^22\./ })
})

t.test('a wrong secret is said to be, and tried again', async t => {
  for (const driver of DRIVERS) {
    const { link, facts } = await aLink(driver, { secret: 'wrong' })
    await facts.until('a second try', () => facts.history.length > 1, PATIENCE_MS)
    t.match(facts.history[0], { type: 'link.down', reason: 'login refused: Authentication failed' }, driver)
    await link.stop()
  }
})

t.test('a call: the same facts in the same order, and the same snapshot in its middle', async t => {
  const since = all.map(({ facts }) => facts.history.length)
  const [ana, ben] = await Promise.all([
    openPhone(lab, { extension: '1001' }),
    openPhone(lab, { extension: '1002', answers: { afterMs: 50 } }),
  ])
  await ana.dial('1002')
  await Promise.all(all.map((told, i) => until(told, 'bridge.entered', since[i])))
  await sleep(systemClock, 200)
  const late = await Promise.all(DRIVERS.map(driver => aLink(driver)))
  const seen = await Promise.all(late.map(told => until(told, 'pbx.seen')))
  const channels = seen.map(fact => (fact.type === 'pbx.seen' ? fact.channels : []))
  t.equal(channels[0]?.length, 2)
  t.strictSame(channels[1], channels[0])
  await Promise.all(late.map(({ link }) => link.stop()))
  await ana.hangup()
  /** The phones are members of queues, which hear last that they are idle, as they may at first when they register. */
  const gone = ({ facts }: Told, from = 0) =>
    facts.until(
      'both gone',
      () => {
        const told = facts.history.slice(from)
        const phones = new Map(
          told.flatMap(f =>
            f.type === 'member.changed' ? [[`${f.member.interface} of ${f.member.queue}`, f.member.phone]] : [],
          ),
        )
        const idle = [...phones.values()].filter(phone => phone === 'idle')
        return told.filter(({ type }) => type === 'channel.gone').length === 2 && idle.length === MEMBERSHIPS
      },
      PATIENCE_MS,
      from,
    )
  await Promise.all(all.map((told, i) => gone(told, since[i])))
  const told = all.map(({ facts }, i) => facts.history.slice(since[i]))
  t.ok((told[0]?.length ?? 0) > 10)
  t.strictSame(told[1], told[0])
  await Promise.all([ana.close(), ben.close()])
})

each('actions: taken, refused, and never sent', async (t, told) => {
  const [ana, ben] = await Promise.all([
    openPhone(lab, { extension: '1001' }),
    openPhone(lab, { extension: '1002', answers: { afterMs: 50 } }),
  ])
  const since = told.facts.history.length
  const dial = dialTo(told.driver, '1002')
  t.strictSame(await told.link.send(dial, `dial-${told.driver}`), { ok: true, value: undefined })
  await until(told, 'bridge.entered', since)
  // That a phone has registered may be told of between.
  const legs = told.facts.history.slice(since).filter(fact => 'leg' in fact)
  t.match(legs[0], { type: 'channel.created', leg: dial.leg }, 'the leg has the id we chose')
  t.match(await until(told, 'originate.ended', since), { actionId: `dial-${told.driver}`, ok: true, leg: dial.leg })
  const hangup: Action = { do: 'hangup', leg: dial.leg, causeQ850: 16 }
  t.strictSame(await told.link.send(hangup, randomToken()), { ok: true, value: undefined })
  await until(told, 'channel.gone', since)
  t.strictSame(await told.link.send({ ...hangup, leg: 'nobody.1' as LegId }, randomToken()), refused('COMMAND_REFUSED'))
  for (const bad of [
    { ...dial, endpoint: 'PJSIP/1001\r\nAction: Logoff' },
    { ...dial, variables: { ALADDIN_FROM: '1001\n\nAction: Logoff' } },
    { ...hangup, leg: '1.1\r\n\r\nAction: Logoff' as LegId },
  ])
    t.strictSame(await told.link.send(bad, randomToken()), refused('BAD_REQUEST'))
  t.strictSame(await told.link.send(hangup, 'an id\r\nX: y'), refused('BAD_REQUEST'))
  t.equal(told.link.status().state, 'ready', 'and nothing was logged off')
  await Promise.all([ana.close(), ben.close()])
})

const refused = (error: string) => ({ ok: false, error })

t.test('a PBX that says nothing: PBX_SILENT; when it speaks again, all goes on', async t => {
  const pid = lab.asterisk.pid()
  if (pid === undefined) throw new Error('Asterisk does not run')
  await freeze(pid)
  const hangup: Action = { do: 'hangup', leg: 'nobody.1' as LegId, causeQ850: 16 }
  const sent = await Promise.all(all.map(({ link }) => link.send(hangup, randomToken())))
  process.kill(pid, 'SIGCONT')
  for (const result of sent) t.strictSame(result, refused('PBX_SILENT'))
  await Promise.all(
    all.map(({ link }) =>
      retry(systemClock, 'an answer', PATIENCE_MS, async () => {
        const result = await link.send(hangup, randomToken())
        return !result.ok && result.error === 'COMMAND_REFUSED' ? true : undefined
      }),
    ),
  )
})

t.test('Asterisk is killed: PBX_DOWN; back again, it is connected and read anew', async t => {
  const since = all.map(({ facts }) => facts.history.length)
  await lab.asterisk.kill()
  await Promise.all(all.map((told, i) => until(told, 'link.down', since[i])))
  for (const { driver, link } of all) {
    t.strictSame(await link.send(dialTo('late', '1002'), randomToken()), refused('PBX_DOWN'), driver)
    t.equal(link.status().state, 'connecting')
  }
  await lab.asterisk.start()
  await Promise.all(all.map((told, i) => until(told, 'pbx.seen', since[i])))
  await sleep(systemClock, 500)
  for (const [i, { driver, link, facts }] of all.entries()) {
    // Phones are told of when they are told of.
    const types = facts.history
      .slice(since[i])
      .map(({ type }) => type)
      .filter(type => type !== 'phone.changed' && type !== 'member.changed')
    t.strictSame([...new Set(types)], ['link.down', 'link.up', 'pbx.seen'], `${driver}: nothing of before is sent late`)
    t.equal(link.status().state, 'ready')
  }
})

t.end()
