/**
 * Stands between one phone and Asterisk like a router at home: passes every SIP message on, in both directions. It lets
 * a story read what was on the wire, and lets a phone refuse with another code than the 486 that baresip knows. Touches
 * two sockets.
 */
import { createSocket, type Socket } from 'node:dgram'
import { LOOPBACK } from './ports.js'

export type Relay = Readonly<{
  /** The phone sends to this port. */
  port: number
  /** What Asterisk sent, oldest first. */
  received: readonly string[]
  /** From now on a refusal bears this code and reason. */
  refuseWith: (refusal: string) => void
  close: () => void
}>

const REFUSAL = /^SIP\/2\.0 486 [^\r]*/

export async function openRelay(
  phonePort: number,
  asteriskPort: number,
  onReceived: (message: string) => void,
): Promise<Relay> {
  const [inner, outer] = [await bound(), await bound()]
  const received: string[] = []
  let refusal: string | undefined
  inner.on('message', message => {
    const text = message.toString('latin1')
    const refuses = refusal !== undefined && REFUSAL.test(text)
    outer.send(
      refuses ? Buffer.from(text.replace(REFUSAL, `SIP/2.0 ${refusal}`), 'latin1') : message,
      asteriskPort,
      LOOPBACK,
    )
  })
  outer.on('message', message => {
    received.push(message.toString('utf8'))
    onReceived(message.toString('utf8'))
    inner.send(message, phonePort, LOOPBACK)
  })
  const close = () => {
    inner.close()
    outer.close()
  }
  return { port: inner.address().port, received, refuseWith: text => (refusal = text), close }
}

function bound(): Promise<Socket> {
  const socket = createSocket('udp4')
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, LOOPBACK, () => resolve(socket))
  })
}
