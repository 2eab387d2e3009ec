import type { FlowClass, FlowObserver } from '../api/flow/types.ts';
import type { MetricRegistry } from './registry.ts';

const perFlow = ['priority_level', 'flow_schema'] as const;
const prefix = 'apiserver_flowcontrol_';
/** In seconds; those of the real server. */
const durationBuckets = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];

/** Writes down what flow control does, by the real server's metric names. */
export function flowMetrics({ counter, gauge, histogram }: MetricRegistry): FlowObserver {
  const current = gauge('apiserver_current_inflight_requests', 'Requests being served.', ['request_kind']);
  const limits = gauge(`${prefix}nominal_limit_seats`, 'Seats of a priority level.', ['priority_level']);
  const waiting = gauge(`${prefix}current_inqueue_requests`, 'Requests waiting in queues.', perFlow);
  const executing = gauge(`${prefix}current_executing_requests`, 'Requests being served.', perFlow);
  const seatsInUse = gauge(`${prefix}current_executing_seats`, 'Seats in use.', perFlow);
  const dispatched = counter(`${prefix}dispatched_requests_total`, 'Requests admitted.', perFlow);
  const rejected = counter(`${prefix}rejected_requests_total`, 'Requests rejected.', [...perFlow, 'reason']);
  const perWait = [...perFlow, 'execute'] as const;
  const waits = histogram(`${prefix}request_wait_duration_seconds`, 'Time in a queue.', durationBuckets, perWait);
  const executions = histogram(`${prefix}request_execution_seconds`, 'Time with seats.', durationBuckets, perFlow);
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

function labels({ priorityLevel, flowSchema }: FlowClass) {
  return { priority_level: priorityLevel, flow_schema: flowSchema };
}
