/** Transfers on a real Asterisk 22: each story as it is told. */
import { tellStories } from '../given/live-stories.js'

await tellStories('22', { groups: ['blind-transfers', 'attended-transfers'] })
