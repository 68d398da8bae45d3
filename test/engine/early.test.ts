/**
 * Asterisk tells of parking and of Local pairs by other threads than of the beginning of a channel: that a channel is parked may come
 * first. Each recorded session is told so once more, and the records are the same.
 */
import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { framesOf, recordsOf } from '../given/books.js'

const FOLDER = join(import.meta.dirname, '../../../test/facts')
/** What is moved, and the header that says of which channel it tells. */
const EARLY = { ParkedCall: 'ParkeeUniqueid', LocalBridge: 'LocalTwoUniqueid' } as const
/** What is told later than that after the beginning is not told before it. */
const AT_MOST_S = 0.05

const header = (frame: string, name: string) => new RegExp(`\\r\\n${name}: (.*)\\r\\n`).exec(frame)?.[1]
const stampOf = (frame: string) => Number(header(frame, 'Timestamp'))
const isEvent = (frame: string, name: string) => frame.startsWith(`Event: ${name}\r\n`)

/** Every such event in front of the beginning of its channel, and stamped so; undefined where there is none. */
function early(frames: readonly string[], event: keyof typeof EARLY): string[] | undefined {
  const told = [...frames]
  for (const frame of frames.filter(f => isEvent(f, event))) {
    const id = header(frame, EARLY[event])
    const at = told.findIndex(f => isEvent(f, 'Newchannel') && header(f, 'Uniqueid') === id)
    const before = told[at]
    if (before === undefined || told.indexOf(frame) < at || stampOf(frame) - stampOf(before) > AT_MOST_S) continue
    told.splice(told.indexOf(frame), 1)
    told.splice(at, 0, frame.replace(/\r\nTimestamp: .*\r\n/, `\r\nTimestamp: ${header(before, 'Timestamp')}\r\n`))
  }
  return told.some((frame, i) => frame !== frames[i]) ? told : undefined
}

/** Times differ by what the event was moved by. */
const records = (frames: readonly string[]) =>
  [...recordsOf(frames).values()]
    .map(({ outcome, endedBy, inferred, offers, agents, transfers, segments, mergedFrom, legs, id }) => ({
      ...{ id, outcome, endedBy, inferred, mergedFrom },
      legs: legs.map(({ id, side, extension, number, reason }) => ({ id, side, extension, number, reason })),
      offers: offers.map(({ leg, result, queue }) => ({ leg, result, queue })),
      agents: agents.map(({ extension }) => extension),
      transfers: transfers.map(({ kind, by, to, outcome, answeredBy }) => ({ kind, by, to, outcome, answeredBy })),
      segments: segments
        .filter(({ durationMs = 0 }) => durationMs > AT_MOST_S * 1000)
        .map(({ kind, legs, name }) => [kind, ...legs, name].join(' '))
        .sort(),
    }))
    .sort((a, b) => a.id.localeCompare(b.id))

const sessions = readdirSync(FOLDER).filter(name => name.endsWith('.ami'))

for (const event of ['ParkedCall', 'LocalBridge'] as const)
  t.test(`${event} before the beginning of its channel`, async t => {
    let played = 0
    for (const name of sessions) {
      const frames = framesOf(readFileSync(join(FOLDER, name), 'latin1'))
      const moved = early(frames, event)
      if (!moved) continue
      played += 1
      t.same(records(moved), records(frames), name)
    }
    t.ok(played > 0, 'there are such sessions')
  })

t.test('a caller hangs up before the end of the ringing is told: what came of the forward is as it was', async t => {
  const frames = framesOf(readFileSync(join(FOLDER, 'forwarded-unanswered.ami'), 'latin1'))
  const end = frames.findIndex(f => isEvent(f, 'DialEnd') && /\r\nDestChannel: PJSIP\/1003-/.test(f))
  const gone = frames.findIndex(f => isEvent(f, 'Hangup') && /\r\nChannel: PJSIP\/trunk-/.test(f))
  const [told, hangup] = [[...frames], frames[gone] ?? '']
  told.splice(gone, 1)
  const stamp = `\r\nTimestamp: ${header(frames[end] ?? '', 'Timestamp') ?? ''}\r\n`
  told.splice(end, 0, hangup.replace(/\r\nTimestamp: .*\r\n/, stamp))
  t.ok(end > 0 && gone > end)
  const transfersOf = (all: readonly string[]) => records(all).flatMap(({ transfers }) => transfers)
  t.match(transfersOf(told), [{ kind: 'forward', outcome: 'no-answer' }])
  t.same(transfersOf(told), transfersOf(frames))
})

// Two timers of Asterisk's run out at once: that of the transfer, and that of the ringing it has begun.
for (const name of ['attended-code-recall-unanswered', 'attended-code-semi-unanswered'])
  t.test(`${name}: the phone of who transferred rings before the other's has stopped`, t => {
    const frames = framesOf(readFileSync(join(FOLDER, `${name}.ami`), 'latin1'))
    const until = frames.findIndex(f => isEvent(f, 'Hangup') && /\r\nChannel: Local\//.test(f))
    const at = frames.findLastIndex(f => isEvent(f, 'Newchannel') && /\r\nChannel: PJSIP\/1001-/.test(f))
    const channel = header(frames[at] ?? '', 'Channel') ?? '-'
    const ofRecall = frames.filter((f, i) => i >= at && f.includes(`hannel: ${channel}\r\n`))
    const stamp = `\r\nTimestamp: ${header(frames[until] ?? '', 'Timestamp') ?? ''}\r\n`
    t.ok(until > 0 && at > until)
    for (const upTo of ['Newchannel', 'DialBegin', 'DialState', 'Newstate']) {
      const early = ofRecall.slice(0, ofRecall.findIndex(f => isEvent(f, upTo)) + 1)
      const told = frames.filter(f => !early.includes(f))
      told.splice(until, 0, ...early.map(f => f.replace(/\r\nTimestamp: .*\r\n/, stamp)))
      t.same(records(told), records(frames), `up to its ${upTo}`)
    }
    t.end()
  })
