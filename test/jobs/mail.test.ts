/** E-mails as jobs in a real Valkey, to a real mail server: each is sent once. What a kill does to them is in test/pbx/killed-inside. */
import t from 'tap'
import { pino } from 'pino'
import { labConfig } from '../../lab/daemon.js'
import { startLab } from '../../lab/lab.js'
import { freeTcp } from '../../lab/ports.js'
import { retry } from '../../lab/wait.js'
import { systemClock } from '../../src/base/system.js'
import { openVoicemailMail } from '../../src/daemon-mail.js'
import type { Engine } from '../../src/engine/engine.js'
import type { MessageView } from '../../src/events/voicemail.js'
import { keysOf } from '../../src/store/keys.js'
import { aMailServer } from '../given/mail-server.js'

const lab = await startLab()
t.teardown(() => lab.stop())
const port = await freeTcp()
const mails = await aMailServer(t, port)

const config = labConfig(lab, {
  key: 'ak_mail',
  voicemail: { boxes: [{ box: '1001', email: ['ana@example.org'] }] },
  mail: { host: '127.0.0.1', port, from: 'pbx@example.org', retryMs: 200, tries: 2 },
})
const message: MessageView = {
  ...{ id: 'lab:m1', pbx: 'lab', revision: 1, box: '1001', state: 'new', at: '2026-11-29T10:00:00.000Z' },
  ...{ durationMs: 2_000, call: 'lab:1.1', from: { number: '491701234567' }, mail: 'wanted' },
}

/** `wav`: what the PBX answers when it is asked for the sound. */
function aDaemon(prefix: string, wav: () => Buffer | undefined = () => Buffer.alloc(44)) {
  const told: [id: string, state: string][] = []
  const engine = {
    mailed: (id: string, state: string) => void told.push([id, state]),
    voicemail: {
      sound: () => {
        const value = wav()
        return Promise.resolve(value ? { ok: true, value } : { ok: false, error: 'PBX_DOWN' })
      },
    },
  } as unknown as Engine
  const [settings] = config.pbxs
  if (!settings) throw new Error('no PBX')
  const parts = {
    settings,
    config,
    keys: keysOf(prefix, 'lab'),
    logger: pino({ level: 'silent' }),
    engine: () => engine,
  }
  const mail = openVoicemailMail(parts)
  if (!mail) throw new Error('no e-mails')
  return { mail, told }
}
const until = (told: readonly unknown[], count: number) =>
  retry(systemClock, `${count} to be told`, 15_000, () => Promise.resolve(told.length >= count || undefined))
const letter = (id: string) => ({ id, message, to: ['ana@example.org'] })

t.test('sent once, and told; a daemon that asks again is told again, and nothing is sent', async t => {
  const first = aDaemon('once')
  await first.mail.send(letter('m1'))
  await until(first.told, 1)
  t.strictSame(first.told, [['m1', 'sent']])
  await first.mail.stop()
  // As after a kill between the server's yes and the daemon's note of it.
  const next = aDaemon('once')
  await next.mail.send(letter('m1'))
  await until(next.told, 1)
  t.strictSame([next.told, mails.length], [[['m1', 'sent']], 1])
  await next.mail.stop()
})

t.test('while the PBX is away it is tried again, and given up in the end', async t => {
  const { mail, told } = aDaemon('away', () => undefined)
  await mail.send(letter('m2'))
  await until(told, 1)
  t.strictSame([told, mails.length], [[['m2', 'failed']], 1])
  await mail.stop()
})

t.end()
