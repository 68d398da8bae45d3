/** What somebody may do, and may not. */
import t from 'tap'
import type { CallView } from '../../src/events/call.js'
import { AGENT, SUPERVISOR, wrongRight } from './people.js'
import type { Asked } from './proof.js'

const call = (extension: string, by = '1001') =>
  ({ legs: [{ state: 'up', extension }], transfers: [{ state: 'ringing', extension: by }] }) as unknown as CallView
const asked = (command: string, at: string, by?: string): Asked => ({
  command,
  at,
  body: by === undefined ? {} : { by },
})

t.test('carried out without the right', async t => {
  for (const [one, there] of [
    [asked('hold', '1001', AGENT), call('1001')],
    [asked('hangup', '1001', AGENT), call('1001')],
    [asked('transfers/@/cancel', '1002', AGENT), call('1002')],
    [asked('listen', '1003', SUPERVISOR), call('1001')],
  ] as const)
    t.match(wrongRight(one, there, 200, undefined), /without/, one.command)
  for (const [one, there] of [
    [asked('hold', '1001'), call('1001')],
    [asked('hold', '1001', SUPERVISOR), call('1001')],
    [asked('hold', '1002', AGENT), call('1002')],
    [asked('hangup', '1001', AGENT), call('1002')],
    [asked('transfers/@/cancel', '1001', AGENT), call('1002', '1002')],
  ] as const)
    t.equal(wrongRight(one, there, 200, undefined), undefined, one.command)
})

t.test('refused, although the right is there', async t => {
  t.match(wrongRight(asked('hold', '1001', SUPERVISOR), call('1001'), 403, 'RIGHT_MISSING'), /although/)
  t.equal(wrongRight(asked('hold', '1001', SUPERVISOR), call('1001'), 409, 'CALL_STATE'), undefined)
  t.equal(wrongRight(asked('pickup', '1002', AGENT), call('1003'), 403, 'RIGHT_MISSING'), undefined)
  t.equal(wrongRight(asked('hold', '1001', AGENT), call('1001'), 403, 'RIGHT_MISSING'), undefined)
})

t.end()
