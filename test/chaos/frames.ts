/**
 * Faults that cut AMI frames: events are left out, told twice, or told in another order than they happened. Pure but for
 * the chance that it draws. What answers an action is left alone (the answer to a question is not lost on its way), and so
 * is FullyBooted, without which no session begins.
 */
import type { Counts, FrameFaults } from './faults.js'
import type { Random } from './random.js'

const END = Buffer.from('\r\n\r\n')
const LINE = Buffer.from('\r\n')
/** So many neighbours change places. */
export const WINDOW = 5

export type Mangler = {
  /** The frames that go on now, in their new order. Half a frame waits for its end. */
  push: (chunk: Buffer) => Buffer[]
  /** What waits for company to change places with. */
  release: () => Buffer[]
  /** Whether anything waits. */
  holds: () => boolean
}

export function createMangler(random: Random, faults: () => FrameFaults, counts: Counts): Mangler {
  let rest: Buffer = Buffer.alloc(0)
  let greeted = false
  let window: Buffer[] = []

  function* cut(chunk: Buffer) {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const mark = greeted ? END : LINE
      const end = rest.indexOf(mark)
      if (end < 0) return
      yield rest.subarray(0, end + mark.length)
      rest = rest.subarray(end + mark.length)
      greeted = true
    }
  }

  function release(): Buffer[] {
    const held = window
    window = []
    if (held.length < 2) return held
    const told = random.shuffled(held)
    counts.reordered += told.filter((frame, i) => frame !== held[i]).length
    return told
  }

  function mangled(frame: Buffer): Buffer[] {
    if (!isEvent(frame)) return [...release(), frame]
    const { drop, duplicate, reorder } = faults()
    if (random.happens(drop)) {
      counts.dropped += 1
      return []
    }
    const twice = random.happens(duplicate)
    if (twice) counts.duplicated += 1
    const frames = twice ? [frame, frame] : [frame]
    if (window.length === 0 && !random.happens(reorder)) return frames
    window.push(...frames)
    return window.length >= WINDOW ? release() : []
  }

  return {
    push(chunk) {
      const { drop, duplicate, reorder } = faults()
      const idle = drop + duplicate + reorder === 0 && rest.length === 0 && window.length === 0
      if (idle && greeted && endsFrame(chunk)) return [chunk]
      return [...cut(chunk)].flatMap(mangled)
    },
    release,
    holds: () => window.length > 0,
  }
}

const endsFrame = (chunk: Buffer) => chunk.subarray(-END.length).equals(END)

function isEvent(frame: Buffer): boolean {
  const text = frame.toString('latin1')
  return text.startsWith('Event: ') && !text.startsWith('Event: FullyBooted') && !text.includes('\r\nActionID: ')
}
