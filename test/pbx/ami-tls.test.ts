/** AMI over TLS, at the PBX's own listener: with its certificate trusted all is as ever, without it nothing is sent. */
import t from 'tap'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { labConfig } from '../../lab/daemon.js'
import { startLab } from '../../lab/lab.js'
import { freeTcp } from '../../lab/ports.js'
import { load } from '../../lab/sipp.js'
import { retry } from '../../lab/wait.js'
import { BadConfig, readConfig } from '../../src/config.js'
import { createAmiLink, type AmiSettings } from '../../src/ami/link.js'
import { randomToken, systemClock } from '../../src/base/system.js'
import { aDaemon } from '../given/exchange.js'
import { makeCertificates } from '../given/certificates.js'

const PATIENCE_MS = 15_000
const dir = mkdtempSync(join(tmpdir(), 'aladdin-tls-'))
t.teardown(() => rmSync(dir, { recursive: true, force: true }))
const { caFile, serverFile } = makeCertificates(dir)
const port = await freeTcp()
const lab = await startLab({
  more: {
    'manager.conf': `[general](+)\ntlsenable = yes\ntlsbindaddr = 127.0.0.1:${port}\ntlscertfile = ${serverFile}\ntlsprivatekey = ${serverFile}\n`,
  },
})
t.teardown(() => lab.stop())

function aLink(more: Partial<AmiSettings>) {
  const settings = { ...lab.asterisk.ami, port, tls: true, replyWithinMs: 2_000, pingEveryMs: 500, ...more }
  const retrying = { clock: systemClock, random: () => 0.5, atMostMs: 500 }
  const link = createAmiLink({ settings, clock: systemClock, newId: () => randomToken(), retry: retrying })
  link.start(() => undefined)
  t.teardown(() => link.stop())
  const why = () => retry(systemClock, 'a reason', PATIENCE_MS, () => Promise.resolve(link.status().lastError))
  return { link, why }
}

t.test('the daemon follows calls over TLS', async t => {
  const { crm } = await aDaemon(t, lab, labConfig(lab, { key: 'ak_exchange', ami: { port, tls: true, caFile } }))
  const stream = await crm.webSocket()
  t.match(await load(lab, { calls: 3, ratePerSecond: 5, talkMs: 50 }), { succeeded: 3 })
  for (let i = 0; i < 3; i++) t.match((await stream.next('call.recorded')).data.call, { outcome: 'answered' })
  stream.close()
})

t.test('a certificate that nobody vouches for is refused, and the secret is not sent', async t => {
  const { why, link } = aLink({})
  t.match(await why(), /unable to verify|self.signed/i)
  t.equal(link.status().state, 'connecting')
  const log = readFileSync(lab.asterisk.files.log, 'utf8')
  t.notMatch(log, /failed to authenticate|tried to authenticate/)
})

t.test('a certificate for somebody else is refused', async t => {
  const { why } = aLink({ host: 'localhost', caFile })
  t.match(await why(), /does not match certificate's altnames/)
})

t.test('plain text at the TLS port, and TLS at the plain one', async t => {
  t.match(await aLink({ tls: false }).why(), /no login|closed the connection|greeting|ECONNRESET/)
  t.match(await aLink({ port: lab.asterisk.ami.port, caFile }).why(), /wrong version number|packet length|EPROTO/i)
})

t.test('the file of certificates: missing, empty, and of no use without TLS', async t => {
  const empty = join(dir, 'empty.pem')
  writeFileSync(empty, 'nothing\n')
  const wrongWith = (ami: object) => {
    const file = join(dir, 'aladdin.json')
    const config = labConfig(lab, { key: 'k' })
    writeFileSync(file, JSON.stringify({ ...config, pbxs: [{ ...config.pbxs[0], ami: { secret: 'x', ...ami } }] }))
    try {
      return readConfig(file, {})
    } catch (error) {
      return error instanceof BadConfig ? error.wrong : error
    }
  }
  t.strictSame(wrongWith({ tls: true, caFile: '/nowhere' }), ['pbxs lab: ami.caFile cannot be read (ENOENT)'])
  t.strictSame(wrongWith({ tls: true, caFile: empty }), ['pbxs lab: ami.caFile has no certificate in PEM form'])
  t.strictSame(wrongWith({ caFile }), ['pbxs lab: ami.caFile is of no use without ami.tls'])
  t.match(await aLink({ caFile: '/nowhere' }).why(), /ENOENT/, 'gone later: the next attempt says so')
})

t.end()
