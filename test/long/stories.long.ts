/** Every story that this PBX can play: the profile and the version are those of the environment. `npm run test:long`. */
import { profileNamed } from '../../lab/profiles.js'
import { ALL_GROUPS } from '../../lab/stories/index.js'
import { tellStories, type Group } from '../given/live-stories.js'

const { ALADDIN_LAB_PROFILE, ALADDIN_LAB_ASTERISK } = process.env
await tellStories(ALADDIN_LAB_ASTERISK === '16' ? '16' : '22', {
  groups: Object.keys(ALL_GROUPS) as Group[],
  profile: profileNamed(ALADDIN_LAB_PROFILE),
})
