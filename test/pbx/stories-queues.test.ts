/** Calls and queues on a real Asterisk 22: each story as it is told. */
import { tellStories } from '../given/live-stories.js'

await tellStories('22', {
  groups: ['plain', 'queue-answered', 'queue-strategies', 'queue-not-answered', 'local', 'accepted'],
})
