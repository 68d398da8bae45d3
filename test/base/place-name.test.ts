/** Names of places, with and without what kind of place it is. */
import t from 'tap'
import { isSamePlace, placeKey } from '../../src/base/place-name.js'

t.test('the kind of a place is no part of its name', async t => {
  const same = [
    ['北京', '北京市'],
    ['广东', '广东省'],
    ['广西', '广西壮族自治区'],
    ['新疆', '新疆维吾尔自治区'],
    ['内蒙古', '内蒙古自治区'],
    ['香港', '香港特别行政区'],
    ['大理', '大理白族自治州'],
    ['凉山', '凉山彝族自治州'],
    ['凉山州', '凉山彝族自治州'],
    ['西双版纳', '西双版纳傣族自治州'],
    ['恩施', '恩施土家族苗族自治州'],
    ['延边', '延边朝鲜族自治州'],
    ['黔东南', '黔东南苗族侗族自治州'],
    ['海西', '海西蒙古族藏族自治州'],
    ['伊犁', '伊犁哈萨克自治州'],
    ['克孜勒苏', '克孜勒苏柯尔克孜自治州'],
    ['西藏', '西藏自治区'],
    ['宁夏', '宁夏回族自治区'],
    ['阿克苏', '阿克苏地区'],
    ['锡林郭勒', '锡林郭勒盟'],
    ['神农架', '神农架林区'],
    ['隆林', '隆林各族自治县'],
    ['广州', '广州市'],
    ['Guangxi', 'Guangxi Zhuang Autonomous Region'],
    ['Beijing', ' beijing City'],
    ['Berlin', 'BERLIN'],
  ] as const
  for (const [one, other] of same) t.equal(placeKey(one), placeKey(other), other)
  for (const [one, other] of [
    ['吉林', '长春市'],
    ['沙市', '沙'],
    ['索县', '索'],
    ['广州', '广'],
    ['内蒙古', '内'],
    ['海南', '海北藏族自治州'],
    ['Kansas', 'Kansas City, Missouri'],
  ] as const)
    t.not(placeKey(one), placeKey(other))
  t.equal(placeKey('x'.repeat(10_000)).length, 10_000)
  t.equal(placeKey(`${'苗族'.repeat(5_000)}自治州`).length, 10_000 - 8)
})

t.test('one name of several places is that of each', async t => {
  for (const place of ['台中', '彰化', '彰化县', '台中、彰化']) t.ok(isSamePlace(place, '台中、彰化'), place)
  t.ok(isSamePlace('Yunlin', 'Chiayi/Yunlin'))
  for (const place of ['台', '', '台中、南投']) t.notOk(isSamePlace(place, '台中、彰化'), place)
})
