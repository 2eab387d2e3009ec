import type { Clock } from '../../../core/clock.ts';
import { inFlightLimits, kindOf } from './in-flight.ts';
import { priorityAndFairness } from './priority-and-fairness.ts';
import type { FlowConfiguration, FlowControl, FlowObserver, FlowRequest, Ticket } from './types.ts';

export interface FlowControlOptions {
  /** `--max-requests-inflight`; the real default is 400. */
  readonly maxRequestsInflight: number;
  /** `--max-mutating-requests-inflight`; the real default is 200. With priority and fairness only the sum counts. */
  readonly maxMutatingInflight: number;
  /** `--enable-priority-and-fairness`. */
  readonly enabled: boolean;
  /** Read at every request, so it must be quick: the same arrays as long as no object changed. */
  readonly source: () => FlowConfiguration;
  readonly clock: Clock;
  readonly observer: FlowObserver;
}

/** Decides which requests the API server serves, and when. */
export function flowControl(options: FlowControlOptions): FlowControl {
  const { maxRequestsInflight, maxMutatingInflight, enabled, source, clock, observer } = options;
  const totalSeats = maxRequestsInflight + maxMutatingInflight;
  const control = enabled
    ? priorityAndFairness({ totalSeats, source, clock, observer })
    : inFlightLimits({ readOnly: maxRequestsInflight, mutating: maxMutatingInflight });
  return {
    admit: async (request, signal) =>
      isUncounted(request)
        ? { release: () => {}, headers: {} }
        : counted(await control.admit(request, signal), request, observer),
  };
}

/** Requests that last for as long as the client likes, other than a watch, which is limited while it begins. */
function isUncounted({ isWatch, subresource, verb }: FlowRequest): boolean {
  return !isWatch && (verb === 'proxy' || ['log', 'exec', 'attach', 'portforward', 'proxy'].includes(subresource));
}

/** The only guard against a ticket that is given back twice. */
function counted({ release, headers }: Ticket, request: FlowRequest, observer: FlowObserver): Ticket {
  const kind = kindOf(request);
  let isHeld = true;
  observer.inFlight(kind, 1);
  return {
    headers,
    release: () => {
      if (!isHeld) return;
      isHeld = false;
      observer.inFlight(kind, -1);
      release();
    },
  };
}
