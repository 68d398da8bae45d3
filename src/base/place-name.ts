/** Names of places, compared as people write them: `北京` is 北京市, `广西` is 广西壮族自治区, `大理` is 大理白族自治州. Pure. */

const KIND =
  /(?:自治[区州县旗]|特别行政区|地区|林区|[省市州盟县])$|\s+(?:city|province|municipality|(?:autonomous )?prefecture|autonomous region)$/
/** Of whom a place is the self-governed one: behind the name that people use for it. */
const PEOPLE = new RegExp(
  '(?:(?:白|藏|朝鲜|傣|东乡|侗|独龙|鄂伦春|鄂温克|高山|仡佬|哈尼|赫哲|回|基诺|京|景颇|拉祜|黎|傈僳|珞巴|满|毛南|门巴|苗|仫佬|纳西|怒|普米|羌|撒拉|畲|水|土|土家|佤|锡伯|' +
    '瑶|彝|裕固|壮|布依|布朗|保安|阿昌|德昂|达斡尔|俄罗斯|各)族|(?:蒙古|哈萨克|柯尔克孜|维吾尔|塔吉克|乌孜别克|塔塔尔)族?)$|\\s+(?:zhuang|hui|uygh?ur)$',
)
const MOST_PEOPLE = 4

/** For comparing alone; two characters stay at least, since the name of a place may end in one of these. */
export function placeKey(name: string): string {
  const plain = name.normalize('NFKC').trim().toLowerCase()
  const bare = plain.replace(KIND, '')
  if (bare.length < 2) return plain
  const isOfPeople = /自治|autonomous/.test(plain.slice(bare.length))
  const own = isOfPeople ? withoutPeople(bare) : bare
  return own.length >= 2 ? own : bare
}

function withoutPeople(name: string) {
  let bare = name
  for (let i = 0; i < MOST_PEOPLE; i++) bare = bare.replace(PEOPLE, '')
  return bare
}

/** A name may be that of several places with one beginning of numbers: `台中、彰化`, `Chiayi/Yunlin`. */
export const placeKeys = (name: string): string[] =>
  /[、/]/.test(name) ? [name, ...name.split(/[、/]/)].map(placeKey) : [placeKey(name)]

export const isSamePlace = (wanted: string, has: string) => placeKeys(has).includes(placeKey(wanted))
