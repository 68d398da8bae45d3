/** Names of places, compared as people write them: `北京` is 北京市, `广西` is 广西壮族自治区. Pure. */

const KINDS = /(?:壮族|回族|维吾尔)?自治区$|特别行政区$|[省市]$|\s+(?:city|province|municipality)$/

/** For comparing alone; two characters stay at least, since the name of a place may end in one of these. */
export function placeKey(name: string): string {
  const plain = name.normalize('NFKC').trim().toLowerCase()
  const bare = plain.replace(KINDS, '')
  return bare.length >= 2 ? bare : plain
}
