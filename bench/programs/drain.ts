/** The least that any client of AMI can do: logs in, and throws away what comes. The baseline of what the daemon costs. */
import { connect } from 'node:net'

const [host = '', port = '', user = '', secret = ''] = process.argv.slice(2)
const socket = connect(Number(port), host, () =>
  socket.write(`Action: Login\r\nUsername: ${user}\r\nSecret: ${secret}\r\n\r\n`),
)
socket.once('data', () => {
  socket.on('data', () => undefined)
  console.log('ready')
})
socket.on('close', () => process.exit(0))
