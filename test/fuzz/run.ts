/** Runs a target on inputs made of the corpus, until it is told that it is enough. */
import { corpusOf, recordedFrames } from './corpus.js'
import { mutate, randomOf } from './mutate.js'
import { TARGETS, type TargetName } from './targets.js'

export type Failure = { target: TargetName; seed: number; bytes: Buffer; error: unknown }

/** `goOn` is asked before each input, with how many there were; each has a seed of its own, the first that of the run. */
export function fuzz(target: TargetName, firstSeed: number, goOn: (done: number) => boolean): Failure | undefined {
  const seeds = corpusOf(target).map(({ bytes }) => bytes)
  if (target === 'ami') seeds.push(...recordedFrames())
  for (let done = 0; goOn(done); done++) {
    const seed = firstSeed + done
    const random = randomOf(seed)
    const bytes = mutate(random.pick(seeds), random, seeds)
    try {
      TARGETS[target](bytes, random)
    } catch (error) {
      return { target, seed, bytes, error }
    }
  }
  return undefined
}
