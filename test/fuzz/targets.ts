/**
 * What must hold for whatever comes from a PBX, and for sounds that are sent. Each target takes bytes and throws, saying what does not
 * hold: nothing is thrown but AmiProtocolError, the frames are the same however the bytes are cut, facts are well-formed, a sound has a
 * header that is true or a reason why it is none, and time and memory are bounded.
 */
import { factOf } from '../../src/ami/normalise.js'
import { channelsSeen } from '../../src/ami/snapshot.js'
import { AmiProtocolError, createParser, type Frame } from '../../src/ami/parse.js'
import { createPending } from '../../src/ami/pending.js'
import { ariEventOf, jsonOf } from '../../src/ari/event.js'
import { versionOf } from '../../src/ari/link.js'
import type { EpochMs } from '../../src/base/ids.js'
import { elapsedMs, systemClock } from '../../src/base/system.js'
import { applyFact, nothingApplied } from '../../src/engine/apply.js'
import { publishChanges } from '../../src/engine/publish.js'
import { createState } from '../../src/engine/state.js'
import type { PbxFact } from '../../src/pbx/facts.js'
import { FORMATS, readable } from '../../src/prompts/formats.js'
import { site } from '../given/calls.js'
import type { Random } from './mutate.js'

export type Target = (bytes: Buffer, random: Random) => void

const BANNER = Buffer.from('Asterisk Call Manager/11.0.0\r\n')
const NOW = 1_700_000_000_000 as EpochMs
/** Small, so that its limits are met often. */
const MAX_FRAME_BYTES = 4_000
const LONGEST_TEXT = 1_000
const SLOW_MS = 2_000

const must = (holds: boolean, what: string) => {
  if (!holds) throw new Error(what)
}

function parsed(chunks: readonly Buffer[]) {
  const parser = createParser(MAX_FRAME_BYTES)
  const frames: Frame[] = []
  try {
    for (const chunk of chunks) frames.push(...parser.push(chunk))
    return { frames, refused: false, banner: parser.banner() }
  } catch (error) {
    if (!(error instanceof AmiProtocolError)) throw error
    return { frames, refused: true, banner: parser.banner() }
  }
}

function cutAnywhere(bytes: Buffer, { whole }: Random): Buffer[] {
  const places = Array.from({ length: whole(20) }, () => whole(bytes.length + 1)).sort((a, b) => a - b)
  return [0, ...places].map((from, i) => bytes.subarray(from, places[i] ?? bytes.length))
}

function sameFrames(bytes: Buffer, random: Random): Frame[] {
  const whole = parsed([bytes])
  for (const chunks of [cutAnywhere(bytes, random), [...bytes].map(byte => Buffer.from([byte]))]) {
    const pieces = parsed(chunks)
    must(pieces.refused === whole.refused, 'refused in one piece, and taken in several, or the other way round')
    must(pieces.banner === whole.banner, 'another banner')
    // What is complete before the fault is handed over with its piece, or goes with it.
    const least = whole.refused ? whole.frames.length : Math.max(whole.frames.length, pieces.frames.length)
    for (let i = 0; i < least; i++) must(pieces.frames[i]?.text === whole.frames[i]?.text, `frame ${i} is another`)
    if (whole.refused) whole.frames = pieces.frames
  }
  return whole.frames
}

/** Whatever kinds of facts there are: every text is short, every number is one, and every time is a date. */
function wellFormed(value: unknown, name: string, under: string) {
  const where = `${under}.${name}`
  if (typeof value === 'string') must(value.length <= LONGEST_TEXT, `${where} has ${value.length} characters`)
  else if (typeof value === 'number') {
    must(Number.isFinite(value), `${where} is ${value}`)
    if (/^(at|since)$|At$/.test(name)) must(!Number.isNaN(new Date(value).getTime()), `${where} is no date`)
  } else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) wellFormed(item, key, where)
  else must(typeof value === 'boolean', `${where} is ${typeof value}`)
  if (/^(leg|linked|by|bridge|replaces)$/.test(name) && typeof value === 'string' && value !== 'far-side')
    must(value !== '' && value.length <= 150, `${where} is no id`)
}

export const ami: Target = (bytes, random) => {
  const began = elapsedMs()
  const frames = sameFrames(random.whole(4) === 0 ? bytes : Buffer.concat([BANNER, bytes]), random)
  const pending = createPending(systemClock)
  const state = createState([])
  const seen: PbxFact = { type: 'pbx.seen', at: NOW, channels: [] }
  const facts = frames.filter(frame => !pending.claimed(frame)).flatMap(frame => factOf(frame, NOW) ?? [])
  seen.channels.push(...channelsSeen({ bridges: frames, queues: frames, parked: frames, channels: frames }, NOW))
  for (const fact of [...facts, seen]) {
    wellFormed(fact, fact.type, '')
    const applied = nothingApplied()
    applyFact(site, state, fact, applied)
    publishChanges(state, applied)
    for (const { json } of applied.events) JSON.parse(json)
  }
  must(elapsedMs() - began < SLOW_MS, `it took ${Math.round(elapsedMs() - began)} ms`)
}

export const ari: Target = bytes => {
  const began = elapsedMs()
  const message = jsonOf(bytes.toString('utf8'))
  const event = ariEventOf(message)
  if (event) wellFormed(event, 'event', '')
  must(event === undefined || event.type.length > 0, 'an event without a type')
  const version = versionOf(message)
  must(version === undefined || typeof version === 'string', 'a version that is no text')
  must(elapsedMs() - began < SLOW_MS, `it took ${Math.round(elapsedMs() - began)} ms`)
}

const LONGEST_SOUND_MS = 600_000
/** A frame of GSM: 33 bytes, and 160 samples of two. */
const MOST_GROWTH = 10
const HEADER_BYTES = 44

export const sound: Target = (bytes, random) => {
  const began = elapsedMs()
  const format = random.whole(2) === 0 ? undefined : random.pick(FORMATS)
  const read = readable(bytes, format, LONGEST_SOUND_MS)
  if ('sound' in read && read.sound !== bytes) {
    const wav = Buffer.from(read.sound)
    must(wav.length <= MOST_GROWTH * bytes.length + HEADER_BYTES, `${bytes.length} bytes became ${wav.length}`)
    must(wav.toString('latin1', 0, 4) === 'RIFF' && wav.readUInt32LE(4) === wav.length - 8, 'a RIFF of another size')
    const again = readable(wav, undefined, LONGEST_SOUND_MS)
    must('sound' in again && wav.equals(again.sound), 'what was made of it is read as something else')
  }
  must(elapsedMs() - began < SLOW_MS, `it took ${Math.round(elapsedMs() - began)} ms`)
}

export const TARGETS = { ami, ari, sound }
export type TargetName = keyof typeof TARGETS
