/** The name of a queue in a request -> the name that the PBX has for it, which is the one in the history. */
import { isSameQueue } from '../base/queue-map.js'
import type { Pbx } from './ports.js'

/** A queue that the PBX does not have any more keeps the name that was asked for. */
export async function queueNamed({ engine }: Pick<Pbx, 'engine'>, asked: string): Promise<string> {
  const found = (await engine.queues()).find(({ name }) => isSameQueue(name, asked))
  return found?.name ?? asked
}
