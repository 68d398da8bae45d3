/** Watches that no caller is left alone: listens to AMI, asks for the channels now and then. Touches the session that it is handed. */
import type { Clock } from '../../src/base/clock.js'
import { after } from '../../src/base/clock.js'
import type { AmiSession } from '../../lab/ami.js'
import { createEars, isOutside } from './ears.js'

/** For so long a caller may hear nothing. */
export const SILENCE_MS = 2_000
/** A phone of the company that has been left alone: people notice, and hang up. */
const ALONE_MS = 6_000
const EVERY_MS = 250

export type Watcher = ReturnType<typeof watchSilence>
type Quiet = { since: number; told: boolean }

export function watchSilence(ami: AmiSession, clock: Clock) {
  const ears = createEars()
  const quiet = new Map<string, Quiet>()
  const found: string[] = []
  let stopped = false
  let asked = 0

  function look() {
    const now = clock.now()
    for (const { id, name } of ears.phones()) {
      if (ears.hears(id) !== undefined) {
        quiet.delete(id)
        continue
      }
      const was = quiet.get(id) ?? { since: now, told: false }
      quiet.set(id, was)
      const ms = now - was.since
      if (was.told || ms <= (isOutside(name) ? SILENCE_MS : ALONE_MS)) continue
      was.told = true
      found.push(`${isOutside(name) ? 'a caller' : 'an agent'} hears nothing for ${ms} ms: ${ears.told(id)}`)
    }
    for (const id of quiet.keys()) if (ears.hears(id) === 'gone') quiet.delete(id)
  }

  ami.frames.onEach(frame => {
    if (frame['Event'] === 'CoreShowChannel') ears.seen(frame)
    else if (frame['Event'] === 'CoreShowChannelsComplete') look()
    else ears.take(frame)
  })
  const ask = () => {
    if (stopped) return
    ami.send({ Action: 'CoreShowChannels', ActionID: `ears-${asked++}` })
    clock.wake(after(clock, EVERY_MS), ask)
  }
  ask()

  return {
    /** What was found since it was last asked. */
    found: () => found.splice(0),
    /** How many channels of phones there are. */
    channels: () => ears.phones().length,
    stop: () => void (stopped = true),
  }
}
