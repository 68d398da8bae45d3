/** Figures: what a ratio is, how it is shown, and that the page about them names every goal and no other. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asText, GOALS, median, quantile, ratioOf } from '../../bench/report.js'

t.test('quantiles, and the ratio of each round to its own baseline', async t => {
  t.equal(median([3, 1, 2]), 2)
  t.equal(median([4, 1, 2, 3]), 2.5)
  t.equal(
    quantile(
      Array.from({ length: 101 }, (_, i) => i),
      0.99,
    ),
    99,
  )
  t.equal(ratioOf([1, 10, 300], [2, 10, 100]), 1, 'a machine that is slow for a round is slow for both')
})

t.test('a figure says whether it is good enough', async t => {
  const said = (ratio: number, key = 'P3') =>
    asText({ name: 'x', rounds: 1, values: { a: [1] }, baselines: { b: [2] }, ratios: { [key]: ratio } })
  t.match(said(0.1), 'P3: 0.100, better than 0.18')
  t.match(said(0.25), 'P3: 0.250, within 0.3')
  t.match(said(0.31), 'P3: 0.310, MISSES 0.3')
  t.match(said(5, 'P5'), 'P5: 5.00, better than 4')
  t.match(said(1, 'P5'), 'P5: 1.00, MISSES 2')
  t.match(said(1.4, 'P7 at 100/s'), 'P7 at 100/s: 1.40, within 1.5')
  t.match(said(7, 'own / other'), 'own / other: 7.00\n'.trim())
})

t.test('docs/performance.md has a row for each goal', async t => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/performance.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (P\d+\w*) +\| (.+?) +\| ([\d.]+) +\| ([\d.]+) +\|/gm)]
  t.strictSame(
    new Map(rows.map(([, key, what, goal, wish]) => [key, [what, Number(goal), Number(wish)]])),
    new Map(Object.entries(GOALS).map(([key, { what, goal, wish }]) => [key, [what, goal, wish]])),
  )
})
