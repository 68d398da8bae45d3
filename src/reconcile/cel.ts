/**
 * Asterisk's channel event log, `cel-custom/Master.csv`: text -> rows. Pure. The columns are those of Asterisk's own sample
 * of cel_custom.conf, which are the same for every version; the lab has them, too.
 */
import type { BridgeId, EpochMs, LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import { isClosed, readCsv, type Read } from '../base/csv.js'
import { timeOf, UTC, type Zone } from './time.js'

export type CelRow = {
  /** `CHAN_START`, `ANSWER`, `BRIDGE_ENTER`, `BRIDGE_EXIT`, `HANGUP`, `CHAN_END`, `LINKEDID_END` and more. */
  type: string
  at: EpochMs
  leg: LegId
  linked: LegId
  channel: string
  exten: string
  /** Of BRIDGE_ENTER and BRIDGE_EXIT. */
  bridge?: BridgeId
  /** A waiting room, where nobody talks. */
  holding?: true
  /** Of HANGUP; 0 is left out, it means that there is none. */
  causeQ850?: number
  /** Of HANGUP: the channel that hung up, or a place such as `dialplan/builtin`. */
  source?: string
  /** Of HANGUP, on the channel that dialled. */
  dialStatus?: string
  /** The PBX has cut the row within its third column: the beginning of the caller's name. Whose row it was is not known. */
  cut?: string
}

const COLUMNS = 20
const LONGEST_ID = 150

export const readCel = (text: string, zone: Zone = UTC): Read<CelRow> =>
  readCsv(
    text,
    fields => rowOf(fields, zone),
    line => cutOf(line, zone),
  )

/** Asterisk writes no longer row: 1,023 bytes, which may end within a character. */
const CUT_BYTES = 1_020

function cutOf(line: string, zone: Zone): CelRow | undefined {
  const [, type = '', time = '', rest = ''] = /^"([A-Z_]{1,40})","([^"]{1,40})","(.*)$/.exec(line) ?? []
  const at = timeOf(time, zone)
  const [cut = ''] = rest.replaceAll('""', "'").split('"')
  if (at === undefined || cut === '' || Buffer.byteLength(line) < CUT_BYTES || isClosed(line)) return undefined
  return { type, at, leg: '' as LegId, linked: '' as LegId, channel: '', exten: '', cut }
}

function rowOf(fields: readonly string[], zone: Zone): Result<CelRow, string> {
  if (fields.length !== COLUMNS) return no(`${fields.length} columns instead of ${COLUMNS}`)
  const [type = '', time = '', , , , , , exten = '', , channel = ''] = fields
  const [leg = '', linked = '', , , , extra = ''] = fields.slice(14)
  const at = timeOf(time, zone)
  if (!/^[A-Z_]{1,40}$/.test(type)) return no('no type of event')
  if (at === undefined) return no('the time cannot be read')
  if (!isId(leg) || !isId(linked)) return no('no Uniqueid or Linkedid')
  return ok({ type, at, leg: leg as LegId, linked: linked as LegId, channel, exten, ...extraOf(extra) })
}

const isId = (text: string) => text !== '' && text.length <= LONGEST_ID

type Extra = Pick<CelRow, 'bridge' | 'holding' | 'causeQ850' | 'source' | 'dialStatus'>

/** What an event adds, as JSON; whatever is not of the kind that it should be, is not there. */
function extraOf(json: string): Extra {
  const told = objectOf(json)
  const text = (key: string) => (typeof told[key] === 'string' && told[key] !== '' ? told[key] : undefined)
  const [bridge, source, dialStatus] = [text('bridge_id'), text('hangupsource'), text('dialstatus')]
  const cause = Number(told['hangupcause'])
  return {
    ...(bridge === undefined ? {} : { bridge: bridge as BridgeId }),
    ...(text('bridge_technology') === 'holding_bridge' ? { holding: true as const } : {}),
    ...(Number.isInteger(cause) && cause > 0 && cause < 128 ? { causeQ850: cause } : {}),
    ...(source === undefined ? {} : { source }),
    ...(dialStatus === undefined ? {} : { dialStatus }),
  }
}

function objectOf(json: string): Record<string, unknown> {
  if (!json.startsWith('{')) return {}
  try {
    return JSON.parse(json) as Record<string, unknown>
  } catch {
    return {}
  }
}
