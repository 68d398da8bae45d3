/** What commands were answered with, in a real Valkey. */
import t from 'tap'
import { Redis } from 'ioredis'
import { startLab } from '../../lab/lab.js'
import { randomToken } from '../../src/base/system.js'
import { createAnswers, KEEP_ANSWERS_MS } from '../../src/store/answers.js'
import { answerKey } from '../../src/store/keys.js'

const lab = await startLab()
const redis = new Redis(lab.redis.url)
t.teardown(async () => {
  redis.disconnect()
  await lab.stop()
})
const prefix = `test-${randomToken(4)}`
const answers = createAnswers(redis, prefix)
const mine = { request: 'r', by: 'run1' }
const answered = { ...mine, answer: { status: 201, type: 'application/json', body: '{}' } }

t.test('one is the first, however many come at once; a day later it is forgotten', async t => {
  const all = await Promise.all(Array.from({ length: 20 }, (_, i) => answers.claim('a', { ...mine, by: `run${i}` })))
  t.equal(all.filter(kept => kept === undefined).length, 1)
  t.equal(new Set(all.flatMap(kept => kept?.by ?? [])).size, 1)
  await answers.keep('a', answered)
  t.strictSame(await answers.claim('a', mine), answered)
  const left = await redis.pttl(answerKey(prefix, 'a'))
  t.ok(left > KEEP_ANSWERS_MS - 60_000 && left <= KEEP_ANSWERS_MS)
  await answers.drop('a')
  t.equal(await answers.claim('a', mine), undefined)
})

t.test('what is not ours is none', async t => {
  for (const text of ['', 'x', '[]', '{"request":1}', '{"request":"r","by":"b","answer":{"status":"x"}}']) {
    await redis.set(answerKey(prefix, 'b'), text)
    t.equal(await answers.claim('b', mine), undefined, text)
    t.strictSame(await answers.claim('b', mine), mine)
  }
  await redis.del(answerKey(prefix, 'b'))
  await redis.lpush(answerKey(prefix, 'b'), 'x')
  await t.rejects(answers.claim('b', mine), /WRONGTYPE/)
})

t.end()
