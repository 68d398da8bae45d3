/**
 * What can be done with a live call from one of its phones: whether it can be now, and by what. The call and the leg of
 * whoever asks go in; refusals are the API's own. Pure.
 */
import type { ErrorCode } from '../base/errors.js'
import type { LegId } from '../base/ids.js'
import { no, ok, type Result } from '../base/result.js'
import type { TransferKind } from '../events/call-parts.js'
import type { CallCommand, TransferCommand } from '../events/command.js'
import { recordingOf } from './recording.js'
import { placeOf, roomsOf, waitersFor } from './paths.js'
import { isLive, isOpen, isParty, isTalk, legOf, type Call, type Leg, type Transfer } from './state.js'
import { isAsked } from './transfer.js'

/** Its part in the call is over, although the PBX may keep its channel until somebody answers the transfer. */
export const hasHandedOver = (leg: Leg | undefined): boolean => leg?.reason === 'transferred'

const isTakingPart = (leg: Leg) => isParty(leg) && isLive(leg) && !hasHandedOver(leg)

/** The live leg of an extension: the one it talks with, or has last come with. */
export function legAt(call: Call, extension: string): Leg | undefined {
  const own = call.legs.filter(l => isTakingPart(l) && l.extension === extension)
  return own.find(l => l.bridge !== undefined) ?? own.at(-1)
}

/** The extension that is meant where none is named: the only one there is. */
export function onlyExtension(call: Call): string | undefined {
  const all = new Set(call.legs.filter(isTakingPart).flatMap(l => l.extension ?? []))
  return all.size === 1 ? [...all][0] : undefined
}

/** Whom a leg is in a talk or on hold with, itself left out. */
export const othersWith = (call: Call, leg: Leg): Leg[] =>
  (roomsOf(call).find(room => room.some(l => l.id === leg.id)) ?? []).filter(l => l.id !== leg.id)

/** Its own transfer that was asked for, and is not carried out yet. */
export const pendingOf = (call: Call, leg: LegId): Transfer | undefined =>
  call.transfers.find(t => t.by === leg && isAsked(t))

/**
 * Somebody who is with a leg asks it before a transfer. The PBX moves neither of the two out of that talk, and who joins it keeps the
 * channel of the asker from ending: nobody is told that they have hung up.
 */
export const isBeingAsked = (call: Call, leg: Leg): boolean =>
  othersWith(call, leg).some(l => pendingOf(call, l.id)?.kind === 'attended')

/**
 * Somebody is to be transferred by whom they talk with, who has asked a colleague and has come back (`swap`). In that bridge the PBX
 * takes no other keys for transfers; moved out of it, the asker would leave the colleague's channels behind.
 */
export const isBeingTransferred = (call: Call, leg: Leg): boolean =>
  othersWith(call, leg).some(l => {
    const pending = pendingOf(call, l.id)
    return pending?.kind === 'attended' && pending.from === leg.id
  })

export const transferOf = (call: Call, id: string): Transfer | undefined => call.transfers.find(t => t.id === id)

const isWithOthers = (call: Call, leg: Leg) => leg.bridge !== undefined && othersWith(call, leg).length > 0
const isTalking = (call: Call, leg: Leg) => !leg.holding && isWithOthers(call, leg)

/** Phones that a command rings to bring them into the talk: nobody else waits for them to answer. */
export const invitedTo = (call: Call, leg: Leg): Leg[] =>
  isWithOthers(call, leg)
    ? call.legs.filter(
        l =>
          isParty(l) &&
          isLive(l) &&
          l.id !== leg.id &&
          l.side === 'callee' &&
          l.bridge === undefined &&
          l.place === undefined &&
          waitersFor(call, l).length === 0,
      )
    : []

/** The one on the other side of a talk of two; of more, whom the transfer is about would not be clear. */
export function partnerOf(call: Call, leg: Leg): Result<Leg, ErrorCode> {
  const [only, ...more] = othersWith(call, leg)
  return only && more.length === 0 ? ok(only) : no('CALL_STATE')
}

/** Who is in the bridge of a leg with it: its partner, or the half of a Local pair that leads there; undefined if several are. */
export function bridgedWith(call: Call, leg: Leg): Leg | undefined {
  const others = call.legs.filter(
    l => isLive(l) && l.id !== leg.id && l.bridge !== undefined && l.bridge === leg.bridge,
  )
  return others.length === 1 ? others[0] : undefined
}

const rings = (leg: Leg) => leg.side === 'callee' && leg.state !== 'up'

