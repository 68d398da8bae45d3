/** Netstrings, the frames of baresip's control port: `5:hello,`. Pure. */

export const encodeNetstring = (text: string) => `${Buffer.byteLength(text)}:${text},`

/** Takes the complete ones off the front. Throws on bytes that are no netstring, as nothing after them can be trusted. */
export function takeNetstrings(bytes: Buffer): { texts: string[]; rest: Buffer } {
  const texts: string[] = []
  let rest = bytes
  for (;;) {
    const colon = rest.indexOf(':')
    const digits = rest.toString('latin1', 0, colon === -1 ? rest.length : colon)
    if (!/^\d{0,9}$/.test(digits) || colon === 0) throw new Error('not a netstring')
    const end = colon + 1 + Number(digits)
    if (colon === -1 || rest.length <= end) return { texts, rest }
    if (rest[end] !== 0x2c) throw new Error('a netstring without its comma')
    texts.push(rest.toString('utf8', colon + 1, end))
    rest = rest.subarray(end + 1)
  }
}
