/** Stories on a PBX with the field's habits, Asterisk 22: its own, and those of others whose record can differ there. */
import { tellStories, type Group } from '../given/live-stories.js'

const groups: readonly Group[] = ['field']
await tellStories('22', { groups, profile: 'field' })
