/** How many events a second Asterisk can emit to one session: a flood of UserEvents, asked for as fast as it answers. */
import { appendFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { elapsedMs, randomToken } from '../src/base/system.js'
import type { Lab } from '../lab/lab.js'
import { retry } from '../lab/wait.js'

const AT_ONCE = 200
const NOTE = 'x'.repeat(300)

/** A manager user that may say and hear UserEvents; the daemon's may not. */
async function floodUser(lab: Lab): Promise<string> {
  const secret = randomToken()
  const user = `\n[flood]\nsecret = ${secret}\nread = user\nwrite = user,call\nwritetimeout = 5000\n`
  appendFileSync(join(lab.dir, 'etc/manager.conf'), user)
  await lab.asterisk.cli('manager reload')
  return secret
}

function session(lab: Lab, secret: string, events: 'on' | 'off', see: (text: string) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(lab.asterisk.ami.port, lab.asterisk.ami.host)
    let first = ''
    socket.setNoDelay(true).setEncoding('latin1').once('error', reject)
    socket.on('data', (text: unknown) => {
      if (first === 'in') return see(String(text))
      first += String(text)
      if (!first.includes('Authentication accepted')) return
      first = 'in'
      resolve(socket)
    })
    socket.write(`Action: Login\r\nUsername: flood\r\nSecret: ${secret}\r\nEvents: ${events}\r\n\r\n`)
  })
}

export async function openFlood(lab: Lab) {
  const secret = await floodUser(lab)
  return async function eventsPerSecond(total: number): Promise<number> {
    let [heard, sent, answered] = [0, 0, 0]
    const listener = await session(lab, secret, 'on', text => (heard += text.split('Event: UserEvent').length - 1))
    const speaker = await session(lab, secret, 'off', text => {
      answered += text.split('Response: Success').length - 1
      speak()
    })
    const speak = () => {
      while (sent < total && sent - answered < AT_ONCE) {
        sent++
        speaker.write(`Action: UserEvent\r\nUserEvent: Flood\r\nNote: ${NOTE}\r\n\r\n`)
      }
    }
    const begun = elapsedMs()
    speak()
    await retry(lab.clock, 'the flood to be over', 60_000, () => Promise.resolve(heard >= total || undefined), 5)
    const took = elapsedMs() - begun
    listener.destroy()
    speaker.destroy()
    return (total / took) * 1_000
  }
}
