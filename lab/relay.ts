/**
 * Stands between one phone and Asterisk like a router at home: passes every SIP message on, in both directions. It lets
 * a story read what was on the wire, and lets a phone do what baresip cannot: refuse with another code than 486, and
 * say in a transfer which of its calls is to be replaced (RFC 3891). Touches two sockets.
 */
import { createSocket, type Socket } from 'node:dgram'
import { LOOPBACK } from './ports.js'

export type Relay = Readonly<{
  /** The phone sends to this port. */
  port: number
  /** What Asterisk sent, oldest first. */
  received: readonly string[]
  /** From now on a refusal bears this code and reason, and the headers behind them; undefined: as the phone says it. */
  refuseWith: (refusal: string | undefined) => void
  /** The next transfer asks for the place of the phone's other call that has this SIP Call-ID. */
  replaceNext: (callId: string) => void
  close: () => void
}>

export type Tags = Readonly<{ phone: string; asterisk: string }>

const CONTACT = /(?<=^Contact:[^\r]*)127\.0\.0\.1:(\d+)(?=>)/im
const REFUSAL = /^SIP\/2\.0 486 [^\r]*/
const REFER_TO = /^Refer-To:\s*<?(sip:[^>;?\r\s]+)[^\r]*/im

/** Asterisk tells one phone from another, and the trunk from both, by the address that `from` is. */
export async function openRelay(
  phonePort: number,
  asteriskPort: number,
  onReceived: (message: string) => void,
  from: string = LOOPBACK,
): Promise<Relay> {
  const [inner, outer] = [await bound(LOOPBACK), await bound(from)]
  const received: string[] = []
  const tags = new Map<string, Tags>()
  let refusal: string | undefined
  let replaced: string | undefined
  /** The phone is to send what belongs to a call to us as well, and not straight to where Asterisk says it is. */
  const through = (text: string) =>
    text.replace(CONTACT, (all, port: string) =>
      port === String(asteriskPort) ? `${all.slice(0, -port.length)}${inner.address().port}` : all,
    )
  const changed = (text: string) => {
    if (refusal !== undefined && REFUSAL.test(text)) return text.replace(REFUSAL, `SIP/2.0 ${refusal}`)
    if (replaced === undefined || !text.startsWith('REFER ')) return text
    const other = withReplaces(text, replaced, tags.get(replaced))
    replaced = undefined
    return other
  }
  inner.on('message', message => {
    const text = message.toString('latin1')
    note(tags, text, 'sent')
    outer.send(Buffer.from(changed(text), 'latin1'), asteriskPort, LOOPBACK)
  })
  outer.on('message', message => {
    note(tags, message.toString('latin1'), 'received')
    received.push(message.toString('utf8'))
    onReceived(message.toString('utf8'))
    inner.send(Buffer.from(through(message.toString('latin1')), 'latin1'), phonePort, LOOPBACK)
  })
  const close = () => {
    inner.close()
    outer.close()
  }
  return {
    ...{ port: inner.address().port, received, close },
    refuseWith: text => (refusal = text),
    replaceNext: callId => (replaced = callId),
  }
}

const header = (text: string, name: string) => new RegExp(`^${name}:\\s*([^\\r]*)`, 'im').exec(text)?.[1] ?? ''
const tagIn = (text: string, name: string) => /;tag=([^;>\s]+)/.exec(header(text, name))?.[1]

/** Each side's tag of a call, as soon as both are known. */
function note(tags: Map<string, Tags>, text: string, way: 'sent' | 'received'): void {
  const [from, to] = [tagIn(text, 'From'), tagIn(text, 'To')]
  if (from === undefined || to === undefined) return
  const phoneIsFrom = (way === 'sent') !== text.startsWith('SIP/2.0 ')
  tags.set(header(text, 'Call-ID'), phoneIsFrom ? { phone: from, asterisk: to } : { phone: to, asterisk: from })
}

/** The REFER, with the call that is to be replaced in its Refer-To; as it was when that call is not known. */
export function withReplaces(refer: string, callId: string, tags: Tags | undefined): string {
  if (tags === undefined) return refer
  const replaces = `${callId};to-tag=${tags.asterisk};from-tag=${tags.phone}`
  return refer.replace(REFER_TO, (_, uri: string) => `Refer-To: <${uri}?Replaces=${encodeURIComponent(replaces)}>`)
}

function bound(host: string): Promise<Socket> {
  const socket = createSocket('udp4')
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, host, () => resolve(socket))
  })
}
