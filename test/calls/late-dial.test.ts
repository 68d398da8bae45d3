/** The dial of a Local pair is told after that of the phone behind it, as a busy PBX does. */
import t from 'tap'
import type { PbxFact } from '../../src/pbx/facts.js'
import { expectedOf } from '../stories/expected.js'
import { factsIn, lastOfEach, recordings, tellAll } from '../given/recording.js'

type Dial = Extract<PbxFact, { type: 'dial.begun' }>
const isDial = (fact: PbxFact): fact is Dial => fact.type === 'dial.begun'

/** With each dial of half of a pair told right after the next one, and at its time; undefined where there is none. */
function late(facts: readonly PbxFact[]): PbxFact[] | undefined {
  const halves = new Set(facts.flatMap(fact => (fact.type === 'local.joined' ? [fact.leg, fact.other] : [])))
  const told = [...facts]
  for (const dial of facts.filter(fact => isDial(fact) && halves.has(fact.leg))) {
    const next = facts.slice(facts.indexOf(dial) + 1).find(fact => isDial(fact) && !halves.has(fact.leg))
    if (!next || next.at - dial.at > 50) continue
    told.splice(told.indexOf(dial), 1)
    const { at, atUs } = next as PbxFact & { atUs?: number }
    told.splice(told.indexOf(next) + 1, 0, { ...dial, at, ...(atUs !== undefined && { atUs }) } as PbxFact)
  }
  return told.some((fact, i) => fact !== facts[i]) ? told : undefined
}

for (const story of recordings().filter(name => name.startsWith('local-follow'))) {
  const told = late(factsIn(story))
  if (!told) continue
  t.test(story, async t => {
    const calls = lastOfEach(tellAll(told)).filter(call => call.mergedInto === undefined)
    for (const [n, call] of (expectedOf('plain', story)?.calls ?? []).entries()) t.match(calls[n], call)
  })
}

t.end()
