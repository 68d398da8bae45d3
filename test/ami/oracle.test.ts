/** Our parser and that of asterisk-manager read the same of ordinary frames, however the stream is cut. */
import createManager, { type Item } from 'asterisk-manager'
import fc from 'fast-check'
import t from 'tap'
import { readdirSync, readFileSync } from 'node:fs'
import { frameOfItem } from '../../src/ami/drivers/asterisk-manager.js'
import { createParser, type Frame } from '../../src/ami/parse.js'
import { systemClock } from '../../src/base/system.js'
import { watch } from '../../lab/wait.js'
import { anAmiServer, GREETING } from '../given/ami-server.js'

/**
 * The package makes objects of these two, and finds the third in every object; and it joins lines of a response that
 * "follows", as Asterisk before 14 sent them.
 */
const PECULIAR = /^(variable|chanvariable|constructor|tostring|valueof|hasownproperty|isprototypeof|event|response)$/i

const name = fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,14}$/).filter(text => !PECULIAR.test(text))
const value = fc
  .string({ unit: 'grapheme', maxLength: 30 })
  .filter(text => text === text.trim() && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text))
const headers = fc.uniqueArray(fc.tuple(name, value), { selector: ([header]) => header.toLowerCase(), maxLength: 20 })
const frame = fc
  .tuple(fc.constantFrom('Event', 'Response'), name, headers)
  .filter(([kind, first]) => kind === 'Event' || !/follow/i.test(first))
type Made = [kind: string, name: string, headers: [string, string][]]

const textOf = ([kind, first, rest]: Made) =>
  `${[[kind, first], ...rest].map(line => line.join(': ')).join('\r\n')}\r\n\r\n`

function cut(text: string, at: number[]): Buffer[] {
  const bytes = Buffer.from(text)
  const places = [0, ...at.map(place => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end))
}

const ours = (chunks: Buffer[]) => {
  const parser = createParser()
  return [Buffer.from(GREETING), ...chunks].flatMap(chunk => parser.push(chunk))
}

const server = await anAmiServer(t)
/** What the package reads from a socket. A last frame of ours says that it is all. */
async function theirs(chunks: Buffer[]): Promise<Frame[]> {
  const manager = createManager()
  const items = watch<Item>(systemClock, item => Object.keys(item).join())
  manager.removeAllListeners('rawevent')
  manager.on('rawevent', items.tell)
  const before = server.sockets.length
  const connected = new Promise<void>(resolve => manager.on('connect', resolve))
  manager.connect(server.address.port, server.address.host)
  await connected
  while (server.sockets.length === before)
    await new Promise(resolve => systemClock.wake(systemClock.now(), () => resolve(0)))
  const socket = server.sockets.at(-1)
  for (const chunk of chunks) socket?.write(chunk)
  socket?.write('Event: TheEnd\r\n\r\n')
  await items.until('the end', item => item['event'] === 'TheEnd', 5_000)
  manager.disconnect()
  return items.history.slice(0, -1).map(frameOfItem)
}

t.test('any ordinary frames', async t => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      async (made, at) => {
        const chunks = cut(made.map(textOf).join(''), at)
        const [mine, other] = [ours(chunks), await theirs(chunks)]
        const read = (frames: Frame[]) =>
          frames.map((one, i) => [one.kind, one.name, ...(made[i]?.[2] ?? []).map(([header]) => one.get(header))])
        t.strictSame(read(mine), read(other))
        t.strictSame(
          read(mine),
          made.map(([kind, first, rest]) => [kind, first, ...rest.map(([, text]) => text)]),
        )
      },
    ),
    { numRuns: 60 },
  )
})

t.test('everything that was recorded of a real PBX', async t => {
  for (const file of readdirSync('test/facts').filter(file => file.endsWith('.ami'))) {
    const text = readFileSync(`test/facts/${file}`, 'utf8').replace(/^Asterisk Call Manager.*\r\n/, '')
    // Asterisk ends what it answers to Park with a bare line break: that is no ordinary frame.
    if (/[^\r]\n/.test(text)) continue
    const chunks = cut(text, [100, 1_000, 5_000])
    const [mine, other] = [ours(chunks), await theirs(chunks)]
    t.ok(mine.length > 2, file)
    t.equal(mine.length, other.length, file)
    const read = mine.flatMap((one, i) =>
      one.text
        .split('\r\n')
        .map(line => line.slice(0, line.indexOf(':')))
        .filter(header => !PECULIAR.test(header))
        .map(header => ({ header, ours: one.get(header), theirs: other[i]?.get(header) })),
    )
    t.ok(read.length > mine.length, `${file}: ${read.length} headers`)
    t.strictSame(
      read.filter(({ ours, theirs }) => ours !== theirs),
      [],
      file,
    )
  }
})
