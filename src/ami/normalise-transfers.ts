/** AMI events of holds, transfers, pickups, parking, Local pairs and listening -> facts. Pure. */
import type { TransferInto } from '../pbx/facts.js'
import { NAMES } from '../pbx/names.js'
import { legOf, ofLeg, ofTwo, told, type ToFact } from './fields.js'

const SUCCESS = 'Success'

/** DestType, where the Result is a success. */
const INTO = new Map<string | undefined, TransferInto>([
  ['Bridge', 'bridge'],
  ['App', 'app'],
  ['Link', 'link'],
  ['Threeway', 'threeway'],
])

const parkBegun = ofLeg(
  (leg, frame, at) => ({
    type: 'park.begun',
    at,
    leg,
    lot: told(frame, 'Parkinglot'),
    space: told(frame, 'ParkingSpace'),
    by: told(frame, 'ParkerDialString'),
  }),
  'ParkeeUniqueid',
)

const parkEnded = (why: 'taken-up' | 'timeout' | 'gave-up', byHeader: string): ToFact =>
  ofLeg((leg, frame, at) => {
    const by = legOf(frame, byHeader)
    return { type: 'park.ended', at, leg, why, ...(by && { by }) }
  }, 'ParkeeUniqueid')

export const TRANSFER_EVENTS: Record<string, ToFact> = {
  Hold: ofLeg((leg, _, at) => ({ type: 'hold.begun', at, leg })),
  Unhold: ofLeg((leg, _, at) => ({ type: 'hold.ended', at, leg })),
  BlindTransfer: ofLeg((leg, frame, at) => {
    const from = legOf(frame, 'TransfereeUniqueid')
    const done = frame.get('Result') === SUCCESS
    const survey = told(frame, 'Context') === NAMES.surveyContext
    const to = told(frame, 'Extension')
    return { type: 'transfer.blind', at, leg, to, done, ...(from && { from }), ...(survey && { survey }) }
  }, 'TransfererUniqueid'),
  AttendedTransfer: ofTwo(
    (leg, consult, frame, at) => {
      const into = frame.get('Result') === SUCCESS ? INTO.get(frame.get('DestType')) : undefined
      const from = legOf(frame, 'TransfereeUniqueid')
      const target = legOf(frame, 'TransferTargetUniqueid')
      return {
        type: 'transfer.attended',
        at,
        leg,
        consult,
        into: into ?? 'nothing',
        ...(from && { from }),
        ...(target && { target }),
      }
    },
    'OrigTransfererUniqueid',
    'SecondTransfererUniqueid',
  ),
  Pickup: ofTwo((leg, target, _, at) => ({ type: 'ring.taken', at, leg, target }), 'Uniqueid', 'TargetUniqueid'),
  LocalBridge: ofTwo(
    (leg, other, _, at) => ({ type: 'local.joined', at, leg, other }),
    'LocalOneUniqueid',
    'LocalTwoUniqueid',
  ),
  ParkedCall: parkBegun,
  // Somebody in the place of the one who was parked; the parker stays.
  ParkedCallSwap: parkBegun,
  UnParkedCall: parkEnded('taken-up', 'RetrieverUniqueid'),
  ParkedCallTimeOut: parkEnded('timeout', 'ParkerUniqueid'),
  ParkedCallGiveUp: parkEnded('gave-up', 'ParkerUniqueid'),
  ChanSpyStart: ofTwo(
    (leg, target, _, at) => ({ type: 'spy.begun', at, leg, target }),
    'SpyerUniqueid',
    'SpyeeUniqueid',
  ),
}
