/** Callers who show no number, in the words that trunks use for it. Pure. */

const WORDS: ReadonlySet<string> = new Set(
  (
    'anonymous anonym anonyme anonimo unknown unavailable private withheld restricted blocked hidden suppressed confidential secret ' +
    'unpublished nonumber numberwithheld withheldnumber privatenumber privatecaller unknownnumber unknowncaller anonymouscaller ' +
    'restrictednumber notavailable outofarea numberunavailable noname nocallerid calleridblocked calleridwithheld calleridrestricted idunavailable ' +
    'idwithheld invalid none null nil na unbekannt unterdrückt privat privé inconnu masqué desconocido privado oculto sconosciuto ' +
    '匿名 匿名来电 未知 未知号码 私人号码 保密号码 隐藏号码 无号码 无主叫 o p'
  ).split(' '),
)

/** `""`, `Anonymous`, `"Private" <sip:anonymous@anonymous.invalid>`, `<unknown>`. */
export function isWithheld(shown: string): boolean {
  if (shown.length > 128) return false
  const text = shown.trim().toLowerCase()
  if (text.includes('@anonymous.invalid')) return true
  const address = /<([^<>]*)>$/.exec(text)?.[1] ?? text
  const user = address.replace(/^sips?:|^tel:/, '').replace(/[@;].*$/s, '')
  const plain = user.normalize('NFC').replace(/[^\p{L}\p{N}+*#]/gu, '')
  return plain === '' ? !/[\p{L}\p{N}]/u.test(text) : WORDS.has(plain)
}

/** Zeros only: some trunks send them for it; inside they may be somebody's number. */
export const isZeros = (digits: string) => /^\+?0+$/.test(digits)

/** Presentation as Asterisk names it (`CALLERID(num-pres)`, `CID-CallingPres`): prohibited, or the network has no number. */
export const isProhibited = (presentation: string) =>
  /^\s*(?:prohib|unavailable|\d+\s*\(.*(?:Prohibited|Unavailable|not available))/i.test(presentation)
