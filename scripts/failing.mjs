/**
 * What the end of a run says of the tests that failed: a line for each, with its file and the names of the tests that it
 * stands in, so that the end of a log is enough to know them. Pure.
 */
const MAX_LINES = 50
const MAX_LENGTH = 200

/** A file as one would name it to run it again. */
export const sourceOf = text => text.replace('build/', '').replace('.js', '.ts')

/** Collects what failed. `missed`: a file that failed without a failed assertion, for example by its exit code. */
export function createFailing() {
  const byTest = new Map()
  /** `fullName`: the file, the tests and the assertion, as TAP has it. What says no more than that a file failed is left to `missed`. */
  const add = (fullName, assertion) => {
    if (fullName === assertion) return
    const test = fullName.endsWith(` > ${assertion}`) ? fullName.slice(0, -` > ${assertion}`.length) : fullName
    const { first = assertion, count = 0 } = byTest.get(test) ?? {}
    byTest.set(test, { first, count: count + 1 })
  }
  const missed = (file, why) => {
    if (![...byTest.keys()].some(test => test === file || test.startsWith(`${file} > `))) add(file, why)
  }
  return { add, missed, lines: () => linesOf([...byTest]) }
}

function linesOf(failed) {
  const shown = failed.slice(0, MAX_LINES).map(([test, { first, count }]) => {
    const more = count > 1 ? ` (and ${count - 1} more)` : ''
    return `${cut(oneLine(`FAILED ${sourceOf(test)}: ${first}`), MAX_LENGTH - more.length)}${more}`
  })
  const left = failed.length - shown.length
  return left > 0 ? [...shown, `and ${left} more tests failed`] : shown
}

const oneLine = text => text.replace(/\s+/g, ' ').trim()
const cut = (text, length) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`)
