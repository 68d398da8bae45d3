/** Branded ids and units. Nothing here touches the world. */
declare const brand: unique symbol
export type Branded<T, B extends string> = T & { readonly [brand]: B }

/** The name a PBX has in the configuration, such as `hq`. */
export type PbxId = Branded<string, 'PbxId'>
/** One real channel, by its Asterisk Uniqueid, which follows the phone's leg through transfers. */
export type LegId = Branded<string, 'LegId'>
export type BridgeId = Branded<string, 'BridgeId'>
export type CallId = Branded<string, 'CallId'>
/** Milliseconds since 1970 UTC. */
export type EpochMs = Branded<number, 'ms since 1970 UTC'>

/**
 * A Uniqueid may repeat on another PBX, so a call is named by its PBX and its first leg: `hq:1700000000.7`.
 * Both parts come from what the PBX says, so two engines name the same call alike. The colon needs no escape in a URL.
 */
export const callId = (pbx: PbxId, firstLeg: LegId) => `${pbx}:${firstLeg}` as CallId

/** The PBX that a call id names, or undefined where the text is no call id. */
export function pbxOfCall(id: string): PbxId | undefined {
  const colon = id.indexOf(':')
  return colon > 0 ? (id.slice(0, colon) as PbxId) : undefined
}
