/** What the daemon counts, for Prometheus. No label holds a number, a name or an id of a call. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const pbx = ['pbx'] as const
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `aladdin_${name}`, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Gauge({ name: `aladdin_${name}`, help, labelNames, registers })
  return {
    text: () => registry.metrics(),
    facts: counter('facts_total', 'Facts heard from the PBX', pbx),
    events: counter('events_total', 'Events told', pbx),
    audited: counter('audit_found_total', 'What an audit found that the PBX had not told', pbx),
    recorded: counter('calls_recorded_total', 'Calls written to the history', pbx),
    archived: counter('calls_archived_total', 'Calls that went from the history to the archive', pbx),
    liveCalls: gauge('live_calls', 'Calls that are not over', pbx),
    linkReady: gauge('link_ready', '1 while the link to the PBX is up', ['pbx', 'link'] as const),
    linkReconnects: counter('link_reconnects_total', 'Times that the link was ready again', ['pbx', 'link'] as const),
    linkPing: gauge('link_ping_seconds', 'How long the last answer to a ping took', [
      'pbx',
      'link',
      'session',
    ] as const),
    framesRefused: counter('frames_refused_total', 'What came from the PBX and was not taken', [
      'pbx',
      'link',
      'reason',
    ] as const),
    eventAge: new Histogram({
      name: 'aladdin_event_age_seconds',
      help: 'How old events of the PBX were when they were read, by its clock; once for those that come together',
      labelNames: pbx,
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
    lag: gauge('event_log_lag', 'Events that Redis does not have yet', pbx),
    storeErrors: counter('store_errors_total', 'Writes to Redis or to the journal that failed', pbx),
    storeState: gauge('store_state', '1 for where events are written to now', ['pbx', 'state'] as const),
    journalBytes: gauge('journal_bytes', 'Size of the journal on disk', pbx),
    journalDropped: counter('journal_dropped_total', 'Events for which the journal had no room: in memory only', pbx),
    logLost: counter('event_log_lost_total', 'Events that are not in the log, and cannot be given back', pbx),
    foreign: counter('store_foreign_total', 'Things found in Redis under our names that are not ours', pbx),
    historyGaps: counter('history_gaps_total', 'Times the history could not read on in the log', pbx),
    streams: gauge('streams_open', 'Event streams that are open', [] as const),
    connectionsRefused: counter('http_connections_refused_total', 'Connections beyond the limit', [] as const),
    tailEvents: gauge('event_tail_events', 'Events in memory, for whoever is a little behind', pbx),
    requests: counter('http_requests_total', 'Requests answered', ['route', 'method', 'status'] as const),
  }
}
