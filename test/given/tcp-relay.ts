/** Stands between the daemon and one TCP port of Asterisk: counts connections, keeps what is asked, and can fall silent. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

export type TcpRelay = {
  port: number
  /** How many connections there have been. */
  opened: () => number
  /** All that was sent to Asterisk. */
  asked: () => string
  /** From now on nothing passes on the connections there are, and none of them is closed: as when a cable is pulled. */
  mute: () => void
  /** Closes those that there are; others may come. */
  cut: () => void
}

export async function aTcpRelay(t: Pick<Test, 'teardown'>, to: { host: string; port: number }): Promise<TcpRelay> {
  let [opened, asked] = [0, '']
  const pairs = new Set<{ near: Socket; far: Socket; muted: boolean }>()
  const server = createServer(near => {
    opened += 1
    const pair = { near, far: connect(to.port, to.host), muted: false }
    pairs.add(pair)
    const { far } = pair
    near.on('data', chunk => {
      if (pair.muted) return
      asked += chunk.toString('latin1')
      far.write(chunk)
    })
    far.on('data', chunk => (pair.muted ? undefined : near.write(chunk)))
    for (const [one, other] of [[near, far], [far, near]] as const) {
      one.on('error', () => undefined)
      one.on('close', () => (pair.muted ? undefined : other.destroy()))
    }
  }) // prettier-ignore
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    for (const { near, far } of pairs) [near, far].forEach(socket => socket.destroy())
  })
  return {
    port: (server.address() as AddressInfo).port,
    opened: () => opened,
    asked: () => asked,
    cut: () => pairs.forEach(({ near, far }) => [near, far].forEach(socket => socket.destroy())),
    mute: () => pairs.forEach(pair => (pair.muted = true)),
  }
}
