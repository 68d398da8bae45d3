/** Transfers on a real Asterisk 16: each story as it is told. */
import { tellStories } from '../given/live-stories.js'

await tellStories('16', { groups: ['blind-transfers', 'attended-transfers'] })
