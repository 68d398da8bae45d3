/**
 * G.722 at 64 kbit/s -> samples of 16 bits at 8 kHz, by the arithmetic of the ITU's recommendation. Its lower band is all that a sound
 * of 8 kHz can have: six bits of each byte, by an adaptive quantizer with a predictor of two poles and six zeros. The upper band,
 * above 4 kHz, is left out, as Asterisk does between G.722 and a telephone. Pure.
 */

export const G722_BYTES_PER_MS = 8

/** What a code stands for, of the step: by its six bits (heard), and by the higher four (fed back to the predictor). */
const HEARD = [-136, -136, -136, -136, -24_808, -21_904, -19_008, -16_704, -14_984, -13_512, -12_280, -11_192, -10_232, -9_360, -8_576, -7_856, -7_192, -6_576, -6_000, -5_456, -4_944, -4_464, -4_008, -3_576, -3_168, -2_776, -2_400, -2_032, -1_688, -1_360, -1_040, -728, 24_808, 21_904, 19_008, 16_704, 14_984, 13_512, 12_280, 11_192, 10_232, 9_360, 8_576, 7_856, 7_192, 6_576, 6_000, 5_456, 4_944, 4_464, 4_008, 3_576, 3_168, 2_776, 2_400, 2_032, 1_688, 1_360, 1_040, 728, 432, 136, -432, -136] // prettier-ignore
const FED_BACK = [0, -20_456, -12_896, -8_968, -6_288, -4_240, -2_584, -1_200, 20_456, 12_896, 8_968, 6_288, 4_240, 2_584, 1_200, 0] // prettier-ignore
/** By how much a code widens or narrows the step, in the logarithm. */
const STEP_CHANGE = [-60, 3_042, 1_198, 538, 334, 172, 58, -30, 3_042, 1_198, 538, 334, 172, 58, -30, -60]

const POWERS = Array.from({ length: 32 }, (_, i) => Math.round(2_048 * 2 ** (i / 32)))
const FIRST_STEP = 32
/** The logarithm of the step, 11 bits of it behind the point. */
const MAX_SCALE = 18_432
const ZEROS = 6
const LEAK = 32_640

const between = (least: number, value: number, most: number) => Math.max(least, Math.min(most, value))
const saturate = (value: number) => between(-32_768, value, 32_767)
const times = (a: number, b: number) => (a * b) >> 15
const sameSign = (a: number, b: number) => a < 0 === b < 0

export function decodeG722(sound: Uint8Array): Int16Array {
  const band = createBand()
  return Int16Array.from(sound, code => {
    const six = code & 0x3f
    const four = six >> 2
    const level = between(-16_384, band.expected() + times(band.step(), HEARD[six] ?? 0), 16_383)
    band.go(times(band.step(), FED_BACK[four] ?? 0), STEP_CHANGE[four] ?? 0)
    return 2 * level
  })
}

function createBand() {
  let [step, scale, expected, expectedOfZeros] = [FIRST_STEP, 0, 0, 0]
  /** The newest first: the differences, what was made of them (with the zeros alone, and whole), and the weights. */
  const differences = new Int32Array(ZEROS + 1)
  const zeros = new Int32Array(ZEROS + 1)
  let [one, two] = [0, 0]
  let [partial1, partial2] = [0, 0]
  let [whole1, whole2] = [0, 0]

  function adaptPoles(partial: number) {
    const pull = Math.min(32_767, sameSign(partial, partial1) ? -saturate(4 * one) : saturate(4 * one))
    const nextTwo = between(
      -12_288,
      (pull >> 7) + (sameSign(partial, partial2) ? 128 : -128) + times(two, 32_512),
      12_288,
    )
    const limit = 15_360 - nextTwo
    one = between(-limit, saturate((sameSign(partial, partial1) ? 192 : -192) + times(one, LEAK)), limit)
    two = nextTwo
  }

  function adaptZeros(difference: number) {
    const pull = difference === 0 ? 0 : 128
    for (let i = 1; i <= ZEROS; i += 1) {
      const towards = sameSign(differences[i] ?? 0, difference) ? pull : -pull
      zeros[i] = saturate(towards + times(zeros[i] ?? 0, LEAK))
    }
  }

  function predict() {
    expectedOfZeros = 0
    for (let i = ZEROS; i >= 1; i -= 1) expectedOfZeros += times(zeros[i] ?? 0, saturate(2 * (differences[i] ?? 0)))
    expectedOfZeros = saturate(expectedOfZeros)
    const ofPoles = saturate(times(one, saturate(2 * whole1)) + times(two, saturate(2 * whole2)))
    expected = saturate(ofPoles + expectedOfZeros)
  }

  return {
    step: () => step,
    expected: () => expected,
    go(difference: number, change: number) {
      scale = between(0, ((scale * 127) >> 7) + change, MAX_SCALE)
      const power = POWERS[(scale >> 6) & 31] ?? 0
      const down = 8 - (scale >> 11)
      step = (down < 0 ? power << -down : power >> down) << 2
      const partial = saturate(expectedOfZeros + difference)
      const whole = saturate(expected + difference)
      adaptPoles(partial)
      adaptZeros(difference)
      differences[0] = difference
      differences.copyWithin(1, 0, ZEROS)
      ;[partial1, partial2, whole1, whole2] = [partial, partial1, whole, whole1]
      predict()
    },
  }
}
