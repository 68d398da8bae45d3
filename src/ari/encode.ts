/** What the daemon asks of ARI -> method, path and query. A closed list; the only place where it is encoded. Pure. */
import type { ErrorCode } from '../base/errors.js'
import { no, ok, type Result } from '../base/result.js'
import type { Action } from '../pbx/actions.js'
import { NAMES } from '../pbx/names.js'

export type AriRequest = { method: 'GET' | 'POST' | 'DELETE'; path: string; query?: Readonly<Record<string, string>> }

/** Which PBX this is: answers at once, so it also tells whether the user may log in. */
export const INFO: AriRequest = { method: 'GET', path: '/asterisk/info', query: { only: 'system' } }

/** The modules that are loaded, for the doctor. */
export const MODULES: AriRequest = { method: 'GET', path: '/asterisk/modules' }
/** Every channel there is, with what the dialplan does with it. */
export const CHANNELS: AriRequest = { method: 'GET', path: '/channels' }
/** Every bridge there is, with the time at which it was made. */
export const BRIDGES = '/bridges'
/** Whether somebody has registered an application: 200 if so, 404 if not. */
export const applicationOf = (app: string): AriRequest => ({
  method: 'GET',
  path: `/applications/${encodeURIComponent(app)}`,
})

const LEG = /^[A-Za-z0-9_.-]{1,64}$/

/** ARI is for what AMI cannot do: dialling goes over AMI, where a session of actions is four times as fast. */
export function requestOf(action: Action, app: string): Result<AriRequest, ErrorCode> {
  if (action.do === 'recording') return ofRecording(action)
  if (action.do === 'drop-recording' || action.do === 'copy-recording') return ofStored(action)
  if (action.do === 'hush')
    return LEG.test(action.sound) ? ok({ method: 'DELETE', path: `/playbacks/${action.sound}` }) : no('BAD_REQUEST')
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
    case 'go-on': {
      const { context, exten } = action
      const isStart = exten === 's' && (context === NAMES.surveyContext || context === NAMES.queueBackContext)
      if (!CONTEXT.test(context) || !(EXTEN.test(exten) || isStart)) return no('BAD_REQUEST')
      return ok({ method: 'POST', path: `${path}/continue`, query: { context, extension: exten, priority: '1' } })
    }
    case 'answer':
      return ok({ method: 'POST', path: `${path}/answer` })
    case 'let-go':
      return ok({ method: 'POST', path: `${path}/continue` })
    case 'set-priority':
      if (!Number.isSafeInteger(action.priority)) return no('BAD_REQUEST')
      return ok(variable(path, 'QUEUE_PRIO', String(action.priority)))
    case 'set-target':
      if (!ENDPOINT.test(action.endpoint)) return no('BAD_REQUEST')
      return ok(variable(path, NAMES.targetVariable, action.endpoint))
    case 'say': {
      const { media, sound, language } = action
      const bad = media.length === 0 || !LEG.test(sound) || !media.every(name => isSound(name) || SPOKEN.test(name))
      if (bad || (language !== undefined && !LANGUAGE.test(language))) return no('BAD_REQUEST')
      const query = {
        media: media.map(name => (SPOKEN.test(name) ? name : `sound:${name}`)).join(),
        ...(language !== undefined && { lang: language }),
      }
      return ok({ method: 'POST', path: `${path}/play/${sound}`, query })
    }
    case 'record-voice': {
      const [most, silence] = [action.maxMs, action.silenceMs].map(ms => String(Math.ceil(ms / 1_000)))
      if (!RECORDING.test(action.name) || !most || !silence) return no('BAD_REQUEST')
      const until = { maxDurationSeconds: most, maxSilenceSeconds: silence, terminateOn: 'any', beep: 'true' }
      const file = { name: action.name, format: 'wav', ifExists: 'fail' }
      return ok({ method: 'POST', path: `${path}/record`, query: { ...file, ...until } })
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

const variable = (path: string, name: string, value: string): AriRequest => ({
  method: 'POST',
  path: `${path}/variable`,
  query: { variable: name, value },
})

/** By its name, below the folder of sounds or from the root; without an ending. */
const isSound = (name: string) => /^[A-Za-z0-9_./-]{1,200}$/.test(name) && !name.includes('..')
/** Spoken by the PBX itself. */
const SPOKEN = /^(digits:[0-9*#]{1,200}|number:[0-9]{1,15})$/
const LANGUAGE = /^[A-Za-z]{2}(?:_[A-Za-z]{2,8})?$/
const CONTEXT = /^aladdin-[a-z-]{1,40}$/
const EXTEN = /^(?:\+?[0-9*#]{1,32}|[0-9]{1,3}\*[0-9*#]{1,32})$/
const ENDPOINT = /^[A-Za-z0-9]{1,20}\/[A-Za-z0-9_.-]{1,80}$/

/** No dots in a row and no slashes: it becomes the name of a file. */
const RECORDING = /^[A-Za-z0-9_-]{1,200}$/

function ofRecording({ name, change }: Extract<Action, { do: 'recording' }>): Result<AriRequest, ErrorCode> {
  if (!RECORDING.test(name)) return no('BAD_REQUEST')
  const path = `/recordings/live/${name}`
  if (change === 'stop') return ok({ method: 'POST', path: `${path}/stop` })
  return ok({ method: change === 'pause' ? 'POST' : 'DELETE', path: `${path}/pause` })
}

function ofStored(action: Extract<Action, { do: 'drop-recording' | 'copy-recording' }>): Result<AriRequest, ErrorCode> {
  const path = `/recordings/stored/${action.name}`
  if (!RECORDING.test(action.name)) return no('BAD_REQUEST')
  if (action.do === 'drop-recording') return ok({ method: 'DELETE', path })
  if (!RECORDING.test(action.as)) return no('BAD_REQUEST')
  return ok({ method: 'POST', path: `${path}/copy`, query: { destinationRecordingName: action.as } })
}

/** Every recording that is over. */
export const RECORDINGS: AriRequest = { method: 'GET', path: '/recordings/stored' }
/** The file of a recording that is over. */
export const recordingFile = (name: string): Result<string, ErrorCode> =>
  RECORDING.test(name) ? ok(`/recordings/stored/${name}/file`) : no('BAD_REQUEST')
