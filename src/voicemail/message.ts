/**
 * A message that a caller has left. The dialplan records it and names the file after all that is known then, so that it is found and
 * understood whether or not the daemon was there. Pure.
 */
import type { CallId, EpochMs, LegId } from '../base/ids.js'
import type { Party } from '../events/call-parts.js'
import { iso } from '../events/event.js'
import type { MessageView } from '../events/voicemail.js'

/** `file`: the name of the recording. `deleting`: it is to go, and the PBX has not said that it is gone. */
export type Message = {
  id: string
  box: string
  file: string
  from: Party
  at: EpochMs
  durationMs: number
  revision: number
  call?: CallId
  heardAt?: EpochMs
  heardBy?: string
  forwarded?: { from: string; by: string }
  mail?: NonNullable<MessageView['mail']>
  deleting?: true
}

/** What the configuration says of a box. */
export type Box = { box: string; agent?: string; workgroup?: string; email: readonly string[] }

export type Named = { id: string; box: string; at: EpochMs; caller: string; leg: string }

const PREFIX = 'aladdin-vm-'
const NAME = /^aladdin-vm-([0-9]{1,32})-([0-9]{9,11})-(p?[0-9]{0,33})-([A-Za-z0-9_-]{1,64})$/
const S = 1_000

/** Undefined: it is no message of ours. `leg`: of whoever left it, as a file may be called; see `fileNameOf`. */
export function readName(file: string): Named | undefined {
  const [, box, seconds, caller, leg] = NAME.exec(file) ?? []
  if (box === undefined || seconds === undefined || leg === undefined) return undefined
  const at = (Number(seconds) * S) as EpochMs
  return { id: `${box}-${seconds}-${leg}`, box, at, caller: (caller ?? '').replace('p', '+'), leg }
}

/** As the dialplan says it in the name of a file. */
export const fileNameOf = (leg: LegId) => leg.replaceAll('.', '_')

/** The name of a copy in another box. */
export const inBox = (file: string, box: string) => file.replace(/^aladdin-vm-[0-9]+-/, `${PREFIX}${box}-`)

const HEADER = 44
const BYTE_RATE_AT = 28

/** Of a WAV file as Asterisk writes it; the length in its header is wrong where Asterisk was killed. */
export function durationMsOf(wav: Buffer): number {
  const rate = wav.length > HEADER ? wav.readUInt32LE(BYTE_RATE_AT) : 0
  return rate === 0 ? 0 : Math.round(((wav.length - HEADER) * S) / rate)
}

export const heard = (was: Message, is: boolean, at: EpochMs, by: string): Message => {
  if ((was.heardAt !== undefined) === is) return was
  const { heardAt: _, heardBy: __, ...rest } = was
  return { ...rest, revision: was.revision + 1, ...(is && { heardAt: at, heardBy: by }) }
}

/** What the light on a phone shows. */
export function countsOf(messages: Iterable<Message>, box: string) {
  const here = [...messages].filter(m => m.box === box && !m.deleting)
  const old = here.filter(m => m.heardAt !== undefined).length
  return { fresh: here.length - old, heard: old }
}

export function viewMessage(pbx: string, message: Message, box: Box | undefined): MessageView {
  const { id, revision, from, call, at, durationMs, heardAt, heardBy, forwarded, mail } = message
  return {
    id: `${pbx}:${id}`,
    pbx,
    revision,
    box: message.box,
    ...(box?.agent !== undefined && { agent: box.agent }),
    ...(box?.workgroup !== undefined && { workgroup: box.workgroup }),
    from,
    ...(call !== undefined && { call }),
    at: iso(at),
    durationMs,
    state: heardAt === undefined ? 'new' : 'heard',
    ...(heardAt !== undefined && { heardAt: iso(heardAt) }),
    ...(heardBy !== undefined && { heardBy }),
    ...(forwarded && { forwarded }),
    ...(mail && { mail }),
  }
}
