/**
 * E-mails about messages that callers have left, the recording attached: a queue of BullMQ in Redis, so that what is to be sent is
 * sent after a restart, too, and tried again while the mail server is away. At least once: one that the server has taken right
 * before the daemon was killed comes twice, with the same Message-ID. Touches Redis and the mail server.
 */
import { Queue, Worker, type ConnectionOptions, type Job } from 'bullmq'
import { createTransport } from 'nodemailer'
import type { MessageView } from '../events/voicemail.js'

export type Mail = { id: string; message: MessageView; to: readonly string[] }

/** `tls`: from the first byte on; else STARTTLS, where the server has it. */
export type MailServer = {
  host: string
  port: number
  tls: boolean
  user?: string
  password?: string
  from: string
  tries: number
  retryMs: number
}

type Parts = {
  server: MailServer
  /** A client each: the one that waits for jobs does nothing else meanwhile. */
  redis: { queue: ConnectionOptions; worker: ConnectionOptions }
  /** How its keys begin. */
  prefix: string
  /** The recording (WAV); undefined: the message is no more, so nothing is sent. Rejects where the PBX is away. */
  sound: (id: string) => Promise<Buffer | undefined>
  told: { done: (id: string, state: 'sent' | 'failed') => void; failed: (error: Error, id: string) => void }
}

const NAME = 'mail'
const KEPT = 1_000
const TIMES = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 60_000 }

export type MailJobs = ReturnType<typeof openMail>

export function openMail({ server, redis, prefix, sound, told }: Parts) {
  const { host, port, tls, user, password, from } = server
  const auth = user === undefined ? {} : { auth: { user, pass: password ?? '' } }
  const transport = createTransport({ host, port, secure: tls, ...auth, ...TIMES })
  const queue = new Queue<Mail>(NAME, { connection: redis.queue, prefix })
  const worker = new Worker<Mail>(NAME, job => send(job.data), { connection: redis.worker, prefix, concurrency: 2 })
  // Without a listener, each lost connection would end the process; the clients themselves tell of it.
  queue.on('error', () => undefined)
  worker.on('error', () => undefined)
  worker.on('completed', job => told.done(job.data.id, 'sent'))
  worker.on('failed', (job: Job<Mail> | undefined, error: Error) => {
    if (!job) return
    told.failed(error, job.data.id)
    if (job.attemptsMade >= server.tries) told.done(job.data.id, 'failed')
  })

  async function send({ id, message, to }: Mail) {
    const wav = await sound(id)
    if (!wav) return
    const who = message.from.e164 ?? (message.from.number || 'unknown')
    await transport.sendMail({
      from,
      to: [...to],
      subject: `Voicemail for ${message.box} from ${who}`,
      text: [
        `From: ${who}`,
        `Box: ${[message.box, message.agent ?? message.workgroup].filter(Boolean).join(', ')}`,
        `At: ${message.at}`,
        `Length: ${Math.round(message.durationMs / 1_000)} s`,
        `Id: ${message.id}`,
        '',
      ].join('\n'),
      messageId: `<${id}@${message.pbx}.voicemail.aladdin>`,
      attachments: [{ filename: `${id}.wav`, content: wav, contentType: 'audio/wav' }],
    })
  }

  return {
    /** Resolves when it is in Redis; the same one again changes nothing. */
    async send(mail: Mail): Promise<void> {
      const job = await queue.add(NAME, mail, {
        jobId: mail.id,
        attempts: server.tries,
        backoff: { type: 'exponential', delay: server.retryMs },
        removeOnComplete: { count: KEPT },
        removeOnFail: { count: KEPT },
      })
      // It may have been over before the daemon was killed, and nobody was told.
      const state = await job.getState()
      if (state === 'completed' || state === 'failed') told.done(mail.id, state === 'completed' ? 'sent' : 'failed')
    },
    /** What is being sent is waited for. */
    async stop() {
      transport.close()
      await Promise.all([worker.close(), queue.close()])
    },
  }
}
