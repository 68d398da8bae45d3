/**
 * A server of AMI that says what a benchmark wants said, as fast as it wants: what Asterisk says is recorded, how fast it
 * says it is not up to Asterisk. A double, and only for the sake of the rate. Touches loopback.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net'

export type AmiServer = Readonly<{
  port: number
  /** Resolves with the session that takes events, once it has been told that the PBX is up. */
  events: () => Promise<Socket>
  close: () => void
}>

const GREETING = 'Asterisk Call Manager/11.0.0\r\n'
const BOOTED = 'Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n'

export async function openAmiServer(): Promise<AmiServer> {
  const sockets = new Set<Socket>()
  let ready: (socket: Socket) => void = () => undefined
  let session = new Promise<Socket>(resolve => (ready = resolve))
  const server = createServer(socket => {
    let rest = ''
    sockets.add(socket)
    socket.setNoDelay(true).setEncoding('utf8')
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (text: unknown) => {
      const actions = (rest + String(text)).split('\r\n\r\n')
      rest = actions.pop() ?? ''
      for (const action of actions) answer(socket, action)
    })
    socket.write(GREETING)
  })

  /** The session of events asks for the channels last; from then on it may be told. */
  function answer(socket: Socket, action: string) {
    const name = /^Action: (.*)$/im.exec(action)?.[1]?.trim().toLowerCase()
    const id = /^ActionID: (.*)$/im.exec(action)?.[1]?.trim() ?? ''
    const list = name === 'coreshowchannels'
    socket.write(`Response: Success\r\nActionID: ${id}\r\n${list ? 'EventList: start\r\n' : ''}\r\n`)
    if (name === 'login' && !/^Events: off/im.test(action)) socket.write(BOOTED)
    if (!list) return
    socket.write(`Event: CoreShowChannelsComplete\r\nActionID: ${id}\r\nEventList: Complete\r\nListItems: 0\r\n\r\n`)
    ready(socket)
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async events() {
      const socket = await session
      session = new Promise(resolve => (ready = resolve))
      return socket
    },
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
