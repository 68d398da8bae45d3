/** Callers whose number arrives but is not to be shown: the blacklist has them by their number, and among the anonymous. */
import t from 'tap'
import { thisTurn } from '../../src/base/system.js'
import type { Fact } from '../../src/pbx/facts.js'
import { at, leg } from '../given/calls.js'
import { anEngine, seen, up } from '../given/engine.js'
import { anEmptyList } from '../given/number-list.js'

const NUMBER = '+491701234567'

async function lookedFor(caller: { number: string; withheld?: true }) {
  const asked: string[][] = []
  const list = { ...anEmptyList, find: (numbers: readonly string[]) => (asked.push([...numbers]), Promise.resolve([])) }
  const { engine, tell } = anEngine(undefined, { blacklist: { list, rules: { message: ['no'], priority: -10 } } })
  tell([up(0), seen(0)])
  const { number, withheld } = caller
  const came = {
    leg: leg('1.1'),
    way: 'in',
    given: '2000',
    caller: { number, name: '' },
    ...(withheld && { withheld }),
  }
  tell([{ type: 'caller.handed', at: at(1), caller: came } as Fact])
  await new Promise<void>(resolve => thisTurn(resolve))
  await engine.stop()
  return asked
}

t.test('by the number, and as one who shows none', async t => {
  const [withheld = []] = await lookedFor({ number: NUMBER, withheld: true })
  t.strictSame([withheld[0], withheld.at(-1)], [NUMBER, 'anonymous'])
  const [shown = []] = await lookedFor({ number: NUMBER })
  t.strictSame([shown[0], shown.includes('anonymous')], [NUMBER, false], 'whoever shows it is not anonymous')
  t.strictSame(await lookedFor({ number: 'anonymous' }), [['anonymous']])
})
