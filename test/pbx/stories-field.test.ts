/** Stories on a PBX with the field's habits, Asterisk 22: its own, and those of others whose record can differ there. */
import { tellStories } from '../given/live-stories.js'

/** Through the Local channel of a member, or of `Dial()` in a subroutine. */
const DIFFERS =
  /^field-|^local-(two|follow|not-acc|blind-[bc])|^confirm-(continue|goto)|^limited-|^inbound-withheld|^queue-(local|answered$|two|ring-no|rejected|busy|held|abandoned$|timeout|full|join|leave|withdrawn|all-reject|then|parked|listened|forwarded|pickup|conference)|^queue-blind|^queue-attended-(code|refer)-(completed|semi|queue|three)|-outside$|^outbound|^dial-|^forwarded|^pickup-d|ring-back|^parked-(swap|came-back$|attended-again$)|^voicemail|^attended-refer-two/

await tellStories('22', {
  groups: [
    ...(['field', 'plain', 'queue-answered', 'queue-not-answered', 'blind-transfers', 'attended-transfers'] as const),
    ...(['pickup', 'forwarded', 'parked', 'together', 'nobody', 'local', 'accepted', 'parked-after-asking'] as const),
  ],
  profile: 'field',
  only: story => DIFFERS.test(story),
})
