/** Menus as a conversation: each thing that a caller may do at each node, and that it always comes to an end; and what is wrong with them. */
import fc from 'fast-check'
import t from 'tap'
import { rmSync } from 'node:fs'
import type { EpochMs, LegId } from '../../src/base/ids.js'
import { ivrCommand } from '../../src/ivr-command.js'
import { checkMenus, drawMenu, menuOf } from '../../src/ivr/check.js'
import type { Menu } from '../../src/ivr/menus.js'
import {
  beginWalk,
  callBackAsked,
  keptQuiet,
  keyPressed,
  lookedUp,
  MOST_STEPS,
  notGone,
  resumeWalk,
  said,
  type Around,
  type Move,
} from '../../src/ivr/reduce.js'

const at = (s: number) => (s * 1_000) as EpochMs
const leg = '1.1' as LegId
const aMenu = (name: string, value: object): Menu => {
  const menu = menuOf(name, value)
  if (!menu.ok) throw new Error(menu.error.join('; '))
  return menu.value
}
const MAIN = {
  start: 'hello',
  nodes: {
    hello: { play: ['hello'], next: 'main' },
    main: { menu: { play: ['ask'], keys: { '1': 'sales', '2': 'number', '3': 'open', '4': 'sub', '5': 'other' }, retries: 1, invalid: ['wrong'] }, otherwise: 'bye' },
    sales: { go: { number: '2{x}' }, otherwise: 'bye' },
    number: { collect: { play: ['digits'], as: 'customer', min: 2, max: 4, retries: 0, invalid: ['wrong'] }, next: 'find', otherwise: 'bye' },
    find: { lookup: { url: 'http://crm/{customer}?x={x}', as: { vip: 'a.vip', name: 'name' } }, next: 'check', otherwise: 'bye' },
    check: { branch: 'vip', cases: { true: 'gold' }, otherwise: 'sales' },
    gold: { go: { agent: '8001', then: '2000' }, otherwise: 'sales' },
    open: { hours: 'office', next: 'tell', otherwise: 'bye' },
    tell: { say: { digits: '{customer}' }, next: 'count' },
    count: { say: { number: '42' }, next: 'bye' },
    sub: { ivr: 'sub', next: 'main' },
    other: { language: 'zh', next: 'note' },
    note: { set: { x: 'a{caller}' }, next: 'main' },
    bye: { hangup: true },
  },
} // prettier-ignore
const SUB = { start: 'hi', nodes: { hi: { play: ['hi'], next: 'back' }, back: { return: true } } }
const menus = new Map([aMenu('main', MAIN), aMenu('sub', SUB)].map(menu => [menu.name, menu]))
const around: Around = { menus, isOpen: (_, when) => when >= at(100) }
const variables = { caller: '+49301', dialled: '493' }
const must = (move: Move | undefined): Move => {
  if (!move) throw new Error('nothing follows')
  return move
}
const begin = () => beginWalk(around, 'main', { leg, variables }, at(1))
const inMain = () => must(said(around, begin().next, at(2)))
const press = ({ next }: Move, key: string, s = 3) => must(keyPressed(around, next, key, at(s)))
const steps = ({ next }: Move) =>
  next.steps.map(({ node, key, result }) => [node, key, result].filter(Boolean).join(' '))

t.test('a greeting, the menu, a key', async t => {
  t.match(begin(), { say: ['hello'], then: { wait: 'said' } })
  t.match(inMain(), { say: ['ask'], then: { wait: 'key', ms: 5_000, early: true } })
  const going = press(inMain(), '1')
  t.match(going, { say: [], then: { wait: 'gone', going: { to: 'number', number: '2' } } })
  t.strictSame(steps(going), ['hello', 'main 1 key', 'sales'])
  const not = must(notGone(around, going.next, 'no-number', at(4)))
  t.strictSame(steps(not), ['hello', 'main 1 key', 'sales no-number', 'bye'])
  t.match(not, { then: { wait: 'end' }, next: { ended: 'end' } })
})

