/** Lists of numbers in a real Valkey. */
import t from 'tap'
import { Redis } from 'ioredis'
import { startLab } from '../../lab/lab.js'
import { randomToken } from '../../src/base/system.js'
import { shapeOfId } from '../../src/routing/number-match.js'
import { keysOf } from '../../src/store/keys.js'
import { createNumberList, MOST_SHAPES } from '../../src/store/number-list.js'

const lab = await startLab()
const redis = new Redis(lab.redis.url)
t.teardown(async () => {
  redis.disconnect()
  await lab.stop()
})
const aList = () =>
  createNumberList({ redis, keys: keysOf(`test-${randomToken(4)}`, 'hq'), name: 'black', shapeOf: shapeOfId })
const entry = (id: string, until?: number) => ({ id, text: id, ...(until !== undefined && { until }) })
const put = (list: ReturnType<typeof aList>, ...ids: string[]) => list.put(ids.map(id => entry(id)))

t.test('found: the number, each of its beginnings, and the patterns that it fits', async t => {
  const list = aList()
  const fits = [
    '+4930123',
    '+4930123*',
    '+4930*',
    '+*',
    '+49301X3',
    '+4X30X*',
    '+XXXXXXX',
    '+49@dialled:1',
    '+4930123@dialled:1',
  ]
  const others = ['+4930124', '4930123', '+49301234*', '+49301X', '+49301X4', '+49301X3X', 'X4930123', '+4930123@dialled:2', '*'] // prettier-ignore
  t.strictSame(await put(list, ...fits, ...others), { added: fits.length + others.length, refused: [] })
  const found = await list.find(['+4930123'], ['', '@dialled:1'])
  t.strictSame(found.sort(), fits.filter(id => id !== '+49@dialled:1').sort())
  t.strictSame(await list.find(['+4930124', '4930123'], ['']).then(all => all.sort()), ['+*', '+4930*', '+49301X4', '+4930124', '+4X30X*', '+XXXXXXX', '4930123'].sort()) // prettier-ignore
  t.strictSame(await list.find(['anonymous'], ['']), [], 'what is no number has no beginnings')
  await put(list, 'anonymous', 'a*')
  t.strictSame(await list.find(['anonymous'], ['']), ['anonymous'])
  await list.remove(['+49301X3', '+4X30X*', '+XXXXXXX', 'not there'])
  t.strictSame(
    (await list.find(['+4930123'], [''])).filter(id => id.includes('X')),
    [],
    'patterns go, too',
  )
})

t.test('an entry that is there is replaced; hits are counted, and go with it', async t => {
  const list = aList()
  await put(list, '+49')
  t.strictSame(await list.put([{ id: '+49', text: 'new' }]), { added: 0, refused: [] })
  await list.hit('+49', 5)
  await list.hit('+49', 7)
  t.strictSame(await list.read(['+49', 'none']), [{ text: 'new', hits: 2, hitAt: 7 }, undefined])
  t.equal(await list.remove(['+49']), 1)
  t.equal(await list.remove(['+49']), 0)
  await put(list, '+49')
  t.strictSame(await list.read(['+49']), [{ text: '+49', hits: 0 }])
})

t.test('pages are in order, from wherever they go on', async t => {
  const list = aList()
  await put(list, '+493', '+491', '+441', '+492', 'anonymous')
  t.strictSame(await list.ids('', undefined, 2), ['+441', '+491'])
  t.strictSame(await list.ids('', '+491', 2), ['+492', '+493'])
  t.strictSame(await list.ids('+49', undefined, 9), ['+491', '+492', '+493'])
  t.strictSame(await list.ids('+49', '+491', 1), ['+492'])
  t.strictSame(await list.ids('+49', '+493', 9), [])
  t.strictSame(await list.ids('+50', undefined, 9), [])
})

t.test('what is over is swept away, unless it has a new time by then', async t => {
  const list = aList()
  await list.put([entry('+1', 100), entry('+2', 101), entry('+3', 50), entry('+4')])
  await list.put([entry('+3')])
  await list.sweep(100)
  t.strictSame(await list.ids('', undefined, 9), ['+2', '+3', '+4'])
})

t.test('kinds of patterns have a limit, and a kind that is gone makes room', async t => {
  const list = aList()
  const kinds = Array.from({ length: MOST_SHAPES + 1 }, (_, i) => `X${'1'.repeat(i)}`)
  t.strictSame(await put(list, ...kinds), { added: MOST_SHAPES, refused: [MOST_SHAPES] })
  t.strictSame(await put(list, 'X2'), { added: 1, refused: [] }, 'a pattern of a kind that is there')
  await list.remove(['X'])
  t.strictSame(await put(list, kinds.at(-1) ?? ''), { added: 1, refused: [] })
})

t.test('taken together or not at all; what was taken is put in by whoever comes next', async t => {
  const list = aList()
  const staging = list.staging('a')
  await staging.add(Array.from({ length: 1_200 }, (_, i) => entry(`+${i + 1_000}`)))
  t.strictSame(await list.ids('', undefined, 9), [])
  await list.staging('b').add([entry('+9')])
  await list.staging('b').drop()
  await staging.take()
  // As the next daemon does after one that was killed here.
  t.equal(await list.putTaken(), 1_200)
  t.equal((await list.ids('', undefined, 2_000)).length, 1_200)
  t.equal(await list.putTaken(), 0)
  await t.rejects(list.staging('gone').take(), { code: 'STORE_DOWN' }, 'what is gone cannot be taken')
  const [one, two] = [list.staging('one'), list.staging('two')]
  await Promise.all([one.add([entry('+1')]), two.add([entry('+2')])])
  await one.take()
  await t.rejects(two.take(), { code: 'STORE_DOWN' }, 'one after the other')
})
