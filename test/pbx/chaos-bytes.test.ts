/**
 * A link that is slow, cut into single bytes, glued together, narrow or still for a while, to Asterisk and to Redis: the
 * records are those of a daemon that goes straight, byte for byte but for their revision.
 */
import t from 'tap'
import { mixedLoad } from '../../lab/mixed-load.js'
import { sleep } from '../../src/base/clock.js'
import type { Counts, Faults } from '../chaos/faults.js'
import type { Proxy } from '../chaos/proxy.js'
import { aChaosExchange, booksOf, settledRecords, unnumbered } from '../given/chaos.js'

const { lab, ami, redis, plain, tried } = await aChaosExchange(t)
const LOAD = { seconds: 4, ratePerSecond: 5, talkMs: 500 }
let made = 0

function fault(name: string, proxy: Proxy, faults: Partial<Faults>, counted: keyof Counts, lastingMs?: number) {
  t.test(name, async t => {
    proxy.set(faults)
    const calls = mixedLoad(lab, LOAD)
    if (lastingMs !== undefined) await sleep(lab.clock, lastingMs).then(proxy.calm)
    made += (await calls).made
    proxy.calm()
    const [straight, through] = [await settledRecords(lab, plain, made), await settledRecords(lab, tried, made)]
    t.ok(proxy.counts[counted] > 0, `${counted}: ${proxy.counts[counted]}`)
    const [one, other] = [through, straight].map(calls => JSON.stringify(unnumbered(calls)))
    t.equal(one, other, 'the same records, byte for byte')
    t.equal(through.length, made)
    t.equal(booksOf(lab).theirs.length, made)
    t.notOk(through.some(call => call.inferred))
  })
}

fault('AMI in single bytes', ami, { sliceBytes: 1 }, 'sliced')
fault('AMI glued together', ami, { coalesceMs: 200 }, 'coalesced')
fault('AMI late, and not evenly', ami, { delayMs: 200 }, 'delayed')
fault('AMI over a narrow line', ami, { bytesPerSecond: 120_000 }, 'limited')
fault('AMI still for a second and a half', ami, { stalled: true }, 'stalled', 1_500)
fault('Redis in single bytes', redis, { sliceBytes: 1 }, 'sliced')
fault('Redis glued together', redis, { coalesceMs: 50 }, 'coalesced')
fault('Redis late, and not evenly', redis, { delayMs: 60 }, 'delayed')
fault('Redis over a narrow line', redis, { bytesPerSecond: 120_000 }, 'limited')
fault('Redis still for two seconds', redis, { stalled: true }, 'stalled', 2_000)

t.end()
