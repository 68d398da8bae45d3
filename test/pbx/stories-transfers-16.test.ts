/** Transfers by feature code on a real Asterisk 16: each story as it is told. The other ways are in `npm run test:long`. */
import { tellStories } from '../given/live-stories.js'

await tellStories('16', {
  groups: ['blind-transfers', 'attended-transfers'],
  only: story => !/-(refer|command)-/.test(story),
})
