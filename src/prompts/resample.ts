/** Sound of one sampling rate -> sound of another, by a windowed sinc: what the new rate cannot hold is removed first. Pure. */

/** How far the filter reaches to each side, in its own zero crossings. */
const CROSSINGS = 20
/** Of half the lower rate. What lies above is in the slope of the filter. */
const PASSED = 0.94

/** Rates in whole Hz. */
export function resampled(sound: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return sound
  const scale = PASSED * Math.min(1, to / from)
  const reach = Math.ceil(CROSSINGS / scale)
  /** By how far a new sample lies behind an old one, in parts of `1 / to`: the same distances come again and again. */
  const filters = new Map<number, Float32Array>()
  const result = new Float32Array(Math.round((sound.length * to) / from))
  for (let i = 0; i < result.length; i += 1) {
    const behind = (i * from) % to
    const filter = filters.get(behind) ?? filterFor(behind / to, reach, scale)
    filters.set(behind, filter)
    const first = (i * from - behind) / to - reach
    const end = Math.min(filter.length, sound.length - first)
    let sum = 0
    for (let k = Math.max(0, -first); k < end; k += 1) sum += (sound[first + k] ?? 0) * (filter[k] ?? 0)
    result[i] = sum
  }
  return result
}

/** The weights of the old samples, from `reach` before to `reach` behind, for a new one that lies `behind` the middle one. */
const filterFor = (behind: number, reach: number, scale: number) =>
  Float32Array.from({ length: 2 * reach + 2 }, (_, k) => scale * weightAt((k - reach - behind) * scale))

/** A sinc under a Hann window. `distance`: in zero crossings. */
function weightAt(distance: number): number {
  if (distance === 0) return 1
  if (Math.abs(distance) >= CROSSINGS) return 0
  const at = Math.PI * distance
  return (Math.sin(at) / at) * (0.5 + 0.5 * Math.cos(at / CROSSINGS))
}
