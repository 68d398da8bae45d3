/** Has Asterisk emit as many UserEvents as it can, from a session of AMI that hears none of them. */
import { connect } from 'node:net'
import { once } from 'node:events'
import type { AmiLogin } from '../../lab/ami.js'
import { elapsedMs } from '../../src/base/system.js'

/** How many actions are under way at a time. */
const WINDOW = 500

/** `goOn` is asked before each hundred. Resolves with how many there were, and in how many milliseconds. */
export async function flood(
  { host, port, user, secret }: AmiLogin,
  note: string,
  goOn: () => boolean,
): Promise<{ events: number; ms: number }> {
  const socket = connect(port, host)
  let [sent, answered] = [0, 0]
  socket.setEncoding('latin1').on('data', (text: unknown) => (answered += String(text).split('Response: ').length - 1))
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(`Action: Login\r\nUsername: ${user}\r\nSecret: ${secret}\r\nEvents: off\r\n\r\n`)
  while (answered < 1) await once(socket, 'data')
  const hundred = `Action: UserEvent\r\nUserEvent: Flood\r\nNote: ${note}\r\n\r\n`.repeat(100)
  const began = elapsedMs()
  while (goOn()) {
    socket.write(hundred)
    sent += 100
    while (sent - answered > WINDOW) await once(socket, 'data')
  }
  while (answered <= sent) await once(socket, 'data')
  const ms = elapsedMs() - began
  socket.destroy()
  return { events: sent, ms }
}
