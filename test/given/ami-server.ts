/** A server that a test makes say what no Asterisk would, or not at that moment. */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

export const GREETING = 'Asterisk Call Manager/11.0.0\r\n'

type Answer = (name: string, id: string, action: string) => string
/** Says yes to everything. */
export const yes = (_: string, id: string) => `Response: Success\r\nActionID: ${id}\r\nAMIversion: 11.0.0\r\n\r\n`

export type AmiServer = {
  address: { host: string; port: number; tls: boolean }
  /** Every connection there was, oldest first. */
  sockets: readonly Socket[]
  /** What they have sent, all together. */
  heard: () => string
  /** To the newest connection. */
  tell: (text: string) => void
}

/** `answer` gives the text to send for one whole action. A connection that the other side ends stays open on this one. */
export async function anAmiServer(
  t: Pick<Test, 'teardown'>,
  { greeting = GREETING, answer = yes }: { greeting?: string; answer?: Answer } = {},
): Promise<AmiServer> {
  let heard = ''
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, socket => {
    let rest = ''
    sockets.push(socket)
    socket.setEncoding('utf8').on('error', () => undefined)
    socket.on('data', text => {
      heard += String(text)
      const actions = (rest + String(text)).split('\r\n\r\n')
      rest = actions.pop() ?? ''
      for (const action of actions) socket.write(answer(valueIn(action, 'Action'), valueIn(action, 'ActionID'), action))
    })
    socket.write(greeting)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const address = { host: '127.0.0.1', port, tls: false }
  return { address, sockets, heard: () => heard, tell: text => void sockets.at(-1)?.write(text) }
}

const valueIn = (text: string, header: string) => new RegExp(`^${header}: (.*)$`, 'mi').exec(text)?.[1]?.trim() ?? ''
