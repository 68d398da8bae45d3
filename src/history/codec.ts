/**
 * A call as the few bytes that the history keeps of it, and back. What JSON spells out each time is a number here: names of
 * fields and usual texts by their place in a list, times by how long after the one before, a text that is like an earlier
 * one by that. Fields that are in no list are kept by name, so a record never loses any. Pure.
 *
 * A record: version, revision, then one value. Numbers are seven bits a byte, the lowest first. A value begins with a
 * number whose lowest three bits are its tag.
 */
import type { CallView } from '../events/call.js'
import { createReader } from './codec-read.js'
import { createWriter } from './codec-write.js'

export const RECORD_VERSION = 1

/** The id without the PBX's name in front, which is its own field. */
export function encodeCall(call: CallView): Buffer {
  const own = `${call.pbx}:`
  const out = createWriter()
  out.number(RECORD_VERSION)
  out.number(call.revision)
  out.value({ ...call, id: call.id.startsWith(own) ? call.id.slice(own.length) : `:${call.id}` })
  return out.bytes()
}

/** Throws where the bytes are no record. */
export function decodeCall(bytes: Buffer): CallView {
  const from = createReader(bytes)
  const version = from.number()
  if (version !== RECORD_VERSION) throw new Error(`a record of version ${version} is not known here`)
  from.number()
  const call = from.value() as CallView
  if (!from.atEnd() || typeof call !== 'object' || typeof call.id !== 'string') throw new Error('not a record')
  call.id = call.id.startsWith(':') ? call.id.slice(1) : `${call.pbx}:${call.id}`
  return call
}
