import t from 'tap'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, fillOnce, stampOf, sweepPartials } from '../../lab/cache.js'
import { systemClock } from '../../src/base/system.js'

const nobodyWaits = () => undefined

t.test('where the cache is', async t => {
  t.equal(cacheFolder({ ALADDIN_LAB_CACHE: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' }), '/c')
  t.equal(cacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' }), '/x/aladdin-cti/lab')
  t.equal(cacheFolder({ HOME: '/h' }), '/h/.cache/aladdin-cti/lab')
})

t.test('two that want the same fill it once', async t => {
  const cache = t.testdir({})
  let [fills, waits] = [0, 0]
  const fill = async (partial: string) => {
    fills += 1
    await new Promise<void>(resolve => void systemClock.wake(systemClock.now(), resolve))
    writeFileSync(join(partial, 'file'), 'x')
    return 'made'
  }
  const want = () => fillOnce(cache, 'root', systemClock, () => (waits += 1), fill)
  const [one, two] = await Promise.all([want(), want()])
  t.equal(one, two)
  t.equal(fills, 1)
  t.equal(waits, 1)
  t.equal(stampOf(one), 'made')
})

t.test('what fails leaves nothing, and the next try is free to go', async t => {
  const cache = t.testdir({})
  await t.rejects(
    fillOnce(cache, 'root', systemClock, nobodyWaits, () => Promise.reject(new Error('no network'))),
    /no network/,
  )
  t.equal(stampOf(join(cache, 'root')), undefined)
  await fillOnce(cache, 'root', systemClock, nobodyWaits, async () => 'made')
  t.equal(stampOf(join(cache, 'root')), 'made')
})

t.test('the remains of a dead process are swept, and its lock does not hold', async t => {
  const cache = t.testdir({ 'root.lock': '999999999-1' })
  const dead = join(cache, 'partial-root--999999999-1')
  mkdirSync(dead)
  sweepPartials(cache)
  t.notOk(existsSync(dead))
  await fillOnce(cache, 'root', systemClock, nobodyWaits, async () => 'made')
  t.equal(stampOf(join(cache, 'root')), 'made')
})
