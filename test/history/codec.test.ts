/** Records of the history: whatever a call holds comes back as it was, in an eighth of the space; what is no record is refused. */
import fc from 'fast-check'
import t from 'tap'
import { CallSchema, type CallView } from '../../src/events/call.js'
import { decodeCall, encodeCall } from '../../src/history/codec.js'
import { KINDS } from '../../src/history/words.js'
import { madeCalls } from '../../lab/made-calls.js'

const there = (call: unknown) => JSON.parse(JSON.stringify(call)) as CallView

t.test('calls as they are', async t => {
  let [text, bytes] = [0, 0]
  for (const call of madeCalls(1, 500)) {
    const record = encodeCall(call)
    t.strictSame(decodeCall(record), there(call))
    text += JSON.stringify(call).length
    bytes += record.length
  }
  t.ok(bytes < text / 8, `${bytes} bytes instead of ${text}`)
})

t.test('anything else that a field may hold', async t => {
  const [base] = madeCalls(2, 1)
  const value = fc.oneof(
    fc.jsonValue(),
    fc.date({ noInvalidDate: true }).map(d => d.toISOString()),
    fc.constantFrom(
      '2026-03-01T00:00:00.000Z',
      '2026-02-30T00:00:00.000Z',
      'PJSIP/',
      '\ud83d\ude00',
      '\ud83d\ude01',
      '',
      -0.5,
      2 ** 53,
    ),
  )
  const odd = fc.dictionary(fc.string(), fc.oneof(value, fc.array(value), fc.dictionary(fc.string(), value)))
  fc.assert(
    fc.property(odd, fc.string(), (more, id) => {
      const call = there({ ...more, ...base, id, data: more })
      t.strictSame(there(decodeCall(encodeCall(call))), call)
    }),
    { numRuns: 300 },
  )
})

t.test('bytes that are no record are an error, never a call', async t => {
  const [call] = madeCalls(3, 1)
  const record = encodeCall(call as CallView)
  for (let length = 0; length < record.length; length++) t.throws(() => decodeCall(record.subarray(0, length)))
  t.throws(() => decodeCall(Buffer.concat([record, Buffer.from([0])])))
  t.throws(() => decodeCall(Buffer.from([9, ...record.subarray(1)])), /version 9/)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      try {
        decodeCall(Buffer.from([1, 1, ...bytes]))
      } catch (error) {
        t.ok(error instanceof Error)
      }
    }),
    { numRuns: 500 },
  )
})

t.test('each field of a call has its place in a list: none is spelt out', async t => {
  const known = new Set(KINDS.flatMap(kind => kind.keys))
  const names = (schema: unknown): string[] => {
    if (typeof schema !== 'object' || schema === null) return []
    const { items, ...told } = schema as { properties?: Record<string, unknown>; items?: unknown }
    // Of the live call alone.
    const { pop: _, ...properties } = told.properties ?? {}
    return [...Object.keys(properties), ...Object.values(properties).flatMap(names), ...names(items)]
  }
  t.ok(names(CallSchema).length > 50)
  for (const name of names(CallSchema)) t.ok(known.has(name), name)
})

t.end()
