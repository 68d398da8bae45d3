/**
 * Stands between the daemon and a real Valkey, and answers some commands itself: a double, for replies that no server gives
 * on demand. It reads only as much of the protocol as it takes to know where a command begins and which one it is.
 */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

export type RespProxy = {
  url: string
  /** What it says instead of passing these commands on; undefined passes all on. */
  say: (reply: string | undefined, commands?: readonly string[]) => void
  /** How often it has. */
  said: () => number
}

const WRITES = ['evalsha', 'eval']

export async function aRespProxy(t: Pick<Test, 'teardown'>, port: number): Promise<RespProxy> {
  const sockets = new Set<Socket>()
  const now = { reply: undefined as string | undefined, commands: WRITES, said: 0 }
  const server = createServer(client => {
    const behind = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [client, behind],
      [behind, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy()).on('close', () => other.destroy())
    }
    behind.on('data', data => void client.write(data))
    client.on('data', data => {
      // The client sends its commands one at a time, in one piece, as far as these are concerned.
      const name = /^\*\d+\r\n\$\d+\r\n(\w+)\r\n/.exec(data.toString('latin1'))?.[1]?.toLowerCase() ?? ''
      if (now.reply === undefined || !now.commands.includes(name)) return void behind.write(data)
      now.said++
      client.write(now.reply)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    say: (reply, commands = WRITES) => void Object.assign(now, { reply, commands }),
    said: () => now.said,
  }
}
