import type { FlowClass, FlowObserver } from '../api/flow/types.ts';
import type { MetricRegistry } from './registry.ts';

const perFlow = ['priority_level', 'flow_schema'] as const;
/** In seconds; those of the real server. */
const durationBuckets = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];

/** Writes down what flow control does, by the real server's metric names. */
export function flowMetrics(registry: MetricRegistry): FlowObserver {
  const { counter, gauge, histogram } = registry;
  const current = gauge('apiserver_current_inflight_requests', 'Requests being served.', ['request_kind']);
  const limits = gauge(name('nominal_limit_seats'), 'Seats of a priority level.', ['priority_level']);
  const waiting = gauge(name('current_inqueue_requests'), 'Requests waiting in queues.', perFlow);
  const executing = gauge(name('current_executing_requests'), 'Requests being served.', perFlow);
  const seatsInUse = gauge(name('current_executing_seats'), 'Seats in use.', perFlow);
  const dispatched = counter(name('dispatched_requests_total'), 'Requests admitted.', perFlow);
  const rejected = counter(name('rejected_requests_total'), 'Requests rejected.', [...perFlow, 'reason']);
  const waits = histogram(name('request_wait_duration_seconds'), 'Time in a queue.', durationBuckets, [
    ...perFlow,
    'execute',
  ]);
  const executions = histogram(name('request_execution_seconds'), 'Time with seats.', durationBuckets, perFlow);
  return {
    inFlight: (kind, change) => current.inc({ request_kind: kind }, change),
    // An exempt level has no limit; the real server says 0.
    limit: (level, seats) => limits.set({ priority_level: level }, Number.isFinite(seats) ? seats : 0),
    queued: (flow, change) => waiting.inc(labels(flow), change),
    rejected: (flow, reason, waitedMs) => {
      rejected.inc({ ...labels(flow), reason });
      waits.observe({ ...labels(flow), execute: 'false' }, waitedMs / 1_000);
    },
    dispatched: (flow, seats, waitedMs) => {
      dispatched.inc(labels(flow));
      executing.inc(labels(flow));
      seatsInUse.inc(labels(flow), seats);
      waits.observe({ ...labels(flow), execute: 'true' }, waitedMs / 1_000);
    },
    finished: (flow, seats, executedMs) => {
      executing.dec(labels(flow));
      seatsInUse.dec(labels(flow), seats);
      executions.observe(labels(flow), executedMs / 1_000);
    },
  };
}

function name(end: string): string {
  return `apiserver_flowcontrol_${end}`;
}

function labels({ priorityLevel, flowSchema }: FlowClass) {
  return { priority_level: priorityLevel, flow_schema: flowSchema };
}