t.test('a key that means nothing, and none: once more, and then elsewhere', async t => {
  const wrong = press(inMain(), '9')
  t.match(wrong, { say: ['wrong', 'ask'], next: { times: 2 } })
  const quiet = must(keptQuiet(around, wrong.next, at(9)))
  t.strictSame(steps(quiet), ['hello', 'main 9 timeout', 'bye'])
  t.equal(quiet.next.steps[1]?.times, 2)
  const first = must(keptQuiet(around, inMain().next, at(9)))
  t.strictSame(first.say, ['ask'], 'nobody is told that nothing is wrong')
})

t.test('digits: until there are enough, or the key that ends them, or no more come', async t => {
  const asked = press(inMain(), '2')
  t.match(asked, { say: ['digits'], then: { wait: 'key', early: true } })
  const one = press(asked, '4')
  t.match(one, { say: [], next: { keys: '4' } })
  t.strictSame(steps(press(one, '#')), ['hello', 'main 2 key', 'number invalid', 'bye'], 'too few')
  const two = press(one, '7')
  t.match(press(two, '#'), { then: { wait: 'lookup', lookup: { url: 'http://crm/47?x=' } }, next: { variables: { customer: '47' } } }) // prettier-ignore
  t.match(must(keptQuiet(around, two.next, at(9))), { then: { wait: 'lookup' } }, 'enough, and no more come')
  t.match(press(press(two, '1'), '1'), { then: { wait: 'lookup', lookup: { url: 'http://crm/4711?x=' } } })
  t.strictSame(steps(must(keptQuiet(around, asked.next, at(9)))), ['hello', 'main 2 key', 'number timeout', 'bye'])
})

t.test('what a look-up brings, and what not', async t => {
  const asked = press(press(press(press(inMain(), '2'), '4'), '7'), '#').next
  const after = (answer: unknown) => must(lookedUp(around, asked, answer, at(5)))
  t.match(after({ a: { vip: true }, name: 'Mia' }), { then: { wait: 'gone', going: { to: 'agent', agent: '8001', then: '2000', ringForMs: 15_000 } }, next: { variables: { vip: 'true', name: 'Mia' } } }) // prettier-ignore
  t.match(after({ a: { vip: 0 } }), { then: { going: { number: '2' } } })
  t.equal(after({ name: 'x'.repeat(1_000) }).next.variables['name']?.length, 200)
  for (const nothing of [undefined, null, 'text', {}, { a: {} }, { a: { vip: {} } }, { __proto__: { name: 'x' } }, []])
    t.strictSame(steps(after(nothing)).slice(-2), ['find failed', 'bye'], JSON.stringify(nothing))
})

t.test('hours, spoken digits, another language, a variable, a menu within a menu', async t => {
  t.strictSame(steps(press(inMain(), '3')), ['hello', 'main 3 key', 'open closed', 'bye'])
  const open = press(inMain(), '3', 200)
  t.match(open, { say: ['number:42'], next: { steps: [{}, {}, { result: 'open' }, { node: 'tell' }, { node: 'count' }] } }, 'nothing to spell is passed over') // prettier-ignore
  const other = press(inMain(), '5')
  t.match(other, { say: ['ask'], next: { language: 'zh', variables: { x: 'a+49301' } } })
  const sub = press(inMain(), '4')
  t.match(sub, {
    say: ['hi'],
    next: {
      at: [
        { ivr: 'main', node: 'main' },
        { ivr: 'sub', node: 'hi' },
      ],
    },
  })
  t.match(must(said(around, sub.next, at(5))), { say: ['ask'], next: { at: [{ ivr: 'main', node: 'main' }] } })
})

t.test('after the daemon was away: the same once more; a node that is no more is the end', async t => {
  const { next } = press(press(inMain(), '2'), '4')
  t.match(resumeWalk(around, next, at(50)), { say: ['digits'], next: { keys: '', steps: next.steps } })
  t.match(resumeWalk({ ...around, menus: new Map() }, next, at(50)), { next: { ended: 'lost' }, then: { wait: 'end' } })
  t.match(beginWalk(around, 'gone', { leg, variables }, at(1)), { next: { ended: 'lost' } })
})

