/** A small mixed load with the daemon beside the PBX: nothing is left over, nothing is lost. The long one is the soak. */
import t from 'tap'
import { readFileSync } from 'node:fs'
import { mix } from '../../lab/mix/mix.js'
import { retry } from '../../lab/wait.js'
import type { CallView } from '../../src/events/call.js'
import { anExchange } from '../given/exchange.js'
import { channelsOfCel, holds, wholeHistory } from '../given/live-stories.js'

const CALLS = 60
const SEED = 1
const PATIENCE_MS = 30_000

const { lab, crm } = await anExchange(t)

t.test(`${CALLS} calls of every kind, from seed ${SEED}`, async t => {
  const mixed = await mix({ lab, calls: CALLS, seed: SEED })
  t.comment(JSON.stringify(mixed))
  t.equal(mixed.made, CALLS)
  t.ok(Object.keys(mixed.twists).length >= 4, 'calls are transferred, joined, parked and picked up')
  await retry(lab.clock, 'no call to be left', PATIENCE_MS, async () => {
    const { body } = await crm.get<{ calls: CallView[] }>('/v1/calls')
    return body.calls.length === 0 ? true : undefined
  })
  const channels = channelsOfCel(readFileSync(lab.asterisk.files.cel, 'utf8'))
  t.ok(channels.length > CALLS)
  const history = await retry(lab.clock, 'the history to have every channel', PATIENCE_MS, async () => {
    const calls = await wholeHistory(crm)
    return channels.every(id => calls.some(holds(id))) ? calls : undefined
  }).catch(() => wholeHistory(crm))
  for (const id of channels) t.equal(history.filter(holds(id)).length, 1, `${id} is in one call`)
})
