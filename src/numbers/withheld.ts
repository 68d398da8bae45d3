/** Callers who show no number, in the words that trunks use for it. Pure. */
import { NOBODY, NOUNS, PHRASES } from './withheld-words.js'

/** Without case, width and accents: `ＰＲＩＶＡＴＥ`, `número` and `numero`. */
const folded = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
const wordsOf = (list: string) => folded(list).split(/\s+/).filter(Boolean)

const nobody = wordsOf(NOBODY)
/** `private`, `privatenumber`, `numberprivate`, `номерскрыт`: separators do not count. */
const WITHHELD: ReadonlySet<string> = new Set([
  ...PHRASES.map(phrase => wordsOf(phrase).join('')),
  ...nobody,
  ...wordsOf(NOUNS).flatMap(noun => nobody.flatMap(word => [`${word}${noun}`, `${noun}${word}`])),
])

/** `""`, `Anonymous`, `"Private" <sip:anonymous@anonymous.invalid>`, `<unknown>`. */
export function isWithheld(shown: string): boolean {
  const trimmed = shown.trim()
  if (trimmed.length > 128) return false
  const text = folded(trimmed)
  if (text.includes('@anonymous.invalid')) return true
  const address = /<([^<>]*)>$/.exec(text)?.[1] ?? text
  const user = address.replace(/^sips?:|^tel:/, '').replace(/[@;].*$/s, '')
  const plain = user.replaceAll('%20', '').replace(/[^\p{L}\p{N}+*#]/gu, '')
  return plain === '' ? !/[\p{L}\p{N}]/u.test(text) : WITHHELD.has(plain)
}

/** Zeros only: some trunks send them for it; inside they may be somebody's number. */
export const isZeros = (digits: string) => /^\+?0+$/.test(digits)

/** Presentation as Asterisk names it (`CALLERID(num-pres)`, `CID-CallingPres`): prohibited, or the network has no number. */
export const isProhibited = (presentation: string) =>
  /^\s*(?:prohib|unavailable|\d+\s*\(.*(?:Prohibited|Unavailable|not available))/i.test(presentation)
