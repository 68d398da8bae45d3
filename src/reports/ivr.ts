/** How callers went through the menus, node by node. Pure. */
import type { CallView } from '../events/call.js'

/** `hungUp`: they did so there; `keys`: what was pressed there last, and how often. */
export type NodeTotals = {
  ivr: string
  node: string
  visits: number
  calls: number
  hungUp: number
  results: Record<string, number>
  keys: Record<string, number>
}

/** In the order of menus and nodes. */
export function nodeTotals(calls: Iterable<CallView>, menu?: string): NodeTotals[] {
  const totals = new Map<string, NodeTotals>()
  for (const { ivr } of calls) {
    const seen = new Set<string>()
    for (const [i, step] of (ivr?.steps ?? []).entries()) {
      if (menu !== undefined && step.ivr !== menu) continue
      const key = `${step.ivr}.${step.node}`
      const at = totals.get(key) ?? { ivr: step.ivr, node: step.node, visits: 0, calls: 0, hungUp: 0, results: {}, keys: {} }
      totals.set(key, at)
      at.visits += 1
      if (!seen.has(key)) at.calls += 1
      seen.add(key)
      if (ivr?.ended === 'hung-up' && i === ivr.steps.length - 1) at.hungUp += 1
      if (step.result !== undefined) at.results[step.result] = (at.results[step.result] ?? 0) + 1
      if (step.key !== undefined) at.keys[step.key] = (at.keys[step.key] ?? 0) + 1
    }
  }
  return [...totals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, node]) => node)
} // prettier-ignore
