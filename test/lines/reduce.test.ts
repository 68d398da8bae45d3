/** The status line: what each phone did in each call, and today. */
import t from 'tap'
import type { AgentShare, OfferResult } from '../../src/events/call-parts.js'
import type { CallView } from '../../src/events/call.js'
import { lineOn, newLine, partsOf, withPart, type StoredLine } from '../../src/lines/reduce.js'

type Offered = [extension: string, result: OfferResult, answeredAt?: string]
const PICKED_UP = '2026-03-02T09:00:05.000Z'

const aCall = (
  from: { number: string; extension?: string },
  to: string,
  offers: Offered[],
  talked: Record<string, number> = {},
) =>
  ({
    id: 'hq:1.1',
    startedAt: '2026-03-02T09:00:00.000Z',
    from,
    to: { number: to },
    legs: offers.map(([, , answeredAt], i) => ({ id: `${i}`, ...(answeredAt && { answeredAt }) })),
    offers: offers.map(([extension, result], i) => ({ leg: `${i}`, extension, result })),
    agents: Object.entries(talked).map(([extension, talkedMs]): Partial<AgentShare> => ({ extension, talkedMs })),
  }) as unknown as CallView
const MIA = { number: '491701234567' }
const told = (call: CallView) =>
  partsOf(call)
    .filter(({ of }) => of === 'extension')
    .map(({ id, did, talkedMs }) => `${id} ${did} ${talkedMs}`)

t.test('who did what', async t => {
  const cases: [CallView, string[], string][] = [
    [aCall(MIA, '1001', [['1001', 'answered']], { 1001: 5_000 }), ['1001 answered 5000'], 'answered'],
    [aCall(MIA, '1001', [['1001', 'no-answer']]), ['1001 missed 0'], 'missed'],
    [aCall(MIA, '1001', [['1001', 'caller-gave-up']]), ['1001 missed 0'], 'the caller gave up'],
    [aCall(MIA, '2000', [['1001', 'not-accepted', PICKED_UP]]), [], 'picked up, and not accepted'],
    [aCall(MIA, '2000', [['1001', 'caller-gave-up', PICKED_UP]]), [], 'the caller gave up after it was picked up'],
    [
      aCall(MIA, '2000', [
        ['1001', 'not-accepted', PICKED_UP],
        ['1001', 'no-answer'],
      ]),
      ['1001 missed 0'],
      'picked up in vain, and later not at all',
    ],
    [
      aCall(
        MIA,
        '2000',
        [
          ['1001', 'no-answer'],
          ['1002', 'busy'],
          ['1001', 'answered'],
        ],
        { 1001: 3_000 },
      ),
      ['1001 answered 3000', '1002 missed 0'],
      'in the end',
    ],
    [
      aCall(
        MIA,
        '2000',
        [
          ['1001', 'answered-elsewhere'],
          ['1002', 'answered'],
        ],
        { 1002: 1 },
      ),
      ['1002 answered 1'],
      'elsewhere',
    ],
    [aCall(MIA, '1001', [['1001', 'picked-up']], { 1003: 700 }), ['1003 answered 700'], 'picked up'],
    [
      aCall({ number: '1001', extension: '1001' }, '1002', [['1002', 'answered']], { 1001: 9, 1002: 9 }),
      ['1001 dialled 9', '1002 answered 9'],
      'inside',
    ],
    [aCall({ number: '1001', extension: '1001' }, '*24', []), [], 'a feature code'],
  ]
  for (const [call, parts, what] of cases) t.strictSame(told(call), parts, what)
})

t.test('a day, and the next', async t => {
  const dials = aCall({ number: '1001', extension: '1001' }, '0301', [], { 1001: 4_000 })
  const takes = aCall(MIA, '1001', [['1001', 'answered']], { 1001: 5_000 })
  const after = (line: StoredLine, call: CallView, date: string) =>
    partsOf(call).reduce((l, p) => withPart(l, p, call, date), line)
  const line = [dials, takes, takes].reduce((l, call) => after(l, call, '2026-03-02'), newLine('2026-03-02'))
  t.match(line, {
    dialled: 1,
    answered: 2,
    missed: 0,
    last: { number: MIA.number, direction: 'in', talkedMs: 5_000 },
  })
  t.match(lineOn(line, '2026-03-02'), { answered: 2 })
  t.match(lineOn(line, '2026-03-03'), { date: '2026-03-03', answered: 0, dialled: 0, last: { talkedMs: 5_000 } })
  t.match(after(line, dials, '2026-03-03'), { date: '2026-03-03', answered: 0, dialled: 1 })
  t.match(
    after(line, dials, '2026-03-01'),
    { date: '2026-03-02', answered: 2, dialled: 1 },
    'of yesterday: not of today',
  )
})

t.end()
