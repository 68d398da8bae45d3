/** Who is asked before an attended transfer, as recorded of the real PBX: what can be done from their phone meanwhile, and what cannot. */
import t from 'tap'
import { isBeingAsked, isBeingTransferred, legAt, othersWith, pendingOf, refusalOf } from '../../src/calls/commands.js'
import { createState } from '../../src/engine/state.js'
import { factsIn, tellAll } from '../given/recording.js'

/** As it is until the asker hands over: asked by a command or by the keys of the phone, also of a queue's call. */
function consulting(story: string) {
  const facts = factsIn(story)
  const state = createState([])
  for (const fact of facts) {
    tellAll([fact], state)
    const call = [...state.calls.values()].find(c => c.transfers.some(one => one.asked === 'consulting'))
    const ben = call && legAt(call, '1002')
    const ana = ben && othersWith(call, ben).find(l => l.extension === '1001')
    if (ana) return { call, ana, ben }
  }
  throw new Error(`${story}: nobody is asked`)
}

for (const version of ['', '16/'])
  for (const story of ['attended-code-completed', 'attended-code-swapped', 'queue-attended-code-completed'])
    t.test(`${version}${story}`, async t => {
      const { call, ana, ben } = consulting(version + story)
      t.ok(pendingOf(call, ana.id))
      t.ok(isBeingAsked(call, ben))
      t.notOk(isBeingAsked(call, ana))
      for (const command of ['park', 'survey', 'add'] as const)
        t.equal(refusalOf(call, ben, command), 'CALL_STATE', command)
      for (const command of ['leave', 'digits', 'hold', 'mute'] as const)
        t.equal(refusalOf(call, ben, command), undefined, command)
      const none = { ...call, transfers: [] }
      for (const command of ['park', 'survey', 'add'] as const)
        t.equal(refusalOf(none, ben, command), undefined, command)
    })

/** As it is from when the asker has come back to whom the transfer is about. */
function swapped(story: string) {
  const state = createState([])
  for (const fact of factsIn(story)) {
    tellAll([fact], state)
    const call = [...state.calls.values()].find(c => c.transfers.some(one => one.asked === 'consulting'))
    const ana = call && legAt(call, '1001')
    const from = call?.legs.find(l => l.id === call.transfers[0]?.from)
    if (ana && !ana.holding && from && othersWith(call, ana).includes(from)) return { call, ana, from }
  }
  throw new Error(`${story}: nobody has come back`)
}

for (const version of ['', '16/'])
  t.test(`${version}attended-code-swapped: whom a transfer is about transfers nobody`, async t => {
    const { call, ana, from } = swapped(`${version}attended-code-swapped`)
    t.ok(isBeingTransferred(call, from))
    t.notOk(isBeingTransferred(call, ana))
    t.equal(refusalOf(call, from, 'transfer'), 'TRANSFER_STATE')
    t.equal(refusalOf({ ...call, transfers: [] }, from, 'transfer'), undefined)
  })
