/** What ARI says of bridges, and whatever else may come in its place. */
import t from 'tap'
import { madeIn } from '../../src/ari/bridges.js'

t.test('when each was made', async t => {
  const one = { id: 'b1', technology: 'simple_bridge', channels: ['1.1'], creationtime: '2026-11-30T08:18:07.877+0000' }
  t.strictSame(
    [...madeIn(JSON.stringify([one, { id: 'b2' }]))],
    [['b1', Date.parse('2026-11-30T08:18:07.877Z')]],
    'Asterisk before 16.5 does not say it',
  )
  const odd = [
    null,
    1,
    'b',
    [],
    { creationtime: one.creationtime },
    { ...one, creationtime: 'soon' },
    { ...one, id: 7 },
  ]
  t.equal(madeIn(JSON.stringify(odd)).size, 0)
  for (const text of ['', '{', '{}', 'null', '\0'.repeat(10_000)]) t.equal(madeIn(text).size, 0)
})
