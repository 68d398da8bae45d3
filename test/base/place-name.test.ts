/** Names of places, with and without what kind of place it is. */
import t from 'tap'
import { placeKey } from '../../src/base/place-name.js'

t.test('the kind of a place is no part of its name', async t => {
  const same = [
    ['北京', '北京市'],
    ['广东', '广东省'],
    ['广西', '广西壮族自治区'],
    ['新疆', '新疆维吾尔自治区'],
    ['内蒙古', '内蒙古自治区'],
    ['香港', '香港特别行政区'],
    ['Beijing', ' beijing City'],
    ['Berlin', 'BERLIN'],
  ] as const
  for (const [one, other] of same) t.equal(placeKey(one), placeKey(other), other)
  for (const [one, other] of [
    ['吉林', '长春市'],
    ['沙市', '沙'],
    ['Kansas', 'Kansas City, Missouri'],
  ] as const)
    t.not(placeKey(one), placeKey(other))
  t.equal(placeKey('x'.repeat(10_000)).length, 10_000)
})
