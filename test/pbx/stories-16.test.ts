/**
 * Stories on a real Asterisk 16, each as it is told: those of which 16 and 22 tell something else, and one of each kind
 * (test/stories/sixteen). `npm run test:long` plays all of them.
 */
import { GROUPS } from '../../lab/stories/index.js'
import { tellStories, type Group } from '../given/live-stories.js'
import { PLAYED_ON_16 } from '../stories/sixteen.js'

await tellStories('16', { groups: Object.keys(GROUPS) as Group[], only: story => PLAYED_ON_16.has(story) })
