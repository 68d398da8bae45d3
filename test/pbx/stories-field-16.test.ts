/** Stories on a PBX with the field's habits that only an Asterisk 16 can play: it has macros. */
import { tellStories } from '../given/live-stories.js'

await tellStories('16', { groups: ['field'], profile: 'field', only: story => /^field-(macro|apart)-/.test(story) })
