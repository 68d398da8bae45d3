/** The same on Asterisk 16, which takes no reason when a member is added. */
import { tellOfMembers } from '../given/live-members.js'

await tellOfMembers('16')
