/**
 * A bare AMI session for the lab's own needs: to know when Asterisk has booted, and to record what a session is sent,
 * byte by byte. It checks nothing; the daemon has a client of its own. Touches one socket.
 */
import { connect } from 'node:net'
import type { Clock } from '../src/base/clock.js'
import { watch, type Watched } from './wait.js'

export type Fields = Readonly<Record<string, string>>
export type AmiLogin = Readonly<{ host: string; port: number; user: string; secret: string }>
export type AmiSession = Readonly<{
  frames: Watched<Fields>
  /** Every byte that came, as text. */
  raw: () => string
  send: (fields: Fields | readonly (readonly [string, string])[]) => void
  close: () => void
}>

/** Of equal headers the last wins: good enough for a lab. */
export function parseFrame(text: string): Fields {
  const pairs = text
    .split('\r\n')
    .map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const)
  return Object.fromEntries(pairs.filter(([key]) => key !== ''))
}

/** Rejects when the connection is refused; resolves when the greeting has come and the login is sent. */
export function openAmi({ host, port, user, secret }: AmiLogin, clock: Clock): Promise<AmiSession> {
  const socket = connect(port, host)
  const frames = watch<Fields>(clock, f => f['Event'] ?? `${f['Response'] ?? ''} ${f['Message'] ?? ''}`)
  let [raw, rest, greeted] = ['', '', false]
  const send: AmiSession['send'] = fields => {
    const pairs = Symbol.iterator in fields ? [...fields] : Object.entries(fields)
    socket.write(pairs.map(([key, value]) => `${key}: ${value}\r\n`).join('') + '\r\n')
  }
  socket.once('close', () => frames.end('AMI is closed'))
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.setEncoding('utf8').on('data', (text: unknown) => {
      raw += String(text)
      rest += String(text)
      if (!greeted && rest.includes('\r\n')) {
        greeted = true
        rest = rest.slice(rest.indexOf('\r\n') + 2)
        send({ Action: 'Login', Username: user, Secret: secret, ActionID: 'lab-login' })
        resolve({ frames, raw: () => raw, send, close: () => void socket.destroy() })
      }
      const parts = rest.split('\r\n\r\n')
      rest = parts.pop() ?? ''
      parts.map(parseFrame).forEach(frames.tell)
    })
    socket.once('close', () => reject(new Error('AMI closed the connection')))
  })
}
