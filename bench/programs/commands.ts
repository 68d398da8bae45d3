/**
 * The least that could carry out commands: a fastify handler for each, which sends the same AMI actions or ARI requests as the
 * daemon does, and answers when the PBX has taken them. It asks nobody who they are, checks nothing, and knows no calls but
 * for who is in a bridge with whom. What proves a command is sent on as a WebSocket message. The baseline of P9.
 */
import { connect } from 'node:net'
import Fastify from 'fastify'
import { WebSocket, WebSocketServer } from 'ws'

type Settings = Readonly<{
  ami: { host: string; port: number; user: string; secret: string }
  ari: { url: string; user: string; password: string; app: string }
  port: number
  events: number
}>
const { ami, ari, port, events } = JSON.parse(process.argv[2] ?? '') as Settings

const clients = new Set<WebSocket>()
const server = new WebSocketServer({ port: events, host: '127.0.0.1' })
server.on('connection', client => clients.add(client))
const tell = (name: string) => clients.forEach(client => client.send(name))

const answers = new Map<string, (frame: string) => void>()
/** Whoever was called comes first. */
const bridges = new Map<string, string[]>()
let last = 0

const field = (frame: string, name: string) => new RegExp(`\r\n${name}: ([^\r]*)`).exec(frame)?.[1] ?? ''

const HEARD: Readonly<Record<string, (frame: string) => void>> = {
  BridgeEnter(frame) {
    const [bridge, leg] = [field(frame, 'BridgeUniqueid'), field(frame, 'Uniqueid')]
    const others = bridges.get(bridge) ?? []
    bridges.set(bridge, field(frame, 'Channel').startsWith('PJSIP/1900-') ? [leg, ...others] : [...others, leg])
  },
  BridgeDestroy: frame => bridges.delete(field(frame, 'BridgeUniqueid')),
  DialBegin: frame => tell(`dialled ${field(frame, 'DestUniqueid')}`),
  Hangup: frame => tell(`gone ${field(frame, 'Uniqueid')}`),
  BlindTransfer: frame => tell(`transferred ${field(frame, 'TransfererUniqueid')}`),
  ParkedCall: frame => tell(`parked ${field(frame, 'ParkeeUniqueid')}`),
}

const socket = connect(ami.port, ami.host)
socket.setNoDelay(true).setEncoding('latin1')
let rest = ''
socket.on('data', (more: unknown) => {
  const frames = (rest + String(more)).split('\r\n\r\n')
  rest = frames.pop() ?? ''
  for (const frame of frames) {
    const text = `\r\n${frame}`
    const event = field(text, 'Event')
    if (event === '') answers.get(field(text, 'ActionID'))?.(text)
    else HEARD[event]?.(text)
  }
})

function act(fields: Readonly<Record<string, string>>): Promise<void> {
  const id = String(++last)
  const lines = Object.entries({ ...fields, ActionID: id }).map(([key, value]) => `${key}: ${value}\r\n`)
  return new Promise((resolve, reject) => {
    answers.set(id, frame => {
      answers.delete(id)
      if (frame.includes('Response: Success')) resolve()
      else reject(new Error(frame))
    })
    socket.write(`${lines.join('')}\r\n`)
  })
}

const authorization = `Basic ${Buffer.from(`${ari.user}:${ari.password}`).toString('base64')}`
async function ask(method: string, path: string): Promise<void> {
  const answer = await fetch(`${ari.url}/ari${path}`, { method, headers: { authorization } })
  await answer.arrayBuffer()
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
}
const tools = new Map<string, () => void>()
const stasis = new WebSocket(`${ari.url.replace('http', 'ws')}/ari/events?app=${ari.app}`, {
  headers: { authorization },
})
stasis.on('message', (data: Buffer) => {
  const { type, channel } = JSON.parse(data.toString()) as { type: string; channel?: { id: string } }
  if (type === 'StasisStart') tools.get(channel?.id ?? '')?.()
})
async function attach(leg: string, tool: string, how: string): Promise<void> {
  const ready = new Promise<void>(resolve => tools.set(tool, resolve))
  await ask('POST', `/channels/${leg}/snoop/${tool}?app=${ari.app}&${how}`)
  await ready
}

const silence = (leg: string, on: boolean) =>
  act({ Action: 'Setvar', Channel: leg, Variable: 'VOLUME(RX)', Value: on ? '-32768' : '0' })

type Asked = { leg: string; other: string; to: string }
const DO: Readonly<Record<string, (asked: Asked) => Promise<void>>> = {
  digits: ({ other }) => act({ Action: 'PlayDTMF', Channel: other, Digit: '1', Receive: 'false' }),
  mute: ({ leg }) => silence(leg, true),
  unmute: ({ leg }) => silence(leg, false),
  async hold({ leg, other }) {
    await silence(leg, true)
    await silence(other, true)
    await attach(other, `music-${other}`, 'spy=none&whisper=out')
    await ask('POST', `/channels/music-${other}/moh`)
  },
  async retrieve({ leg, other }) {
    const both = [silence(other, false), silence(leg, false)]
    await ask('DELETE', `/channels/music-${other}`)
    await Promise.all(both)
  },
  async record({ leg, other }) {
    await attach(other, `rec-${leg}`, 'spy=both&whisper=none')
    await ask('POST', `/channels/rec-${leg}/record?name=bench-${port}-${++last}&format=wav&ifExists=fail`)
  },
  // It ends what it records, too.
  'record/stop': ({ leg }) => ask('DELETE', `/channels/rec-${leg}`),
  transfer: ({ leg, to }) => act({ Action: 'BlindTransfer', Channel: leg, Context: 'aladdin-transfer', Exten: to }),
  park: ({ other }) => act({ Action: 'Park', Channel: other, TimeoutChannel: 'PJSIP/1900', Timeout: '60000' }),
  leave: ({ leg }) => act({ Action: 'Hangup', Channel: leg, Cause: '16' }),
  dial: ({ leg, to }) =>
    act({
      ...{ Action: 'Originate', Channel: 'PJSIP/1900', Context: 'aladdin-dial', Exten: to, Priority: '1' },
      ...{ CallerID: `<${to}>`, Timeout: '30000', ChannelId: leg, Async: 'true', Variable: 'ALADDIN_FROM=1900' },
    }),
}

const app = Fastify()
for (const [name, run] of Object.entries(DO))
  app.post(`/${name}`, async request => {
    await run(request.body as Asked)
    return {}
  })
app.get('/talks', () => [...bridges.values()].filter(legs => legs.length === 2))

await act({ Action: 'Login', Username: ami.user, Secret: ami.secret })
await new Promise(resolve => stasis.once('open', resolve))
await app.listen({ port, host: '127.0.0.1' })
console.log('ready')
