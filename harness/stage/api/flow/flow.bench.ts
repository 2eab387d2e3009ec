import { bench, describe } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { apiMetrics } from '../../metrics/api-metrics.ts';
import { defaultFlowSchemas, defaultPriorityLevels } from './defaults.ts';
import { flowControl } from './flow-control.ts';
import { recorder } from './testing/recorder.ts';
import { flowRequest, serviceAccount } from './testing/requests.ts';
import type { FlowControl, FlowObserver } from './types.ts';

const objects = { flowSchemas: defaultFlowSchemas, priorityLevels: defaultPriorityLevels };
const agent = flowRequest(serviceAccount('telemetry', 'agent'));
const { signal } = new AbortController();

function open(enabled: boolean, observer: FlowObserver): FlowControl {
  return flowControl({
    maxRequestsInflight: 400,
    maxMutatingInflight: 200,
    enabled,
    source: () => objects,
    clock: systemClock,
    observer,
  });
}

async function inTurn(control: FlowControl): Promise<void> {
  for (let index = 0; index < 1_000; index++) (await control.admit(agent, signal)).release();
}

/** What flow control costs a request. Compare them as ratios. */
describe('admit and release 1,000 requests', () => {
  const off = open(false, recorder());
  const on = open(true, { ...recorder(), dispatched: () => {}, rejected: () => {} });
  const measured = open(true, apiMetrics(() => []).flow);

  bench('by in-flight limits', () => inTurn(off));
  bench('by priority and fairness', () => inTurn(on));
  bench('by priority and fairness, with metrics', () => inTurn(measured));

  bench('by priority and fairness, most of them through queues', async () => {
    const clients = Array.from({ length: 500 }, async (_, index) => {
      const requests = [agent, { ...agent, user: `system:serviceaccount:a:${index}` }];
      for (const request of requests) {
        const ticket = await on.admit(request, signal);
        await Promise.resolve();
        ticket.release();
      }
    });
    await Promise.all(clients);
  });
});
