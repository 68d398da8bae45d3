/**
 * Takes events over AMI by one of three clients, counts them, and says how long it took and what it used: our own
 * connection, asterisk-manager, or yana. Each is handed a fresh process.
 */
import createManager from 'asterisk-manager'
import Yana from 'yana'
import { openConnection } from '../../src/ami/connection.js'
import { elapsedMs, systemClock } from '../../src/base/system.js'

const [client = '', port = '', wanted = ''] = process.argv.slice(2)
let [heard, begun] = [0, 0]

function see() {
  if (heard === 0) begun = elapsedMs()
  if (++heard < Number(wanted)) return
  const { user, system } = process.cpuUsage()
  console.log(`done ${JSON.stringify({ ms: elapsedMs() - begun, cpuMs: (user + system) / 1_000 })}`)
  process.exit(0)
}

const clients: Record<string, () => void> = {
  own() {
    const address = { host: '127.0.0.1', port: Number(port), tls: false }
    const connection = openConnection(address, systemClock, frames => {
      for (const frame of frames) if (frame.get('Uniqueid') !== undefined) see()
    })
    void connection
      .ask(
        'Login',
        [
          ['Username', 'x'],
          ['Secret', 'x'],
          ['Events', 'on'],
        ],
        '1',
        5_000,
      ) // prettier-ignore
      .then(() => connection.ask('CoreShowChannels', [], '2', 5_000))
  },
  'asterisk-manager'() {
    const manager = createManager()
    manager.on('rawevent', event => {
      if (event['uniqueid'] !== undefined) see()
    })
    manager.on('connect', () => {
      Object.assign(manager.options, { username: 'x', password: 'x', events: true })
      manager.login(() => void manager.action({ action: 'CoreShowChannels', actionid: '2' }))
    })
    manager.connect(Number(port), '127.0.0.1')
  },
  yana() {
    const ami = new Yana({ host: '127.0.0.1', port: Number(port), login: 'x', password: 'x', events: true })
    ami.on('event', event => {
      if (event['Uniqueid'] !== undefined) see()
    })
    ami.connect(() => ami.send({ action: 'CoreShowChannels', actionid: '2' }))
  },
}
clients[client]?.()
console.log('ready')
