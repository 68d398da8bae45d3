/** The wiring of e-mails about voicemail: where they are kept, what they hold, and who is told what became of them. No logic. */
import { failureWithin } from './base/clock.js'
import { systemClock } from './base/system.js'
import type { Config, PbxConfig } from './config.js'
import type { Engine } from './engine/engine.js'
import { openMail, type Mail, type MailJobs } from './jobs/mail.js'
import type { Logger } from './logger.js'
import type { Keys } from './store/keys.js'
import { redisForJobs } from './store/redis.js'

const STOP_WITHIN_MS = 2_000

type Parts = { settings: PbxConfig; config: Config; keys: Keys; logger: Logger; engine: () => Engine }

/** Undefined where no box has an address. */
export function openVoicemailMail({ settings, config, keys, logger, engine }: Parts) {
  const { mail: server, redis } = config
  if (!server || settings.voicemail.boxes.every(({ email }) => email.length === 0)) return undefined
  const clients = { queue: redisForJobs(redis), worker: redisForJobs(redis) }
  const jobs: MailJobs = openMail({
    server,
    redis: clients,
    prefix: keys.jobs,
    async sound(id) {
      const sound = await engine().voicemail.sound(`${settings.name}:${id}`, {})
      if (sound.ok) return sound.value
      if (sound.error === 'MESSAGE_NOT_FOUND' || sound.error === 'RECORDING_NOT_FOUND') return undefined
      throw new Error(sound.error)
    },
    told: {
      done: (id, state) => engine().mailed(id, state),
      failed: (error, id) => logger.warn({ err: error, message: id }, 'an e-mail about voicemail was not sent'),
    },
  })
  return {
    send: (mail: Mail) => jobs.send(mail),
    async stop() {
      // Where Redis is away that may take for ever; what is not sent yet, the next daemon sends.
      await failureWithin(systemClock, STOP_WITHIN_MS, 'ending the e-mails', jobs.stop())
      clients.queue.disconnect()
      clients.worker.disconnect()
    },
  }
}