/** Undefined: it can be done now. */
export function refusalOf(call: Call, leg: Leg, command: CallCommand): ErrorCode | undefined {
  const state = (can: boolean): ErrorCode | undefined => (can ? undefined : 'CALL_STATE')
  const pending = pendingOf(call, leg.id)
  switch (command) {
    case 'answer':
    case 'reject':
      return state(rings(leg))
    case 'leave':
      return undefined
    case 'digits':
      return state(isTalking(call, leg))
    case 'mute':
      return state(leg.bridge !== undefined && !leg.muted)
    case 'unmute':
      return state(leg.muted === true)
    case 'hold':
      return state(isTalking(call, leg) && !pending && othersWith(call, leg).length === 1)
    case 'retrieve':
      return state(leg.holds !== undefined)
    case 'flash':
      return state(pending !== undefined || leg.holds !== undefined || (isTalking(call, leg) && othersWith(call, leg).length === 1)) // prettier-ignore
    case 'transfer':
      if (pending || isBeingTransferred(call, leg)) return 'TRANSFER_STATE'
      return state(!leg.holds && partnerOf(call, leg).ok && leg.state === 'up')
    case 'lock':
      return state(isTalking(call, leg) && !call.locked)
    case 'unlock':
      return state(call.locked === true)
    case 'add':
      return call.locked ? 'CALL_LOCKED' : state(isTalking(call, leg) && !pending && !isBeingAsked(call, leg))
    case 'drop':
      return state(othersWith(call, leg).length > 0 || invitedTo(call, leg).length > 0)
    case 'record':
      return state(isTalking(call, leg) && recordingOf(call, leg.id) === undefined)
    case 'record/pause':
      return state(recordingOf(call, leg.id)?.state === 'on')
    case 'record/resume':
      return state(recordingOf(call, leg.id)?.state === 'paused')
    case 'record/stop':
      return state(recordingOf(call, leg.id) !== undefined)
    // On hold at the phone, too: the other side does not stay there.
    case 'survey':
    case 'park':
      return state(isWithOthers(call, leg) && !pending && partnerOf(call, leg).ok && !isBeingAsked(call, leg))
  }
}

/** Undefined: it can be done with this transfer now. */
export function transferRefusal(transfer: Transfer | undefined, command: TransferCommand): ErrorCode | undefined {
  if (!transfer) return 'TRANSFER_NOT_FOUND'
  if (!isAsked(transfer)) return 'TRANSFER_STATE'
  if (transfer.kind === 'three-way') return command === 'cancel' ? undefined : 'TRANSFER_STATE'
  const needsTalk = command === 'conference' || command === 'swap'
  return needsTalk && transfer.asked !== 'consulting' ? 'TRANSFER_STATE' : undefined
}

/** The keys of features.conf by which the PBX does it; `cancel` has an action of its own. */
export const KEYS_OF = { complete: 'atxfercomplete', conference: 'atxferthreeway', swap: 'atxferswap' } as const

type AskedKind = Extract<TransferKind, 'blind' | 'attended' | 'three-way'>

/** As the operator types it: `1002` at once, `1002*` after asking, `1002#` all three together. */
export function readTarget(typed: string): { to: string; kind: AskedKind } {
  const last = typed.at(-1)
  if (typed.length > 1 && last === '*') return { to: typed.slice(0, -1), kind: 'attended' }
  if (typed.length > 1 && last === '#') return { to: typed.slice(0, -1), kind: 'three-way' }
  return { to: typed, kind: 'blind' }
}

/** The phones that are rung for this call now, and may be relieved of it. That a phone rings is told a moment after it does. */
export const ringingLegs = (call: Call): Leg[] =>
  call.legs.filter(l => isParty(l) && isLive(l) && rings(l) && waitersFor(call, l).length > 0)

/** Who waits in a parking space, and which. */
export function parkedIn(call: Call): { leg: Leg; space: string } | undefined {
  for (const leg of call.legs) {
    const place = isParty(leg) && isLive(leg) ? placeOf(call, leg) : undefined
    if (place?.kind === 'park') return { leg, space: place.name }
  }
  return undefined
}

/** An inside phone in a talk, which a supervisor may hear. */
export const heardLegs = (call: Call): Leg[] =>
  call.legs.filter(
    l =>
      isParty(l) &&
      l.extension !== undefined &&
      call.segments.some(s => isOpen(s) && (isTalk(s) || s.kind === 'hold') && s.legs.includes(l.id)),
  )

export const listenerOf = (call: Call, extension: string): Leg | undefined =>
  call.legs.find(l => l.monitor && isLive(l) && l.extension === extension)

export const stillThere = (call: Call, id: LegId) => {
  const leg = legOf(call, id)
  return leg !== undefined && isLive(leg)
}
