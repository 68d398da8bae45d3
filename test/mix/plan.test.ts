/** What a mixed load does is decided by its seed, and SIPp's scenarios have a place for all of it. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { fillTemplate } from '../../lab/config-files.js'
import { PATIENCES_MS, planMix } from '../../lab/mix/plan.js'
import { agentPlaces, answerLine, callerPlaces } from '../../lab/mix/scenarios.js'

t.test('the same seed plans the same calls, another plans others', async t => {
  t.strictSame(planMix(200, 7), planMix(200, 7))
  t.not(JSON.stringify(planMix(200, 7)), JSON.stringify(planMix(200, 8)))
})

t.test('on a PBX in the field calls go out by both lines', async t => {
  const out = planMix(200, 7, 'field').calls.filter(({ target }) => target === 'outside')
  t.strictSame([...new Set(out.map(({ to }) => to.charAt(0)))].sort(), ['0', '9'], 'with the prefix and without it')
  const kinds = (calls: readonly { target: string; twist: string }[]) =>
    calls.map(({ target, twist }) => [target, twist])
  t.strictSame(kinds(planMix(200, 7, 'field').calls), kinds(planMix(200, 7).calls), 'and are of the same kinds')
})

t.test('2,000 calls have every kind in them, and each a number of its own', async t => {
  const { calls, answers } = planMix(2_000, 1)
  const kinds = (of: 'target' | 'twist') => new Set(calls.map(call => call[of])).size
  t.equal(kinds('target'), 6)
  t.equal(kinds('twist'), 10)
  t.equal(new Set(calls.map(call => call.from)).size, calls.length)
  t.ok(calls.every(call => call.patience < PATIENCES_MS.length))
  t.strictSame([...new Set(answers.map(answer => answer.manner))].sort(), ['answers', 'busy', 'declines', 'ignores'])
})

for (const [file, places] of [
  ['mix-caller', callerPlaces()],
  ['mix-agent', agentPlaces()],
] as const)
  t.test(`${file}: every step leads to a label that is there, and is led to by a test that is made`, async t => {
    const text = fillTemplate(readFileSync(`lab/sipp/${file}.xml`, 'utf8'), places)
    const all = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = '']) => found)
    const labels = all(/<label id="(\d+)"/g)
    t.equal(new Set(labels).size, labels.length, 'no label twice')
    for (const label of [...all(/next="(\d+)"/g), ...all(/ontimeout="(\d+)"/g)]) t.ok(labels.includes(label), label)
    const sorted = (names: string[]) => [...new Set(names)].sort()
    t.strictSame(sorted(all(/<nop next="\d+" test="(\w+)"/g)), sorted(all(/<test assign_to="(\w+)"/g)))
  })

t.test('a line of an agent names one of the tests of its scenario', async t => {
  const tested = (variable: string) =>
    [...agentPlaces().choices.matchAll(new RegExp(`variable="${variable}" compare="equal" value="(\\d+)"`, 'g'))].map(
      ([, value = '']) => value,
    )
  for (const answer of planMix(50, 3).answers) {
    const [meets = '', talks = ''] = answerLine(answer).split(';')
    t.ok(tested('meets').includes(meets) && tested('talks').includes(talks), `${meets};${talks}`)
  }
})
