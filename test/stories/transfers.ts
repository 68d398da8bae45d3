/** Stories of transfers, as the history must have them. Three ways lead to each: by the phone (REFER), by key, by command. */
import type { Stories } from './stories.js'

const WAYS = ['refer', 'code', 'command'] as const

/** The customer talks to Ana (1001), who transfers him blind; what is told of the transfer, and of the call. */
const BLIND: Record<string, object> = {
  phone: {
    transfers: [{ kind: 'blind', extension: '1001', to: { extension: '1002' }, state: 'done', outcome: 'answered' }],
    offers: [{ extension: '1001' }, { extension: '1002', result: 'answered' }],
    legs: [{}, { reason: 'transferred' }, { reason: 'left-alone' }],
    endedBy: 'caller',
  },
  queue: {
    transfers: [{ kind: 'blind', to: { number: '2001' }, outcome: 'queued' }],
    queues: [{ queue: 'ringall', outcome: 'answered', extension: '1002' }],
  },
  outside: {
    direction: 'inbound',
    transfers: [{ kind: 'blind', to: { number: '0170555' }, outcome: 'answered' }],
    legs: [{ trunk: 'trunk' }, { extension: '1001' }, { trunk: 'trunk', reason: 'hung-up' }],
  },
  busy: { outcome: 'answered', endedBy: 'pbx', transfers: [{ outcome: 'busy' }], offers: [{}, { result: 'busy' }] },
  unanswered: { outcome: 'answered', transfers: [{ outcome: 'no-answer' }], offers: [{}, { result: 'no-answer' }] },
  abandoned: {
    outcome: 'answered',
    endedBy: 'caller',
    transfers: [{ outcome: 'abandoned' }],
    offers: [{}, { result: 'caller-gave-up' }],
  },
  'ring-back': {
    transfers: [{ outcome: 'returned' }],
    offers: [{ extension: '1001' }, { result: 'busy' }, { extension: '1001', result: 'answered' }],
    agents: [
      { extension: '1001', legs: [/./, /./] },
      { extension: '1002', talkedMs: 0 },
    ],
  },
}

/** To a number that there is not: only a command's is carried out, and drops the customer; the others do nothing. */
const NOWHERE: Stories = {
  'blind-refer-nowhere': { calls: [{ endedBy: 'callee', transfers: [] }] },
  'blind-code-nowhere': { calls: [{ endedBy: 'caller', transfers: [] }] },
  'blind-command-nowhere': { calls: [{ endedBy: 'pbx', transfers: [{ to: { number: '1999' }, outcome: 'failed' }] }] },
}

/** Ana had the call from the queue: that visit stays answered by her. */
const FROM_QUEUE: Record<string, object> = {
  phone: {
    queues: [{ queue: 'sales', outcome: 'answered', member: 'Ana' }],
    transfers: [{ extension: '1001', to: { extension: '1002' }, outcome: 'answered' }],
  },
  queue: {
    queues: [
      { queue: 'sales', outcome: 'answered', member: 'Ana' },
      { queue: 'ringall', outcome: 'answered', extension: '1002' },
    ],
    transfers: [{ outcome: 'queued' }],
  },
}

const everyWay = (prefix: string, calls: Record<string, object>): Stories =>
  Object.fromEntries(
    WAYS.flatMap(way => Object.entries(calls).map(([to, call]) => [`${prefix}-${way}-${to}`, { calls: [call] }])),
  )

export const TRANSFERS: Stories = { ...everyWay('blind', BLIND), ...NOWHERE, ...everyWay('queue-blind', FROM_QUEUE) }
