/** What goes out over ARI about callers who are with the daemon: from a closed list, and nothing that could be more than one value. */
import t from 'tap'
import { requestOf } from '../../src/ari/encode.js'
import type { LegId } from '../../src/base/ids.js'
import type { Action, HandedAction } from '../../src/pbx/actions.js'

const leg = 'lab-1700000000.1' as LegId
const at = `/channels/${leg}`

t.test('as it goes out', async t => {
  const all: [HandedAction, object][] = [
    [{ do: 'go-on', leg, context: 'aladdin-go', exten: '2000' }, { method: 'POST', path: `${at}/continue`, query: { context: 'aladdin-go', extension: '2000', priority: '1' } }],
    [{ do: 'go-on', leg, context: 'aladdin-on', exten: '+493012' }, { method: 'POST', path: `${at}/continue`, query: { context: 'aladdin-on', extension: '+493012', priority: '1' } }],
    [{ do: 'go-on', leg, context: 'aladdin-agent', exten: `15*${'9'.repeat(32)}` }, { method: 'POST', path: `${at}/continue`, query: { context: 'aladdin-agent', extension: `15*${'9'.repeat(32)}`, priority: '1' } }],
    [{ do: 'set-priority', leg, priority: -10 }, { method: 'POST', path: `${at}/variable`, query: { variable: 'QUEUE_PRIO', value: '-10' } }],
    [{ do: 'set-target', leg, endpoint: 'PJSIP/1001' }, { method: 'POST', path: `${at}/variable`, query: { variable: 'ALADDIN_TARGET', value: 'PJSIP/1001' } }],
    [{ do: 'go-on', leg, context: 'aladdin-survey', exten: 's' }, { method: 'POST', path: `${at}/continue`, query: { context: 'aladdin-survey', extension: 's', priority: '1' } }],
    [{ do: 'let-go', leg }, { method: 'POST', path: `${at}/continue` }],
    [{ do: 'say', leg, sound: 'say-1', media: ['beep', '/a.b/c'] }, { method: 'POST', path: `${at}/play/say-1`, query: { media: 'sound:beep,sound:/a.b/c' } }],
    [{ do: 'say', leg, sound: 'say-1', media: ['beep'], language: 'zh_CN' }, { method: 'POST', path: `${at}/play/say-1`, query: { media: 'sound:beep', lang: 'zh_CN' } }],
    [{ do: 'hush', sound: 'say-1' }, { method: 'DELETE', path: '/playbacks/say-1' }],
    [{ do: 'record-voice', leg, name: 'survey-1', maxMs: 1_500, silenceMs: 1_000 }, { method: 'POST', path: `${at}/record`, query: { name: 'survey-1', format: 'wav', ifExists: 'fail', maxDurationSeconds: '2', maxSilenceSeconds: '1', terminateOn: 'any', beep: 'true' } }],
  ] // prettier-ignore
  for (const [action, request] of all)
    t.strictSame(requestOf(action, 'aladdin'), { ok: true, value: request }, action.do)
})

t.test('recordings that are over', async t => {
  const drop = { do: 'drop-recording', name: 'aladdin-vm-1' } as const
  t.strictSame(requestOf(drop, 'a'), { ok: true, value: { method: 'DELETE', path: '/recordings/stored/aladdin-vm-1' } })
  const copy = { do: 'copy-recording', name: 'vm-1', as: 'vm-2' } as const
  const query = { destinationRecordingName: 'vm-2' }
  t.strictSame(requestOf(copy, 'a'), {
    ok: true,
    value: { method: 'POST', path: '/recordings/stored/vm-1/copy', query },
  })
  for (const name of ['', '../x', 'a/b', 'a.b', 'a b', 'x'.repeat(201)])
    for (const action of [
      { ...drop, name },
      { ...copy, name },
      { ...copy, as: name },
    ])
      t.strictSame(requestOf(action, 'a'), { ok: false, error: 'BAD_REQUEST' }, JSON.stringify(action))
})

t.test('refused', async t => {
  const say = { do: 'say', leg, sound: 's', media: ['beep'] } as const
  const bad: Action[] = [
    ...['1 1', '1&2', '${X}', '', '1\r\n', '9'.repeat(33), 't', 's'].map((exten): Action => ({ do: 'go-on', leg, context: 'aladdin-go', exten })),
    ...['from-phones', 'aladdin-go,1,1', 'aladdin-', ''].map((context): Action => ({ do: 'go-on', leg, context, exten: '1' })),
    ...['../x', 'a/b', '', 'a b', 'x'.repeat(65)].flatMap((id): Action[] => [{ do: 'let-go', leg: id as LegId }, { do: 'hush', sound: id }, { ...say, sound: id }]),
    ...['', 'a,b', '../x', 'a b', 'sound:x', 'http://x', 'x'.repeat(201)].map((media): Action => ({ ...say, media: [media] })),
    ...['e', 'en-GB', '../', 'en,zh'].map((language): Action => ({ ...say, language })),
    ...['', 'PJSIP', 'PJSIP/1&PJSIP/2', 'PJSIP/${X}', 'PJSIP/1,20', 'Local/1@x'].map((endpoint): Action => ({ do: 'set-target', leg, endpoint })),
    ...[NaN, 0.5, 1e300].map((priority): Action => ({ do: 'set-priority', leg, priority })),
    { ...say, media: [] },
    ...['', '../x', 'a.b', 'a b'].map((name): Action => ({ do: 'record-voice', leg, name, maxMs: 1, silenceMs: 1 })),
  ] // prettier-ignore
  for (const action of bad) t.strictSame(requestOf(action, 'aladdin'), { ok: false, error: 'BAD_REQUEST' }, JSON.stringify(action))
}) // prettier-ignore
