/**
 * Asks a server for a little JSON: within a time, without going where it is sent on to, and to no private address unless that is
 * allowed. Undefined where nothing came of it. Touches the network.
 */
import { lookup as resolve } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import { Agent, request } from 'undici'

const MOST_BYTES = 65_536

const PRIVATE = new BlockList()
for (const [net, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
  ] as const),
])
  PRIVATE.addSubnet(net, bits)
for (const [net, bits] of [['::', 128], ['::1', 128], ['fc00::', 7], ['fe80::', 10], ['ff00::', 8], ['64:ff9b::', 96]] as const)
  PRIVATE.addSubnet(net, bits, 'ipv6') // prettier-ignore

/** Also one that is written as the other kind. */
export function isPrivate(address: string): boolean {
  const kind = isIP(address)
  if (kind === 0) return true
  return PRIVATE.check(address, kind === 4 ? 'ipv4' : 'ipv6')
}

/** The address that was looked at is the one that is connected to: a name cannot mean another one in between. */
const guarded = (timeoutMs: number) =>
  new Agent({
    connect: {
      timeout: timeoutMs,
      lookup: (host, options, done) =>
        resolve(host, { ...options, all: true }, (error, addresses) => {
          if (error) return done(error, '', 0)
          const [first] = addresses
          if (!first || addresses.some(({ address }) => isPrivate(address))) return done(new Error('a private address'), '', 0) // prettier-ignore
          if (options.all) done(null, addresses)
          else done(null, first.address, first.family)
        }),
    },
  }) // prettier-ignore

export type LookingUp = { url: string; timeoutMs: number; allowPrivate: boolean }

export async function lookUp({ url, timeoutMs, allowPrivate }: LookingUp): Promise<unknown> {
  if (!URL.canParse(url)) return undefined
  const { hostname } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  // A name is looked at when it is resolved; an address is not resolved.
  if (!allowPrivate && isIP(host) !== 0 && isPrivate(host)) return undefined
  const agent = allowPrivate ? new Agent() : guarded(timeoutMs)
  try {
    const headers = { accept: 'application/json' }
    const { statusCode, body } = await request(url, { dispatcher: agent, headers, signal: AbortSignal.timeout(timeoutMs) }) // prettier-ignore
    if (statusCode !== 200) return undefined
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > MOST_BYTES) return undefined
      chunks.push(chunk)
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch {
    return undefined
  } finally {
    void agent.destroy()
  }
}
