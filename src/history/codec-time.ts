/** Times as events write them, `2026-03-01T08:30:00.123Z`, as milliseconds: calls say the same few minutes again and again. Pure. */

const MINUTE = 17
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const MOST_MINUTES = 512
const minutes = new Map<string, number>()

/** Undefined for every text that is not written exactly so. */
export function timeOf(text: string): number | undefined {
  if (text.length !== 24 || text.charCodeAt(10) !== 84 || !TIME.test(text)) return undefined
  const seconds = digits(text, 17, 2)
  if (seconds > 59) return undefined
  const minute = minuteOf(text.slice(0, MINUTE))
  return minute === undefined ? undefined : minute + seconds * 1_000 + digits(text, 20, 3)
}

function minuteOf(text: string): number | undefined {
  const known = minutes.get(text)
  if (known !== undefined) return known
  const ms = Date.parse(`${text}00.000Z`)
  // A day that there is not, such as the 30th of February, is read as another. Before 1970 nobody called.
  if (Number.isNaN(ms) || ms < 0 || !new Date(ms).toISOString().startsWith(text)) return undefined
  if (minutes.size >= MOST_MINUTES) minutes.clear()
  minutes.set(text, ms)
  return ms
}

function digits(text: string, from: number, count: number): number {
  let n = 0
  for (let i = from; i < from + count; i++) n = n * 10 + text.charCodeAt(i) - 48
  return n
}
