/** Stories on a PBX with the field's habits, Asterisk 22: each as it is told. */
import { tellStories } from '../given/live-stories.js'

await tellStories('22', ['plain'], 'field')
