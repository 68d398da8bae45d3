/**
 * A time zone whose midnight is soon, so that a test can live through it with the real clock of the PBX and of the daemon. Zones of places differ by
 * quarters of an hour; those that are written as an offset (`+05:17`) fit every minute, but Node 20 does not know them. Until a Node that does, dates
 * of such zones are those of UTC, moved by the offset.
 */
import type { Clock } from '../../src/base/clock.js'
import type { EpochMs } from '../../src/base/ids.js'

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440
const OFFSET = /^\+(\d\d):(\d\d)$/

const two = (n: number) => String(n).padStart(2, '0')

/** The zone, and its next midnight: the first full minute after `ms` from now. */
export function midnightIn(ms: number, clock: Clock): { timeZone: string; midnight: EpochMs } {
  knowOffsets()
  const midnight = Math.ceil((clock.now() + ms) / MINUTE_MS) * MINUTE_MS
  const offset = (DAY_MINUTES - ((midnight / MINUTE_MS) % DAY_MINUTES)) % DAY_MINUTES
  return { timeZone: `+${two(Math.floor(offset / 60))}:${two(offset % 60)}`, midnight: midnight as EpochMs }
}

function knowOffsets() {
  try {
    new Intl.DateTimeFormat('en', { timeZone: '+05:17' })
  } catch {
    const Known = Intl.DateTimeFormat
    Intl.DateTimeFormat = new Proxy(Known, {
      construct(_, [locale, options]: [string, Intl.DateTimeFormatOptions | undefined]) {
        const [, hours, minutes] = OFFSET.exec(options?.timeZone ?? '') ?? []
        if (hours === undefined) return new Known(locale, options)
        const utc = new Known(locale, { ...options, timeZone: 'UTC' })
        const movedMs = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS
        return Object.create(utc, {
          format: { value: (at: number) => utc.format(at + movedMs) },
        }) as Intl.DateTimeFormat
      },
    })
  }
}
