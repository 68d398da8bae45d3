/** The least that could bring an event from AMI to a browser: one frame in, one WebSocket message out. The baseline of P7. */
import { connect } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'

const [amiPort = '', port = ''] = process.argv.slice(2)
const clients = new Set<WebSocket>()
const server = new WebSocketServer({ port: Number(port), host: '127.0.0.1' })
await new Promise(resolve => server.on('listening', resolve))
server.on('connection', client => clients.add(client))
const ami = connect(Number(amiPort), '127.0.0.1', () => {
  ami.write('Action: Login\r\nActionID: 1\r\n\r\nAction: CoreShowChannels\r\nActionID: 2\r\n\r\n')
  console.log('ready')
})
let rest = ''
ami.setNoDelay(true).setEncoding('utf8')
ami.on('data', (text: unknown) => {
  const frames = (rest + String(text)).split('\r\n\r\n')
  rest = frames.pop() ?? ''
  for (const frame of frames) for (const client of clients) client.send(frame)
})
