/**
 * baresip from the outside: the files it is started with, and its control port, where orders go in and events come out
 * (module ctrl_tcp: JSON in netstrings). Touches the run folder and one socket.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../src/base/clock.js'
import { randomToken } from '../src/base/system.js'
import type { Lab } from './lab.js'
import { encodeNetstring, takeNetstrings } from './netstring.js'
import { LOOPBACK } from './ports.js'
import type { Program } from './programs.js'
import { toneWav } from './sound.js'
import { retry, watch, type Watched } from './wait.js'

/** A phone speaks no longer in one call. */
const LONGEST_TONE_S = 120
const PATIENCE_MS = 10_000

export type PhoneEvent = Readonly<{
  type: 'registered' | 'calling' | 'ringing' | 'progress' | 'established' | 'closed' | 'other'
  /** baresip's own name for it. */
  name: string
  /** The other party's SIP address. */
  peer: string
  /** Why, for `closed`. */
  detail: string
  /** The call's own id on the phone. */
  callId: string
}>

type Settings = Readonly<{
  /** Its number, and the name that it registers under. */
  number: string
  registers: boolean
  sipPort: number
  controlPort: number
  relayPort: number
  obeys: boolean
  toneHz: number | undefined
  /** What it calls itself, without quotes and brackets. */
  name: string | undefined
}>

export function writeSettings(
  folder: string,
  lab: Lab,
  { number, registers, sipPort, controlPort, relayPort, obeys, toneHz, name }: Settings,
): void {
  const { host, port, password } = lab.asterisk.sip
  mkdirSync(folder)
  const account = [
    `${name === undefined ? '' : `"${name}" `}<sip:${number}@${host}:${port};transport=udp>`,
    ...[
      `auth_pass=${password}`,
      `outbound="sip:${LOOPBACK}:${relayPort};transport=udp"`,
      `regint=${registers ? 600 : 0}`,
    ],
    ...['audio_codecs=pcmu', 'answermode=manual', `sip_autoanswer=${obeys ? 'yes' : 'no'}`],
  ]
  writeFileSync(join(folder, 'accounts'), account.join(';') + '\n', { mode: 0o600 })
  writeFileSync(join(folder, 'contacts'), '')
  if (toneHz !== undefined) writeFileSync(join(folder, 'tone.wav'), toneWav(toneHz, LONGEST_TONE_S))
  const config = [
    ...[`sip_listen ${LOOPBACK}:${sipPort}`, 'net_interface 127.0.0.1', 'rtp_ports 40000-49999', 'call_max_calls 4'],
    ...[toneHz === undefined ? `audio_source aubridge,${number}` : `audio_source aufile,${join(folder, 'tone.wav')}`],
    ...[`audio_player aubridge,${number}`, `audio_alert aubridge,${number}`],
    ...['sip_autoanswer_beep no', `module_path ${join(lab.root, 'usr/lib/baresip/modules')}`],
    ...(toneHz === undefined ? [] : [`snd_path ${folder}`]),
    ...['g711', 'aubridge', ...(toneHz === undefined ? [] : ['aufile', 'sndfile'])].map(name => `module ${name}.so`),
    ...['account', 'menu', 'ctrl_tcp'].map(name => `module_app ${name}.so`),
    `ctrl_tcp_listen ${LOOPBACK}:${controlPort}`,
  ]
  writeFileSync(join(folder, 'config'), config.join('\n') + '\n')
}

const TYPES: Readonly<Record<string, PhoneEvent['type']>> = {
  CALL_OUTGOING: 'calling',
  CALL_INCOMING: 'ringing',
  CALL_RINGING: 'progress',
  CALL_PROGRESS: 'progress',
  CALL_ESTABLISHED: 'established',
  CALL_CLOSED: 'closed',
  // It hangs up then, and says no more.
  TRANSFER_FAILED: 'closed',
}

export type Control = Readonly<{ order: (command: string, params?: string) => Promise<void>; close: () => void }>

export async function openControl(
  port: number,
  program: Program,
  clock: Clock,
  events: Watched<PhoneEvent>,
): Promise<Control> {
  const socket = await retry(clock, 'baresip to open its control port', PATIENCE_MS, () => {
    if (!program.running()) throw new Error(`baresip ended while it started: ${program.lastWords()}`)
    return connectTo(port)
  })
  const replies = watch<Reply>(clock, reply => reply.data ?? '')
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => undefined)
  socket.once('close', () => {
    replies.end('the phone is gone')
    events.end('the phone is gone')
  })
  socket.on('data', chunk => {
    const taken = takeNetstrings(Buffer.concat([rest, chunk]))
    rest = taken.rest
    for (const text of taken.texts) {
      const message = JSON.parse(text) as Reply & BaresipEvent
      if (message.response) replies.tell(message)
      else events.tell(asEvent(message))
    }
  })
  const order = async (command: string, params = '') => {
    const token = randomToken(6)
    socket.write(encodeNetstring(JSON.stringify({ command, params, token })))
    const reply = await replies.until(`baresip's answer to ${command}`, ({ token: its }) => its === token, PATIENCE_MS)
    if (!reply.ok) throw new Error(`baresip refused ${command} ${params}: ${reply.data ?? ''}`)
  }
  return { order, close: () => void socket.destroy() }
}

type Reply = Readonly<{ response?: boolean; ok?: boolean; data?: string; token?: string }>
type BaresipEvent = Readonly<{ type?: string; peeruri?: string; param?: string; id?: string }>

const asEvent = ({
  type: name = '',
  peeruri: peer = '',
  param: detail = '',
  id: callId = '',
}: BaresipEvent): PhoneEvent => ({
  type: TYPES[name] ?? 'other',
  ...{ name, peer, detail, callId },
})

function connectTo(port: number): Promise<Socket | undefined> {
  return new Promise(resolve => {
    const socket = connect(port, LOOPBACK, () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}
