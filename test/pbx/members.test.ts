/** Members of queues on the field's PBX, with Asterisk 22. */
import { tellOfMembers } from '../given/live-members.js'

await tellOfMembers('22')
