/** Stands between the daemon and one TCP port of Asterisk: counts connections, notes what is asked, and can fall silent or hold back. */
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
  /** From the first that has this text in it, what is asked is held back; undefined: nothing is, and what was goes on. */
  hold: (text: string | undefined) => void
  /** How much is held back. */
  held: () => number
}

export async function aTcpRelay(t: Pick<Test, 'teardown'>, to: { host: string; port: number }): Promise<TcpRelay> {
  let [opened, asked] = [0, '']
  let holding: string | undefined
  type Pair = { near: Socket; far: Socket; muted: boolean; held: Buffer[] }
  const pairs = new Set<Pair>()
  const pass = (pair: Pair, chunk: Buffer) => {
    const text = chunk.toString('latin1')
    if (pair.held.length > 0 || (holding !== undefined && text.includes(holding))) return void pair.held.push(chunk)
    asked += text
    pair.far.write(chunk)
  }
  const server = createServer(near => {
    opened += 1
    const pair: Pair = { near, far: connect(to.port, to.host), muted: false, held: [] }
    pairs.add(pair)
    const { far } = pair
    near.on('data', (chunk: Buffer) => (pair.muted ? undefined : pass(pair, chunk)))
    far.on('data', chunk => (pair.muted ? undefined : near.write(chunk)))
    for (const [one, other] of [[near, far], [far, near]] as const) {
      one.on('error', () => undefined)
      one.on('close', () => {
        pair.held.length = 0
        if (!pair.muted) other.destroy()
      })
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
    hold: text => {
      holding = text
      for (const pair of pairs) for (const chunk of pair.held.splice(0)) pass(pair, chunk)
    },
    held: () => [...pairs].reduce((sum, { held }) => sum + held.length, 0),
    mute: () => pairs.forEach(pair => (pair.muted = true)),
  }
}
