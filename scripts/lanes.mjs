/**
 * Which test file runs when: side by side in lanes, the longest first, so that none is left to the end. Touches nothing.
 *
 * A story of phones mostly waits for somebody to answer, or to ring out: beside the others it costs hardly anything but time.
 * Two lanes run what mostly waits, and two the rest; one of the first two helps with that when nothing that waits is left.
 * With more at once two cores are too busy: a phone then has not the time that its test gives it.
 */

/** Those that mostly wait: for phones that ring out, for what is said to a caller, for midnight. The longest first. */
const WAITING = [
  'pbx/stories-transfers',
  'pbx/stories-16',
  'pbx/stories-field',
  'pbx/stories-queues',
  'pbx/voicemail',
  'pbx/call-backs',
  'pbx/ivr',
  'pbx/stories-call-backs-16',
  'pbx/stories-others',
  'pbx/stories-voicemail-16',
  'pbx/killed-inside',
  'pbx/prompts',
  'pbx/stories-inbound-16',
  'pbx/midnight',
  'pbx/survey',
  'pbx/stories-field-16',
  'pbx/survey-cut',
]

/** Of the others, those that take more than half a minute. */
const LONG = [
  'pbx/random-commands',
  'pbx/daemon-process',
  'pbx/numbers',
  'pbx/countries',
  'pbx/redis-faults',
  'pbx/inbound',
  'pbx/chaos-bytes',
  'pbx/redis-failover',
  'pbx/restarts',
  'pbx/command-line',
  'pbx/five-hundred',
  'pbx/link-faults',
  'pbx/consults',
  'pbx/people',
  'pbx/blacklist',
  'pbx/ari-drivers',
  'pbx/chaos-run',
  'pbx/reconcile',
  'pbx/agents-16',
  'pbx/morning',
  'pbx/agents',
  'pbx/members-16',
  'pbx/members',
  'pbx/doctor',
]
const LONGEST = [...WAITING, ...LONG]

const isOneOf = (names, { file }) => names.some(name => file === `build/test/${name}.test.js`)
const mostlyWaits = job => job.file.startsWith('build/test/long/stories') || isOneOf(WAITING, job)

function rank({ file }) {
  const found = LONGEST.findIndex(name => file === `build/test/${name}.test.js`)
  return found < 0 ? LONGEST.length : found
}
const longestFirst = jobs => [...jobs].sort((a, b) => rank(a) - rank(b))

/**
 * Runs every job, which has a `file`, in one of the lanes. `run` resolves to whether all went well; none is begun when
 * `isStopped` says so. Resolves to whether all went well.
 */
export async function inLanes(jobs, run, isStopped) {
  const waiting = longestFirst(jobs.filter(mostlyWaits))
  const others = longestFirst(jobs.filter(job => !mostlyWaits(job)))
  let ok = true
  const lane = async next => {
    for (let job = next(); job !== undefined && !isStopped(); job = next()) if (!(await run(job))) ok = false
  }
  await Promise.all([
    lane(() => waiting.shift() ?? others.shift()),
    lane(() => waiting.shift()),
    lane(() => others.shift()),
    lane(() => others.shift()),
  ])
  return ok && !isStopped()
}
