import { describe, expect, it } from 'vitest';
import type { ApiCounters, EventBody, RunEvent } from '../core/events.ts';
import { apiServerResult } from './api-server.ts';
import { moments } from './moments.ts';
import { samplePlan } from './testing/sample-plan.ts';

/** In seconds: the first fault and the heal. */
const [faultS, healS] = [20, 50];

/** 0.1 CPU seconds a second and a LIST of 0.2 s every second; under the fault 0.9, and five of 2 s. */
function usual(s: number): ApiCounters {
  const under = Math.max(0, s - faultS);
  return {
    cpuS: 5 + 0.1 * s + 0.8 * under,
    inFlight: { readOnly: under > 0 ? 30 : 1, mutating: 1 },
    levels: { 'workload-low': { rejected: 3 * under, queued: 0, waits: 0, waitedS: 0 }, exempt: flow },
    lists: { pods: { count: s + 4 * under, totalS: 0.2 * s + 9.8 * under } },
  };
}

const flow = { rejected: 0, queued: 0, waits: 0, waitedS: 0 };

function told(counters: (s: number) => ApiCounters | undefined) {
  const bodies: [number, EventBody][] = [
    [faultS - 0.1, { type: 'fault-started', fault: 'f', sabotaged: false, targets: [] }],
    [healS + 0.1, { type: 'phase-started', phase: 'heal' }],
  ];
  for (let s = 0; s <= healS; s += 2) {
    const found = counters(s);
    bodies.push([
      s,
      found
        ? { type: 'api-metrics', reachable: true, readMs: 5, bytes: 9, ...found }
        : { type: 'api-metrics', reachable: false, message: 'no answer' },
    ]);
  }
  const events = bodies
    .toSorted(([a], [b]) => a - b)
    .map(([s, body], seq): RunEvent => ({ ...body, seq, monotonicMs: s * 1_000 }));
  return apiServerResult({ plan: samplePlan, events, moments: moments(events) });
}

describe('what the API server said of itself', () => {
  it('is told before the first fault and from then to the heal', () => {
    expect(told(usual)).toEqual({
      reads: 26,
      unreachable: 0,
      resource: 'pods',
      before: { cpuPerS: 0.1, listsPerS: 1, listS: 0.2 },
      during: { cpuPerS: 0.9, listsPerS: 5, listS: 2 },
      inFlightMax: 31,
      rejected: { 'workload-low': 90 },
    });
  });

  it('has holes where it could not be reached, which are counted', () => {
    const found = told((s) => (s > faultS ? undefined : usual(s)));
    expect(found?.unreachable).toBe(15);
    expect(found?.during).toEqual({ cpuPerS: null, listsPerS: null, listS: null });
    expect(found?.before.cpuPerS).toBe(0.1);
  });

  it('is not mixed up with what another process counted', () => {
    const found = told((s) => (s < 40 ? usual(s) : { ...usual(0), cpuS: 0.5, lists: {} }));
    expect(found?.during).toMatchObject({ cpuPerS: null, listS: null });
  });

  it('is nothing in logs of before it was asked', () => {
    expect(apiServerResult({ plan: samplePlan, events: [], moments: moments([]) })).toBeNull();
  });
});
