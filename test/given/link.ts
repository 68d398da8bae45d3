/** The status of a link that is in some state and has no story. */
import type { LinkState, LinkStatus } from '../../src/pbx/link.js'
import { at } from './calls.js'

export const aLinkStatus = (state: LinkState): LinkStatus => ({
  state,
  since: at(0),
  reconnects: 0,
  sessions: { events: { open: state === 'ready' } },
})
