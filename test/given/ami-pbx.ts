/** A server that speaks AMI as a PBX would, but for what a story makes it say; and the link of the daemon to it. */
import type { Test } from 'tap'
import { retry, watch, type Watched } from '../../lab/wait.js'
import { createAmiLink, type AmiSettings } from '../../src/ami/link.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import type { PbxFact } from '../../src/pbx/facts.js'
import type { Link, LinkStatus, RefusalReason } from '../../src/pbx/link.js'
import { anAmiServer, yes, type AmiServer } from './ami-server.js'

type Answer = (name: string, id: string, action: string) => string
const list = (id: string, items: string) =>
  `Response: Success\r\nActionID: ${id}\r\nEventList: start\r\n\r\n${items}Event: CoreShowChannelsComplete\r\nActionID: ${id}\r\nEventList: Complete\r\n\r\n`

/** As a PBX without calls answers. */
export const asPbx = (name: string, id: string) => {
  if (name === 'Login') return `${yes(name, id)}Event: FullyBooted\r\nPrivilege: system,all\r\n\r\n`
  return name === 'CoreShowChannels' ? list(id, '') : yes(name, id)
}

export type Linked = {
  server: AmiServer
  link: Link
  facts: Watched<PbxFact>
  refused: RefusalReason[]
  changes: LinkStatus[]
  /** Resolves when it has been ready so many times. */
  ready: (times?: number) => Promise<LinkStatus>
}

const PATIENCE_MS = 10_000

export async function aLinkedPbx(
  t: Pick<Test, 'teardown'>,
  { answer = asPbx, greeting, ...settings }: { answer?: Answer; greeting?: string } & Partial<AmiSettings> = {},
): Promise<Linked> {
  const server = await anAmiServer(t, { answer, ...(greeting === undefined ? {} : { greeting }) })
  const facts = watch<PbxFact>(systemClock, ({ type }) => type)
  const refused: RefusalReason[] = []
  const changes: LinkStatus[] = []
  const link = createAmiLink({
    settings: { ...server.address, user: 'u', secret: 's3cret', replyWithinMs: 300, pingEveryMs: 5_000, ...settings },
    clock: systemClock,
    newId: () => randomToken(),
    retry: { clock: systemClock, random: () => 0, atMostMs: 200 },
    told: { changed: status => changes.push(status), refused: reason => refused.push(reason) },
  })
  link.start(several => several.forEach(facts.tell))
  t.teardown(() => link.stop())
  const ready = (times = 1) =>
    retry(systemClock, `ready ${times} times`, PATIENCE_MS, () =>
      Promise.resolve(changes.filter(({ state }) => state === 'ready').length >= times ? link.status() : undefined),
    )
  return { server, link, facts, refused, changes, ready }
}
