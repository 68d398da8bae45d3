/** What `npm start` is asked for, and cannot do: one line, and no stack. */
import t from 'tap'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { LabUnavailable } from '../../lab/errors.js'
import { profileNamed } from '../../lab/profiles.js'

t.test('a profile that there is not', t => {
  t.throws(
    () => profileNamed('fild'),
    new LabUnavailable('no profile of the lab is called fild: there are plain and field'),
  )
  t.end()
})

t.test('an option that there is not', t => {
  const start = join(import.meta.dirname, '../../../scripts/start.mjs')
  for (const args of [['--profle', 'field'], ['--profile'], ['field']]) {
    const { status, stderr } = spawnSync(process.execPath, [start, ...args], { encoding: 'utf8', timeout: 20_000 })
    t.equal(status, 2)
    t.equal(stderr, `${args.join(' ')}: unknown; npm start [-- --profile plain|field | -- --config FILE]\n`)
  }
  t.end()
})
