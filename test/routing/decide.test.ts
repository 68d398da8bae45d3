/** Where a call from outside goes, by the number that was dialled. */
import t from 'tap'
import { decideRoute } from '../../src/routing/decide.js'

const routes = [
  { name: 'hotline', dialled: ['4930123420', '+49800*'], to: { number: '2000' } },
  { name: 'all-of-berlin', dialled: ['4930*'], to: { number: '2001' } },
]

t.test('the first route that fits, by the whole number or its beginning', async t => {
  const sent = (name: string, to: string) => ({ does: 'number', to, because: [{ rule: 'route', name }] })
  t.strictSame(decideRoute({ routes }, '4930123420'), sent('hotline', '2000'))
  t.strictSame(decideRoute({ routes }, '+498001'), sent('hotline', '2000'))
  t.strictSame(decideRoute({ routes }, '49301234200'), sent('all-of-berlin', '2001'), 'a whole number is no beginning')
  t.strictSame(decideRoute({ routes }, '4930'), sent('all-of-berlin', '2001'))
})

t.test('where none fits, the dialplan of the site has it', async t => {
  const left = { does: 'dialplan', because: [{ rule: 'no-route' }] }
  for (const dialled of ['498', '', '+4930', 'toString']) t.strictSame(decideRoute({ routes }, dialled), left, dialled)
  t.strictSame(decideRoute({ routes: [] }, '4930123420'), left)
})
