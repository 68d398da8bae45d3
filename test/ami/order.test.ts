/** What comes behind the list of channels in one read is heard after it: else what had just begun would look as if it were gone. */
import t from 'tap'
import { createAmiLink } from '../../src/ami/link.js'
import { random, randomToken, systemClock as clock } from '../../src/base/system.js'
import type { PbxFact } from '../../src/pbx/facts.js'
import { retry } from '../../lab/wait.js'
import { anAmiServer, yes } from '../given/ami-server.js'

const newchannel = (leg: string) =>
  `Event: Newchannel\r\nChannel: PJSIP/1001-1\r\nUniqueid: ${leg}\r\nLinkedid: ${leg}\r\n\r\n`
const list = (id: string, leg: string) =>
  [
    `Response: Success\r\nActionID: ${id}\r\nEventList: start\r\n\r\n`,
    `Event: CoreShowChannel\r\nActionID: ${id}\r\nChannel: PJSIP/1002-1\r\nUniqueid: ${leg}\r\nLinkedid: ${leg}\r\n\r\n`,
    `Event: CoreShowChannelsComplete\r\nActionID: ${id}\r\nEventList: Complete\r\nListItems: 1\r\n\r\n`,
  ].join('')

t.test('before, in, and behind the list', async t => {
  const { address } = await anAmiServer(t, {
    answer(name, id) {
      if (name === 'Login') return `${yes(name, id)}Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n`
      return name === 'CoreShowChannels' ? newchannel('1.1') + list(id, '1.2') + newchannel('1.3') : yes(name, id)
    },
  })
  const facts: PbxFact[] = []
  const settings = { ...address, user: 'a', secret: 's', replyWithinMs: 2_000, pingEveryMs: 500 }
  const link = createAmiLink({
    settings,
    clock,
    newId: () => randomToken(),
    retry: { clock, random, atMostMs: 1_000 },
  })
  link.start(more => facts.push(...more))
  t.teardown(() => link.stop())
  await retry(clock, 'the list', 5_000, async () => (facts.length >= 4 ? true : undefined))
  t.match(facts, [
    { type: 'channel.created', leg: '1.1' },
    { type: 'link.up' },
    { type: 'pbx.seen', channels: [{ leg: '1.2' }] },
    { type: 'channel.created', leg: '1.3' },
  ])
})
