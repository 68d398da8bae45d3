/** Workgroups as the PBX's own files: each is there once, and nothing that it holds is more than a value. */
import t from 'tap'
import fc from 'fast-check'
import {
  clashesWith,
  differencesOf,
  includesOf,
  printGlobals,
  printSections,
  readSections,
  sectionsOf,
} from '../../src/directory/render.js'
import { STRATEGIES, type Workgroup } from '../../src/events/directory.js'

const sales: Workgroup = {
  id: 'sales',
  name: 'Sales',
  strategy: 'rrmemory',
  ringForMs: 15_500,
  wrapUpMs: 30_000,
  serviceLevelMs: 20_000,
}
const full: Workgroup = {
  ...sales,
  id: 'team-a',
  maxWaiting: 10,
  maxWaitMs: 90_000,
  keys: true,
  announcements: {
    music: 'jazz',
    position: true,
    holdTime: false,
    everyMs: 30_000,
    periodic: 'custom/sorry',
    periodicEveryMs: 60_000,
  },
}

t.test('a queue, and one with everything', async t => {
  t.equal(
    printSections(sectionsOf([full, sales])),
    `; Written by \`aladdin render\` from the workgroups: what is changed here, is lost with the next time.

[sales]
strategy = rrmemory
timeout = 16
retry = 1
servicelevel = 20
ringinuse = no

[team-a]
strategy = rrmemory
timeout = 16
retry = 1
servicelevel = 20
ringinuse = no
maxlen = 10
context = aladdin-queue-keys
setqueuevar = yes
musicclass = jazz
announce-position = yes
announce-holdtime = no
announce-frequency = 30
periodic-announce = custom/sorry
periodic-announce-frequency = 60
`,
  )
  t.match(printGlobals([full, sales]), { ok: true, value: /\nALADDIN_MAX_WAIT_team_a = 90\n$/ })
  t.match(printGlobals([full, { ...full, id: 'team_a' }]), {
    ok: false,
    error: [/team-a and team_a|team_a and team-a/],
  })
})

t.test('what the PBX alone has is left as it is there', async t => {
  t.strictSame(sectionsOf([{ ...sales, adopted: true }]), [])
})

t.test('what is different, setting by setting', async t => {
  const now = sectionsOf([{ ...sales, strategy: 'linear', maxWaiting: 3 }, full])
  t.strictSame(differencesOf(sectionsOf([sales, { ...sales, id: 'old' }]), now), [
    'old is no more',
    'sales: strategy rrmemory -> linear',
    'sales: maxlen unset -> 3',
    'team-a is new',
  ])
  t.strictSame(differencesOf(now, readSections(printSections(now))), [])
})

t.test('what others have put there', async t => {
  const site = '[general]\nautofill = yes ; the site’s\n[lab](!)\ntimeout=3\n[sales](lab)\nmember => PJSIP/1001\n'
  t.match(clashesWith([['queues.conf', site]], sectionsOf([sales, full])), [/^sales is in queues.conf already/])
  const commented = ';-- of old\n[sales]\n--; [other]\n;--- a line, no block\n[Team-A] ; ours'
  t.strictSame(
    readSections(commented).map(({ name }) => name),
    ['other', 'Team-A'],
  )
  t.match(clashesWith([['more.conf', commented]], sectionsOf([sales, full])), [/^team-a is in more.conf already/])
  t.match(clashesWith([], sectionsOf([{ ...sales, id: 'General' }])), [/^General cannot be a queue/])
  t.strictSame(includesOf('#include "a.conf"\n;#include b.conf\n #tryinclude more/*.conf\n#exec "x"'), [
    'a.conf',
    'more/*.conf',
  ])
})

const text = (pattern: RegExp) => fc.stringMatching(pattern)
const aWorkgroup = fc.record({
  id: text(/^[A-Za-z0-9][A-Za-z0-9_-]{0,20}$/),
  name: fc.string({ minLength: 1, maxLength: 80, unit: 'binary' }),
  strategy: fc.constantFrom(...STRATEGIES),
  ringForMs: fc.integer({ min: 1_000, max: 300_000 }),
  wrapUpMs: fc.nat(),
  serviceLevelMs: fc.integer({ min: 1_000, max: 3_600_000 }),
  maxWaiting: fc.integer({ min: 1, max: 10_000 }),
  announcements: fc.record({ music: text(/^[A-Za-z0-9_-]{1,80}$/), periodic: text(/^[A-Za-z0-9_/-]{1,200}$/) }),
})

t.test('whatever a workgroup is called, it is one section of settings', async t => {
  fc.assert(
    fc.property(fc.uniqueArray(aWorkgroup, { selector: w => w.id, maxLength: 5 }), workgroups => {
      const printed = printSections(sectionsOf(workgroups))
      const lines = printed.split('\n').filter(line => line !== '')
      if (!lines.every(line => /^(;.*|\[[A-Za-z0-9_-]+\]|[a-z-]+ = \S+)$/.test(line)))
        throw new Error('a line that is none')
      t.strictSame(
        readSections(printed).map(({ name }) => name),
        workgroups.map(({ id }) => id).sort(),
      )
    }),
    { numRuns: 300 },
  )
})

t.end()
