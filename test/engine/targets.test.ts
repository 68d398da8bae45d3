/** Where a call can be sent on to: nothing that the daemon knows stops an emergency number. */
import t from 'tap'
import { no, ok } from '../../src/base/result.js'
import { createTargets } from '../../src/engine/targets.js'
import { createState } from '../../src/engine/state.js'
import { judgeNumber } from '../../src/routing/numbers.js'
import * as given from '../given/calls.js'
import { rulesOf } from '../given/numbers.js'

t.test('an emergency number that looks like an extension, or like a queue, is reached', async t => {
  const state = createState([])
  state.phones.set('PJSIP/112', 'busy')
  const rules = { ...rulesOf(), extension: /^1\d{2,3}$/ }
  const targets = createTargets({
    state,
    site: { ...given.site, extension: rules.extension },
    link: { reach: async exten => ok({ exists: exten !== '119', context: 'outside' }) },
    judged: to => judgeNumber(rules, to, new Set()),
    count: () => 'DIAL_LIMIT_REACHED',
    isOver: () => undefined,
    endpointOf: extension => `PJSIP/${extension}`,
  })
  const by = { key: 'crm' }
  for (const from of ['1001', '112'])
    t.match(await targets.find('1-12', from, by), ok({ number: '112', context: 'outside', isEmergency: true }))
  t.strictSame(await targets.find('113', '113', by), no('TRANSFER_TO_SELF'))
  state.phones.set('PJSIP/113', 'busy')
  t.strictSame(await targets.find('113', '1001', by), no('EXTENSION_BUSY'))
  t.ok(targets.isEmergency('+110'))
  t.notOk(targets.isEmergency('+49 110'))
  t.notOk(targets.isEmergency('116117'))
})
