/** What the blacklist makes of where a call would go. Pure. */
import type { EntryKept } from '../events/blacklist.js'
import type { Decision } from './decide.js'
import { idOf } from './listed.js'

export type BlacklistRules = {
  /** What `message` plays. */
  message: readonly string[]
  /** The box of `voicemail`; without one there is no such action. */
  voicemail?: string
  /** That of `low-priority` in queues, where others have 0. */
  priority: number
}

export type Screened = { decision: Decision; hit?: EntryKept }

/** `fitting`: all that is in force for this caller and this call, the strongest first. */
export function screen(rules: BlacklistRules, decision: Decision, fitting: readonly EntryKept[]): Screened {
  const hit = fitting.find(({ action }) => action === 'allow') ?? fitting[0]
  if (!hit) return { decision }
  const rule = hit.action === 'allow' ? 'allowed' : 'blacklist'
  const because: Decision['because'] = [...decision.because, { rule, name: idOf(hit) }]
  switch (hit.action) {
    case 'allow':
      return { decision: { ...decision, because }, hit }
    case 'low-priority':
      return { decision: { ...decision, because, priority: rules.priority }, hit }
    case 'busy':
    case 'hangup':
      return { decision: { does: hit.action, because }, hit }
    case 'message':
      return { decision: { does: 'message', because, say: rules.message }, hit }
    default:
      // The mailbox is gone from the configuration since: the caller is not to come through for that.
      if (rules.voicemail === undefined) return { decision: { does: 'busy', because }, hit }
      return { decision: { does: 'voicemail', to: rules.voicemail, because }, hit }
  }
}
