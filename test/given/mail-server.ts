/** A real mail server on loopback that takes whatever it is sent. Gone when the test is. */
import { SMTPServer } from 'smtp-server'
import type { Test } from 'tap'

export type Letter = { to: string[]; text: string }

/** Resolves when it listens, with what it will have been sent. */
export async function aMailServer(t: Pick<Test, 'teardown'>, port: number): Promise<readonly Letter[]> {
  const letters: Letter[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(data, session, done) {
      const chunks: Buffer[] = []
      data.on('data', (chunk: Buffer) => chunks.push(chunk))
      data.on('end', () => {
        letters.push({
          to: session.envelope.rcptTo.map(r => r.address),
          text: Buffer.concat(chunks).toString('latin1'),
        })
        done()
      })
    },
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>(resolve => server.close(() => resolve())))
  return letters
}
