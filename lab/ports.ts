/**
 * Free ports on loopback. The usual one is taken when it is free, else any; between looking and using another process
 * may be faster, so whoever uses a port starts again with others when it is gone. Touches sockets for a moment.
 */
import { createSocket } from 'node:dgram'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { random } from '../src/base/system.js'

export const LOOPBACK = '127.0.0.1'

/** The port that could be bound, or undefined where it is taken; 0 asks for any. */
function tryTcp(port: number, host: string): Promise<number | undefined> {
  const server = createServer()
  return new Promise(resolve => {
    server.once('error', () => resolve(undefined))
    server.listen(port, host, () => {
      const bound = (server.address() as AddressInfo).port
      server.close(() => resolve(bound))
    })
  })
}

function tryUdp(port: number, host: string): Promise<number | undefined> {
  const socket = createSocket('udp4')
  return new Promise(resolve => {
    socket.once('error', () => resolve(undefined))
    socket.bind(port, host, () => {
      const bound = socket.address().port
      socket.close(() => resolve(bound))
    })
  })
}

async function firstFree(tryPort: (port: number) => Promise<number | undefined>, usual: number): Promise<number> {
  const port = (await tryPort(usual)) ?? (await tryPort(0))
  if (port === undefined) throw new Error('no free port on loopback')
  return port
}

export const freeTcp = (usual = 0, host = LOOPBACK) => firstFree(port => tryTcp(port, host), usual)
export const freeUdp = (usual = 0, host = LOOPBACK) => firstFree(port => tryUdp(port, host), usual)

/**
 * A port that is bound later only. The kernel gives it to nobody who asks for any, and each process begins at another
 * place, so that no other lab draws it in between.
 */
export async function laterUdp(host: string): Promise<number> {
  for (let tries = 0; tries < LATER_PORTS; tries += 1) {
    const place = (process.pid * LATER_PER_PROCESS + laterDrawn++) % LATER_PORTS
    const port = await tryUdp(LATER_FIRST + place, host)
    if (port !== undefined) return port
  }
  throw new Error(`no free port on ${host}`)
}
const LATER_FIRST = 5_100
const LATER_PORTS = 4_800
const LATER_PER_PROCESS = 16
let laterDrawn = 0

/** Whether this very process has it; asked of the kernel, since to try it would be in the way of the process that is about to. */
export function isBoundUdp(pid: number, port: number, host = LOOPBACK): boolean {
  const address = host.split('.').reverse().map(part => hex(Number(part), 2)).join('') // prettier-ignore
  const inodes = readFileSync('/proc/net/udp', 'utf8')
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([, local]) => local === `${address}:${hex(port, 4)}`)
    .map(fields => `socket:[${fields[9] ?? ''}]`)
  return inodes.length > 0 && openFiles(pid).some(file => inodes.includes(file))
}

/** What its file descriptors stand for; none of a process that has ended. */
function openFiles(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(fd => readlinkSync(`/proc/${pid}/fd/${fd}`))
  } catch {
    return []
  }
}
const hex = (n: number, digits: number) => n.toString(16).toUpperCase().padStart(digits, '0')

const RTP_BLOCK = 1_000
const RTP_FIRST = 10_000
/** The ports from which the kernel serves whoever asks for any begin at 32768. */
const RTP_LAST = 31_999

/**
 * A stretch of ports for sound. Two labs that drew the same one still work: each leaves out what is bound already.
 */
export function rtpRange(size = RTP_BLOCK): { from: number; to: number } {
  const places = Math.floor((RTP_LAST + 1 - RTP_FIRST - size) / RTP_BLOCK) + 1
  const from = RTP_FIRST + RTP_BLOCK * Math.floor(random() * places)
  return { from, to: from + size - 1 }
}