t.test('whatever they do, each node is one of the menu, and it ends', async () => {
  type Did = { do: 'key'; key: string } | { do: 'quiet' | 'said' | 'found' | 'refused' }
  const does: fc.Arbitrary<Did> = fc.oneof(
    fc.record({ do: fc.constant('key' as const), key: fc.constantFrom('1', '2', '3', '4', '5', '9', '*', '#') }),
    fc.record({ do: fc.constantFrom('quiet' as const, 'said' as const, 'found' as const, 'refused' as const) }),
  )
  const holds = fc.property(fc.array(does, { maxLength: 1_000 }), all => {
    let move = begin()
    for (const did of all) {
      const { next, then } = move
      if (then.wait === 'end') return next.endedAt !== undefined && next.ended !== undefined
      const following =
        did.do === 'key'
          ? keyPressed(around, next, did.key, at(5))
          : did.do === 'quiet'
            ? keptQuiet(around, next, at(5))
            : did.do === 'said'
              ? said(around, next, at(5))
              : did.do === 'found'
                ? lookedUp(around, next, { name: 'x' }, at(5))
                : notGone(around, next, 'busy', at(5))
      move = following ?? move
      if (move.next.steps.length > MOST_STEPS) return false
      if (!move.next.steps.every(step => menus.get(step.ivr)?.nodes[step.node])) return false
    }
    return true
  })
  fc.assert(holds, { numRuns: 500 })
})

t.test('what is wrong with menus: all of it, by its place', async t => {
  t.strictSame(checkMenus(menus), [])
  const wrong = (nodes: object, start = 'a', around = {}) => {
    const menu = menuOf('m', { start, nodes })
    return menu.ok ? checkMenus(new Map([['m', menu.value]]), around) : menu.error
  }
  const end = { hangup: true }
  const play = (next: string) => ({ play: ['x'], next })
  const table: [nodes: object, flaws: (string | RegExp)[]][] = [
    [{ a: play('b') }, ['m.a: there is no node b']],
    [{ b: end }, ['m.start: there is no node a']],
    [{ a: end, b: end }, ['m.b: nothing leads there']],
    [{ a: play('b'), b: play('a') }, ['m.a: nothing leads out of it', 'm.b: nothing leads out of it', 'm.a: goes round without waiting for the caller', 'm.b: goes round without waiting for the caller']],
    [{ a: { ivr: 'none', next: 'b' }, b: end }, ['m.a: there is no menu none']],
    [{ a: {} }, [/^m\.a: does one of/]],
    [{ a: { play: ['x'], hangup: true } }, [/^m\.a: does one of/]],
    [{ a: { play: ['../x'], next: 'a' } }, [/^m\.a: play\.0/]],
    [{ a: { menu: { play: ['x'], keys: { A: 'a' } }, otherwise: 'a' } }, ['m.a: menu has no A']],
    [{ a: { set: { 'a b': 'x' }, next: 'b' }, b: end }, ['m.a: set has no a b']],
    [{ a: { set: { ok: 5 }, next: 'b' }, b: end }, [/^m\.a: set/]],
    [{ 'A b': end, a: end }, [/^m\.A b: the name/]],
    [{ a: { lookup: { url: 'file:///etc/passwd', as: { x: 'x' } }, next: 'b', otherwise: 'b' }, b: end }, [/^m\.a: lookup\.url/]],
    [{ a: 1 }, [/^m\.a: does one of/]],
  ] // prettier-ignore
  for (const [nodes, flaws] of table) {
    const found = wrong(nodes)
    t.equal(found.length, flaws.length, `${JSON.stringify(nodes)}: ${found.join('; ')}`)
    for (const [i, flaw] of flaws.entries()) t.match(found[i], flaw)
  }
  t.strictSame(wrong({ a: play('b'), b: end }, 'a', { sounds: new Set(['y']) }), ['m.a: there is no sound x'])
  t.match(wrong({ a: { hours: 'h', next: 'b', otherwise: 'b' }, b: end }, 'a', { calendars: new Set() }), ['m.a: there is no calendar h']) // prettier-ignore
  for (const nothing of [undefined, null, 1, 'x', [], {}, { start: 'a' }, { start: 'a', nodes: {} }, { start: 'a', nodes: [], x: 1 }]) t.notOk(menuOf('m', nothing).ok) // prettier-ignore
})

