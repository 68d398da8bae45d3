/**
 * What a channel's name says: `PJSIP/1001-0000002a` is technology, endpoint and a running number. A name is never a
 * key: after a restart of the PBX the numbers begin again.
 */

/**
 * `party`: a phone or a trunk, somebody's line. `local`: half of a Local pair, which leads from one dialplan place to
 * another. `tool`: something Asterisk made for itself (messages, snoops, announcers, recorders).
 */
export type ChannelKind = 'party' | 'local' | 'tool'

const TOOLS = new Set(['Message', 'Snoop', 'CBAnn', 'CBRec', 'Recorder', 'Announcer', 'UnicastRTP', 'MulticastRTP'])

export function kindOfChannel(name: string): ChannelKind {
  const technology = name.slice(0, Math.max(0, name.indexOf('/')))
  if (technology === 'Local') return 'local'
  return TOOLS.has(technology) ? 'tool' : 'party'
}

/** `PJSIP/1001-0000002a` -> `1001`; the endpoint's own name may hold dashes. */
export function endpointOfChannel(name: string): string {
  const dash = name.lastIndexOf('-')
  return name.slice(name.indexOf('/') + 1, dash > 0 ? dash : undefined)
}

/** `PJSIP/1001-0000002a` -> `PJSIP/1001`, `Local/1001@agents-00000004;1` -> `Local/1001@agents`: as a queue calls its members. */
export function deviceOfChannel(name: string): string {
  const dash = name.lastIndexOf('-')
  return dash > 0 ? name.slice(0, dash) : name
}
