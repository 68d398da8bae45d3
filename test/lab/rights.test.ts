/** What the user of dialplan/manager-aladdin*.conf is sent and may do, on a real Asterisk of each version. */
import t from 'tap'
import { openAmi } from '../../lab/ami.js'
import { startLab } from '../../lab/lab.js'
import { openPhone } from '../../lab/phone.js'
import type { AsteriskVersion } from '../../lab/recipe.js'

for (const version of ['22', '16'] satisfies AsteriskVersion[])
  t.test(`Asterisk ${version}`, async t => {
    const lab = await startLab({ asterisk: version })
    t.teardown(() => lab.stop())
    const ami = await openAmi(lab.asterisk.ami, lab.clock)
    t.teardown(() => ami.close())
    const answer = async (action: string, fields: Record<string, string> = {}) => {
      ami.send({ Action: action, ActionID: action, ...fields })
      return ami.frames.until(action, f => f['ActionID'] === action && 'Response' in f, 5_000)
    }

    t.test('events on the list come, others do not', async t => {
      await ami.frames.until('FullyBooted', f => f['Event'] === 'FullyBooted', 5_000)
      // Unload and Load are of the same class as Reload, and not on the list.
      for (const command of ['module unload app_echo.so', 'module load app_echo.so', 'module reload manager'])
        await lab.asterisk.cli(command)
      await ami.frames.until('Reload', f => f['Event'] === 'Reload', 5_000)
      const events = new Set(ami.frames.history.map(f => f['Event']).filter(event => event !== undefined))
      t.strictSame([...events].sort(), ['FullyBooted', 'Reload'])
    })

    t.test("of all user events, the dialplan's own come and no other", async t => {
      // One channel says three things, ours the last.
      await lab.asterisk.cli('channel originate Local/s@user-events application Wait 1')
      const first = await ami.frames.until('UserEvent', f => f['Event'] === 'UserEvent', 5_000)
      t.match(first, { UserEvent: 'AladdinQueue', Queue: 'sales', Status: 'FULL' })
    })

    t.test('what it needs it may do, and no more', async t => {
      for (const action of [
        'CoreShowChannels',
        'BridgeList',
        'DeviceStateList',
        'CoreStatus',
        'ParkedCalls',
        'QueueStatus',
      ])
        t.match(await answer(action), { Response: 'Success' }, action)
      for (const [action, fields] of [
        ['Command', { Command: 'core show version' }],
        ['GetConfig', { Filename: 'manager.conf' }],
        ['ModuleLoad', { LoadType: 'reload', Module: 'app_echo' }],
        ['DBPut', { Family: 'a', Key: 'b', Val: 'c' }],
        ['Filter', { Operation: 'Add', Filter: 'Event: VarSet' }],
      ] as const)
        t.match(await answer(action, fields), { Response: 'Error', Message: 'Permission denied' }, action)
    })

    t.test('the features have the keys that the daemon sends', async t => {
      const features = await lab.asterisk.cli('features show')
      t.match(features, /Attended Transfer\s+\*2/)
      t.match(features, /Blind Transfer\s+#\s+##/)
    })

    t.test('from a phone that the daemon rang, a number is dialled and nothing else', async t => {
      const phone = await openPhone(lab, { extension: '1001', answers: { afterMs: 0 } })
      const other = await openPhone(lab, { extension: '1002', answers: 'busy' })
      const dialled = async (exten: string, from: string) => {
        const since = ami.frames.history.length
        const dial = { Channel: 'PJSIP/1001', Context: 'aladdin-dial', Exten: exten, Priority: '1', Async: 'true' }
        ami.send({ Action: 'Originate', ...dial, Variable: `ALADDIN_FROM=${from}` })
        const { Cause: cause } = await ami.frames.until('Hangup', f => f['Event'] === 'Hangup', 5_000, since)
        const dials = ami.frames.history.slice(since).filter(f => f['Event'] === 'Newchannel')
        return { cause, channels: dials.length }
      }
      const refused = { cause: '21', channels: 1 }
      t.strictSame(await dialled('1002&PJSIP/1003', '1001'), refused)
      t.strictSame(await dialled('1002', 'evil'), refused)
      t.strictSame(await dialled('1002', ''), refused)
      t.strictSame(await dialled('1002', '1001'), { cause: '17', channels: 2 }, 'the other phone is busy')
      await Promise.all([phone.close(), other.close()])
    })
  })
