/** Pickup, forwarding, parking, rooms, listeners, mailboxes and menus on a real Asterisk 16: each story as it is told. */
import { tellStories } from '../given/live-stories.js'

await tellStories('16', {
  groups: ['pickup', 'forwarded', 'parked', 'parked-after-asking', 'together', 'nobody'],
})
