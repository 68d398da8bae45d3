/** What is said of a Redis that cannot be reached. */
import t from 'tap'
import { EventEmitter } from 'node:events'
import { causesOf } from '../../src/store/why-not.js'

const CLOSED = new Error('Connection is closed.')
function aClient() {
  const redis = new EventEmitter()
  return { redis, causeOf: causesOf(redis) }
}

t.test('what was said last, before that there is no connection', async t => {
  const { redis, causeOf } = aClient()
  t.equal(causeOf(CLOSED).message, CLOSED.message, 'nothing was said')
  redis.emit('error', new Error('ECONNREFUSED'))
  redis.emit('error', new Error('WRONGPASS'))
  t.equal(causeOf(CLOSED).message, 'WRONGPASS')
  t.equal(aClient().causeOf('gone').message, 'gone')
})

t.test('a command that is refused is the reason, and not why it was away before', async t => {
  const { redis, causeOf } = aClient()
  redis.emit('error', new Error('ECONNREFUSED'))
  const refused = Object.assign(new Error('NOPERM'), { name: 'ReplyError' })
  t.equal(causeOf(refused).message, 'NOPERM')
  t.equal(causeOf(CLOSED).message, 'ECONNREFUSED')
})

t.end()
