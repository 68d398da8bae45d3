/** What `npm run ring` is asked for. */
import t from 'tap'
import { no, ok } from '../../src/base/result.js'
import { PROFILES } from '../../lab/profiles.js'
import { ringNumbers } from '../../lab/ring-number.js'

t.test('any number that the trunk of the lab delivers, on both PBXs', t => {
  const { plain, field } = PROFILES
  const from = '030123456'
  t.strictSame(ringNumbers(plain, []), ok({ to: '493012341002', from }))
  t.strictSame(ringNumbers(plain, ['2000']), ok({ to: '493012342000', from }))
  t.strictSame(ringNumbers(plain, ['493012357700', '+4930']), ok({ to: '493012357700', from: '+4930' }))
  t.strictSame(ringNumbers(field, ['2400', '13812345678']), ok({ to: '02161232400', from: '13812345678' }))
  t.strictSame(ringNumbers(field, ['201']), ok({ to: '02161230201', from }))
  t.end()
})

t.test('what cannot be rung, and why', t => {
  const wrong = (...args: string[]) => ringNumbers(PROFILES.plain, args)
  const usage = 'usage: npm run ring -- NUMBER [CALLER]'
  t.strictSame(
    wrong('201'),
    no(`${usage}: 201 is neither a number of the lab, such as 1002, nor a whole number, such as 493012341002`),
  )
  t.strictSame(wrong('1002', 'Ana'), no(`${usage}: the caller Ana is no number`))
  t.strictSame(wrong('1002', '030', 'x'), no(`${usage}: x is too much`))
  for (const number of ['', 'alice', '10 02', '1'.repeat(21), '$(id)']) t.notOk(wrong(number).ok, number)
  t.end()
})
