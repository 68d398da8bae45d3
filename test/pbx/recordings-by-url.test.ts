/** Recordings that the dialplan makes, where a web server has them: the API answers with their address, and the sound is what the PBX has written. */
import t from 'tap'
import { createReadStream, readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { labConfig } from '../../lab/daemon.js'
import { startLab } from '../../lab/lab.js'
import { openPhone } from '../../lab/phone.js'
import { LOOPBACK } from '../../lab/ports.js'
import { aDaemon, KEY } from '../given/exchange.js'

/** What an address must not take for its own signs. */
const NAME = '通话 Ana & Ben #1 50% a+b?'
const RECORDED = `
[from-phones](+)
exten => 2292,1,MixMonitor(2026/11/${NAME}.wav)
 same => n,Dial(PJSIP/1001,15)`

const lab = await startLab({ more: { 'extensions.conf': RECORDED } })
t.teardown(() => lab.stop())
const folder = join(lab.dir, 'spool/monitor')

/** The web server of a site: it knows its files by their paths, and nothing of the daemon. */
const asked: { url: string; headers: IncomingHttpHeaders }[] = []
const web = createServer(({ url = '', headers }, response) => {
  asked.push({ url, headers })
  const { pathname, searchParams } = new URL(url, 'http://web')
  const sound = createReadStream(join(folder, decodeURIComponent(pathname.slice('/rec/'.length))))
  sound.on('error', () => response.writeHead(searchParams.get('k') === '1' ? 404 : 403).end())
  sound.on('open', () => sound.pipe(response.writeHead(200, { 'content-type': 'audio/x-wav' })))
})
await new Promise<void>(resolve => web.listen(0, LOOPBACK, resolve))
t.teardown(() => web.close())
const origin = `http://${LOOPBACK}:${(web.address() as AddressInfo).port}`

const recordings = { as: folder, url: `${origin}/rec/{file}?k=1` }
const { crm, daemon } = await aDaemon(t, lab, labConfig(lab, { key: KEY, recordings }))

t.test('the sound of a call comes from the web server, by the path that the PBX has given it', async t => {
  const [ana, ben] = await Promise.all([
    openPhone(lab, { extension: '1001', toneHz: 700 }),
    openPhone(lab, { extension: '1002', toneHz: 900 }),
  ])
  const stream = await crm.webSocket()
  await ben.dial('2292')
  await ana.until('ringing')
  await ana.answer()
  const { subject: id, data } = await stream.next('call.answered')
  const soundOf = (name: string, redirect: 'follow' | 'manual' = 'follow') =>
    fetch(`${daemon().address}/v1/calls/${id}/recordings/${name}`, {
      headers: { authorization: `Bearer ${KEY}` },
      redirect,
    })
  const name = data.call.recordings?.[0]?.name ?? ''
  t.equal((await soundOf(name, 'manual')).status, 404, 'not before it is done')
  await ben.hangup()
  const { call } = (await stream.next('call.recorded', id)).data
  t.match(call.recordings, [{ name, by: 'dialplan', state: 'done', file: join(folder, '2026/11', `${NAME}.wav`) }])

  const redirected = await soundOf(name, 'manual')
  const address = `${origin}/rec/2026/11/${encodeURIComponent(`${NAME}.wav`)}?k=1`
  t.match([redirected.status, redirected.headers.get('location')], [302, address])
  t.strictSame(asked, [], 'the daemon itself asks nobody')
  const sound = await soundOf(name)
  const bytes = Buffer.from(await sound.arrayBuffer())
  t.match(
    [sound.status, sound.headers.get('content-type'), bytes.subarray(0, 4).toString()],
    [200, 'audio/x-wav', 'RIFF'],
  )
  t.ok(bytes.equals(readFileSync(call.recordings?.[0]?.file ?? '')), 'byte by byte')
  t.equal(asked[0]?.headers.authorization, undefined, 'the key of the API is nothing to the web server')
  t.equal((await soundOf('another')).status, 404)
  stream.close()
  await Promise.all([ana.close(), ben.close()])
})

t.end()
