/** All that a daemon's history has, and all the channels that the PBX wrote of. */
import type { CallView } from '../../src/events/call.js'
import type { Crm } from './exchange.js'

const PAGE = 200

export type Page = { calls: CallView[]; next?: string }

/** Newest first, as the history has them. */
export async function wholeHistory(crm: Crm): Promise<CallView[]> {
  const calls: CallView[] = []
  for (let after = ''; ;) {
    const { body } = await crm.get<Page>(`/v1/history?limit=${PAGE}${after}`)
    calls.push(...body.calls)
    if (body.next === undefined) return calls
    after = `&after=${encodeURIComponent(body.next)}`
  }
}

/** `"CHAN_START",time,…,channame,…,uniqueid,linkedid,…`: the columns of lab/etc/<version>/cel_custom.conf. */
export function channelsOfCel(text: string): string[] {
  return text.split('\n').flatMap(line => {
    const cells = [...line.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = '']) => cell)
    return cells[0] === 'CHAN_START' && (cells[9] ?? '').startsWith('PJSIP/') ? [cells[14] ?? ''] : []
  })
}
