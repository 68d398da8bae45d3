/**
 * Whether the PBX itself knows that a phone is there: it tells its own, and everybody who listens, a moment after the phone
 * has its 200. Touches one socket.
 */
import { randomToken } from '../src/base/system.js'
import { openAmi } from './ami.js'
import type { Lab } from './lab.js'
import { retry } from './wait.js'

const PATIENCE_MS = 10_000
const AWAY = new Set(['UNAVAILABLE', 'INVALID', 'UNKNOWN'])

/** Resolves when it does. */
export async function knownToPbx(lab: Lab, endpoint: string): Promise<void> {
  const ami = await openAmi(lab.asterisk.ami, lab.clock)
  try {
    await retry(lab.clock, `the PBX to know the phone ${endpoint}`, PATIENCE_MS, async () => {
      const ActionID = `phone-${randomToken(6)}`
      ami.send({ Action: 'Getvar', ActionID, Variable: `DEVICE_STATE(PJSIP/${endpoint})` })
      const answer = await ami.frames.until(
        'the state of a phone',
        frame => frame['ActionID'] === ActionID && 'Response' in frame,
        PATIENCE_MS,
      )
      return AWAY.has(answer['Value'] ?? 'UNKNOWN') ? undefined : true
    })
  } finally {
    ami.close()
  }
}
