/** What a client must do without while something is at fault, in words that a program can read. Pure. */
import type { EngineStatus } from '../engine/engine.js'
import type { StoreStatus } from './ports.js'

export const MISSING = {
  calls: 'The PBX is not connected: its calls are as they were, and commands are refused',
  history: 'Redis does not answer: `/v1/history` answers `STORE_DOWN`',
  'newest-history': 'Calls that ended since Redis takes nothing are not found in `/v1/history` yet',
  'older-events':
    'Only the newest events can be read on from; an older cursor is answered with `STORE_DOWN`, or closed with 1011',
  'journal-room': 'The journal is nearly full, or takes no more',
  durability: 'The newest events are in memory only: a daemon that dies now takes them along',
} as const

export type Missing = keyof typeof MISSING

const NEARLY_FULL = 0.8

type Link = Pick<EngineStatus['link'], 'state'>
export type Seen = { link: Link; ari?: Link; storeFailing: boolean; store: StoreStatus; connected: boolean }

export function missingOf({ link, ari, storeFailing, store, connected }: Seen): Missing[] {
  const away = store.state !== 'redis' || storeFailing
  const unread = !connected || (away && !store.readable)
  const lacks: Record<Missing, boolean> = {
    calls: link.state !== 'ready' || (ari !== undefined && ari.state !== 'ready'),
    history: unread,
    'newest-history': away || unread,
    'older-events': unread,
    'journal-room': store.state === 'memory' || store.journalFilled >= NEARLY_FULL,
    durability: store.state === 'memory' || storeFailing,
  }
  return (Object.keys(lacks) as Missing[]).filter(what => lacks[what])
}
