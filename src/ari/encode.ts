/** What the daemon asks of ARI -> method, path and query. A closed list; the only place where it is encoded. Pure. */
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import type { Action } from '../pbx/actions.js'

export type AriRequest = { method: 'GET' | 'POST' | 'DELETE'; path: string; query?: Readonly<Record<string, string>> }

/** Which PBX this is: answers at once, so it also tells whether the user may log in. */
export const INFO: AriRequest = { method: 'GET', path: '/asterisk/info', query: { only: 'system' } }

/** The modules that are loaded, for the doctor. */
export const MODULES: AriRequest = { method: 'GET', path: '/asterisk/modules' }
/** Whether somebody has registered an application: 200 if so, 404 if not. */
export const applicationOf = (app: string): AriRequest => ({
  method: 'GET',
  path: `/applications/${encodeURIComponent(app)}`,
})

const LEG = /^[A-Za-z0-9_.-]{1,64}$/

/** ARI is for what AMI cannot do: dialling goes over AMI, where a session of actions is four times as fast. */
export function requestOf(action: Action, app: string): Result<AriRequest, ErrorCode> {
  if (action.do === 'recording') return ofRecording(action)
  const channel = 'tool' in action ? action.tool : 'leg' in action ? action.leg : ''
  if (!LEG.test(channel)) return no('BAD_REQUEST')
  const path = `/channels/${encodeURIComponent(channel)}`
  switch (action.do) {
    case 'hangup':
      return ok({ method: 'DELETE', path, query: { reason_code: String(action.causeQ850) } })
    case 'attach': {
      if (!LEG.test(action.leg)) return no('BAD_REQUEST')
      const query = { app, spy: action.spy ? 'both' : 'none', whisper: action.whisper ? 'out' : 'none' }
      const [leg, tool] = [action.leg, action.tool].map(encodeURIComponent)
      return ok({ method: 'POST', path: `/channels/${leg}/snoop/${tool}`, query })
    }
    case 'play-music':
      return ok({ method: 'POST', path: `${path}/moh` })
    case 'play-tone':
      return ok({ method: 'POST', path: `${path}/play`, query: { media: 'sound:beep' } })
    case 'detach':
      return ok({ method: 'DELETE', path })
    case 'record':
      if (!RECORDING.test(action.name)) return no('BAD_REQUEST')
      return ok({
        method: 'POST',
        path: `${path}/record`,
        query: { name: action.name, format: 'wav', ifExists: 'fail' },
      })
    default:
      return no('BAD_REQUEST')
  }
}

/** No dots in a row and no slashes: it becomes the name of a file. */
const RECORDING = /^[A-Za-z0-9_-]{1,100}$/

function ofRecording({ name, change }: Extract<Action, { do: 'recording' }>): Result<AriRequest, ErrorCode> {
  if (!RECORDING.test(name)) return no('BAD_REQUEST')
  const path = `/recordings/live/${name}`
  if (change === 'stop') return ok({ method: 'POST', path: `${path}/stop` })
  return ok({ method: change === 'pause' ? 'POST' : 'DELETE', path: `${path}/pause` })
}

/** The file of a recording that is over. */
export const recordingFile = (name: string): Result<string, ErrorCode> =>
  RECORDING.test(name) ? ok(`/recordings/stored/${name}/file`) : no('BAD_REQUEST')
