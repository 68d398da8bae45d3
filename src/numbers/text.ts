/**
 * Text that stands for a number -> its digits. Removes what people and systems put around and between digits: the scheme, host and
 * parameters of a URI, blanks, dashes, dots, slashes, brackets, and characters that cannot be seen. Pure.
 */

/** No number is written with more characters, but for blanks; what is longer costs nothing more. */
const MAX_CHARS = 256
const MOST_CHARS = 10_000
const MAX_DIGITS = 32

/**
 * Blanks, dashes, underscores, dots, slashes, brackets and quotation marks of any script; tildes, bullets, and the long vowel mark that
 * is written for a dash in Japan; and what cannot be seen, such as bidi marks. No control characters.
 */
const SEPARATOR =
  /[\p{Zs}\p{Pd}\p{Pc}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Cf}\p{Mn}"'\u2212\u02d7\u00b7\u30fb\uff65.\u2024\u3002\uff0e\uff61/\u2044\u2215\uff0f~\uff5e\u2053\u223c\u2022\u30fc\uff70]/gu
const BLANKS = /[\p{Zs}\p{Cf}]+/gu
const PLUS = /[\uff0b\ufe62\u207a]/g
/** A dialplan that puts a plus before every number makes `++86…`, and with zeros `+00+86…`: the last counts. */
const NEEDLESS_PLUS = /[+\uff0b]0{0,2}(?=[+\uff0b])/g
export const withoutNeedless = (text: string) => text.replace(NEEDLESS_PLUS, '')
const ZERO_IN_BRACKETS = /[(\[{\uff08\uff3b]0[)\]}\uff09\uff3d]/g
/** Stands for `(0)` until it is known whether a country code is before it. */
const NATIONAL_ZERO = 'Z'
const DIALLABLE = /^\+?[0-9*#]+$/
const DECIMAL = /\p{Nd}/gu
const isDecimal = (code: number) => /\p{Nd}/u.test(String.fromCodePoint(code))

/** Ranges of decimal digits are whole tens: the place within the range gives the value. */
function decimalOf(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (code < 0x80) return char
  let first = code
  while (code - first < 50 && isDecimal(first - 1)) first -= 1
  return String((code - first) % 10)
}

/** `13812345678;cpc=ordinary`: of a tel: or sip: URI, also where the trunk left the scheme out. */
const PARAMETERS = /^[^;]*(?:;\s*(?:[a-z][a-z0-9-]*=[^;\p{Cc}]*|npdi|enumdi|lr))+$/iu

/** What stands behind a number alone, where somebody has cut an address. */
const PORT = /:[0-9]{4,5}\s*$/
const CONTEXT = /^[^@]*;\s*phone-context=((?:\+|%2B)[0-9.()-]+)/i

/** `sip:+49%20170@host;user=phone` -> `+49 170`. The context of a local tel: URI goes before it. */
function bare(text: string): string {
  const uri = /^\s*(?:"[^"]*"\s*|[^<>"]*)<\s*([^<>]*)>\s*$/.exec(text)?.[1] ?? text
  const [, scheme, rest = ''] = /^\s*(?:(sips?|tel|callto):)?(.*)$/is.exec(uri) ?? []
  if (scheme === undefined && uri === text && !text.includes('@') && !PARAMETERS.test(text))
    return decoded(text.replace(PORT, ''))
  const user = /^[^@;?]*/.exec(rest)?.[0] ?? ''
  const context = CONTEXT.exec(rest)?.[1]
  // With a host behind it, it is a password.
  const given = decoded(rest.includes('@') ? user.replace(/:.*$/s, '') : user.replace(PORT, ''))
  return context === undefined || given.trim().startsWith('+') ? given : `${decoded(context)}${given}`
}

/** A local number of a URI, as somebody in its context would dial it. */
export const withoutContext = (text: string) => text.replace(/;\s*phone-context=[^;@<>]*/gi, '')

/** A `#` behind the digits says that no more come. */
export const DIALLED_END = /^((?:[*#]31#)?[0-9]*\+?[0-9]+)#$/

function decoded(text: string) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Also with what a pattern of a list has beside digits. `(0)` is left out behind a country code, and is a 0 elsewhere. */
export function plainOf(text: string, international: string): string {
  const given = text.length > MAX_CHARS ? text.slice(0, MOST_CHARS + 1).replace(BLANKS, ' ') : text
  if (text.length > MOST_CHARS || given.length > MAX_CHARS) return ''
  const ascii = bare(given)
    .replace(DECIMAL, decimalOf)
    .replace(PLUS, '+')
    .replaceAll('\uff0a', '*')
    .replaceAll('\uff03', '#')
  // Letters have a meaning in patterns, and this one has none in any.
  if (/[zZ]/.test(ascii)) return ''
  const narrow = ascii.replace(/[\p{Zs}\p{Cf}]/gu, '').replace(ZERO_IN_BRACKETS, NATIONAL_ZERO)
  return nationalZeros(withoutNeedless(narrow.replace(SEPARATOR, '')), international)
}

function nationalZeros(plain: string, international: string): string {
  if (!plain.includes(NATIONAL_ZERO)) return plain
  if (plain.includes('+') || plain.startsWith(international)) return plain.replaceAll(NATIONAL_ZERO, '')
  const [before = ''] = plain.split(NATIONAL_ZERO)
  // `49 (0)30 …`: only a country code stands before it.
  if (/^[1-9][0-9]{0,2}$/.test(before)) return `+${plain.replaceAll(NATIONAL_ZERO, '')}`
  return plain.replaceAll(NATIONAL_ZERO, '0')
}

/** Undefined for what is no number. */
export function digitsOf(text: string, international: string): string | undefined {
  const plain = plainOf(text, international)
  return isDiallable(plain) ? plain : undefined
}
export const isDiallable = (plain: string) => DIALLABLE.test(plain) && plain.length <= MAX_DIGITS + 1

/** In a query, `+` stands for a blank: a plus that was not encoded comes as a blank before a country code. */
export const withPlus = (text: string) => text.replace(/^ (?=[1-9])/, '+')
