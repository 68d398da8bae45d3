/** docs/limits.md has the numbers of the code, and connections have a limit. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { MAX_FRAME_BYTES as MAX_AMI_FRAME } from '../src/ami/parse.js'
import { MAX_LIST, MAX_PENDING } from '../src/ami/pending.js'
import { MOST_IN_MEMORY } from '../src/api/idempotency.js'
import * as server from '../src/api/server.js'
import { MAX_IMPORT_BYTES } from '../src/api/routes/listed.js'
import { MAX_CURSOR } from '../src/api/stream/cursor.js'
import { MAX_BACKLOG_BYTES } from '../src/api/stream/follow.js'
import { ERRORS } from '../src/base/errors.js'
import { MOST_REFUSED } from '../src/engine/listed.js'
import { MOST_PAST, MOST_PROMISED, MOST_RECORDED } from '../src/engine/state.js'
import { MAX_PROMPT_BYTES } from '../src/api/routes/prompts.js'
import { LONGEST_MS, MEMORY_KIB } from '../src/prompts/convert.js'
import { MOST_MESSAGES } from '../src/engine/voicemail.js'
import { createMetrics } from '../src/metrics.js'
import { DISK_PATIENCE_MS, PATIENCE_MS } from '../src/store/kept-log.js'
import { MOST_SHAPES } from '../src/store/number-list.js'
import { TAIL } from '../src/store/tail.js'
import { retry } from '../lab/wait.js'
import { systemClock } from '../src/base/system.js'
import { anApi } from './given/api.js'

const page = readFileSync('docs/limits.md', 'utf8')
const rows = [...page.matchAll(/^\| ([^|`]+?) +\| (\d+)[^|]*\|/gm)].map(([, what = '', limit]) => [what, Number(limit)])

t.test('each number is that of the code', async t => {
  t.strictSame(Object.fromEntries(rows), {
    'body of a request': server.MAX_BODY_BYTES,
    'file that is read into the blacklist': MAX_IMPORT_BYTES,
    'kinds of patterns in the blacklist': MOST_SHAPES,
    'lines of such a file that cannot be read': MOST_REFUSED,
    'address of a request': server.MAX_URL,
    'one part of an address': server.MAX_PARAM,
    cursor: MAX_CURSOR,
    'what one stream has not taken': MAX_BACKLOG_BYTES,
    'frame that a client sends': server.MAX_FRAME_BYTES,
    'connections beside the streams': server.CONNECTIONS_BESIDE_STREAMS,
    'time that Redis has for a batch': PATIENCE_MS,
    'time that the disk has for a batch': DISK_PATIENCE_MS,
    'events in memory, of one PBX': TAIL.entries,
    'characters of events in memory, of one PBX': TAIL.chars,
    'commands to Redis while it is not connected': 0,
    'calls that ended, in memory': MOST_RECORDED,
    'legs of calls that ended, in memory': MOST_PAST,
    'actions that wait for their answer': MAX_PENDING,
    'answers that Redis did not take': MOST_IN_MEMORY,
    'calls that are dialled and have notes already': MOST_PROMISED,
    'one frame of AMI': MAX_AMI_FRAME,
    'one list of AMI': MAX_LIST,
    'sound that is sent as a prompt': MAX_PROMPT_BYTES,
    'length of a prompt, in ms': LONGEST_MS,
    'memory to convert a sound in, in KiB': MEMORY_KIB,
    'messages of voicemail that are known': MOST_MESSAGES,
  })
})

t.test('each code and each metric exists', async t => {
  for (const [, code = ''] of page.matchAll(/`([A-Z_]{5,})`/g)) t.ok(code in ERRORS, code)
  const metrics = await createMetrics().text()
  const named = [...page.matchAll(/`(aladdin_\w+)`/g)].map(([, name = '']) => name)
  t.ok(named.length > 10)
  for (const name of named) t.match(metrics, `# TYPE ${name} `, name)
})

t.test('one connection too many is closed, and counted', async t => {
  const { api, refused } = await anApi({}, 1)
  await api.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.server.address() as AddressInfo
  const sockets: Socket[] = []
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await api.close()
  })
  const open = async () => {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    const closed = new Promise(resolve => socket.once('close', resolve))
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return closed
  }
  const most = server.CONNECTIONS_BESIDE_STREAMS + 1
  for (let n = 0; n < most; n++) void open()
  await retry(systemClock, 'all to be taken', 10_000, () => connections(api).then(n => n === most || undefined))
  await await open()
  t.equal(refused.count, 1)
  sockets[0]?.destroy()
  await retry(systemClock, 'room for one', 5_000, () => connections(api).then(n => n < most || undefined))
  t.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200)
})

const connections = ({ server: http }: Awaited<ReturnType<typeof anApi>>['api']) =>
  new Promise<number>((resolve, reject) => http.getConnections((error, n) => (error ? reject(error) : resolve(n))))

t.end()