t.test('from a queue: they are called back, or wait on; where they were before stays', async t => {
  const menu = aMenu('key', {
    start: 'ask',
    nodes: {
      ask: { callBack: { number: '{caller}' }, next: 'end', otherwise: 'box' },
      box: { go: { voicemail: '{queue}1' }, otherwise: 'rate' },
      rate: { go: { survey: 'service' }, otherwise: 'back' },
      back: { go: { back: true } },
      end: { hangup: true },
    },
  })
  const here: Around = { ...around, menus: new Map([['key', menu]]) }
  const before = [{ ivr: 'main', node: 'hello', at: at(0) }]
  const asks = beginWalk(here, 'key', { leg, variables: { caller: '1003', queue: '7' } }, at(1), before)
  t.match(asks.then, { wait: 'call-back', number: '1003', queue: '7' })
  const taken = must(callBackAsked(here, asks.next, undefined, at(2)))
  t.strictSame(steps(taken), ['hello', 'ask taken', 'end'])
  const refused = must(callBackAsked(here, asks.next, 'not-allowed', at(2)))
  t.strictSame(steps(refused), ['hello', 'ask not-allowed', 'box'])
  t.match(refused.then, { wait: 'gone', going: { to: 'voicemail', box: '71' } })
  const rated = must(notGone(here, refused.next, 'refused', at(3)))
  t.match(rated.then, { going: { to: 'survey', survey: 'service' } })
  t.match(must(notGone(here, rated.next, 'refused', at(4))).then, { going: { to: 'queue' } })
  t.equal(callBackAsked(here, refused.next, undefined, at(5)), undefined, 'nobody asks for one there')
  t.match(drawMenu(menu), /call back \{caller\}/)
  t.match(checkMenus(new Map([['key', menu]]), { surveys: new Set() }), ['key.rate: there is no survey service'])
})

t.test('from the command line: what is wrong with a folder, with its sounds, and the examples', async t => {
  const said = (dir: string, sounds?: string, what: 'check' | 'draw' = 'check') => {
    const lines: string[] = []
    return { ok: ivrCommand(what, dir, { sounds }, line => lines.push(line)), text: lines.join('') }
  }
  t.strictSame(said('examples/ivr'), { ok: true, text: '3 menus, and all is well\n' })
  t.match(said('examples/ivr', undefined, 'draw'), { ok: true, text: /flowchart TD/ })
  const dir = t.testdir({ ivr: { 'a.yaml': 'start: [', 'B.yaml': '', 'c.yaml': 'start: x\nnodes: { x: { play: [hi], next: y }, y: { hangup: true } }', 'notes.txt': '' }, sounds: { digits: { '1.gsm': '' } } }) // prettier-ignore
  t.match(said(`${dir}/ivr`), { ok: false, text: /B\.yaml: the name[\s\S]*a: / })
  rmSync(`${dir}/ivr/a.yaml`)
  rmSync(`${dir}/ivr/B.yaml`)
  t.match(said(`${dir}/ivr`), { ok: true })
  t.strictSame(said(`${dir}/ivr`, `${dir}/sounds`), { ok: false, text: 'c.x: there is no sound hi\n' })
  t.match(said('/nowhere'), { ok: false, text: '/nowhere: cannot be read\n' })
})

t.test('drawn', async t => {
  const text = drawMenu(aMenu('m', { start: 'a', nodes: { a: { menu: { play: ['x'], keys: { '1': 'b' } }, otherwise: 'b' }, b: { hangup: true } } })) // prettier-ignore
  t.equal(text, 'flowchart TD\n  begin(["m"]) --> n0\n  n0["a: menu"]\n  n0 -->|"1"| n1\n  n0 -->|"otherwise"| n1\n  n1["b: hangup"]\n')
}) // prettier-ignore
