/** Calls and queues on a real Asterisk 16: each story as it is told. */
import { tellStories } from '../given/live-stories.js'

await tellStories('16', {
  groups: ['plain', 'queue-answered', 'queue-strategies', 'queue-not-answered', 'local', 'accepted'],
})
