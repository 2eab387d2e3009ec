import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StatusError } from '../client/status-error.ts';
import type { StageClient } from '../client/types.ts';
import type { PodStatus } from './pod-status.ts';
import type { Pod } from './pod.ts';
import { StatusReporter, type Report } from './status-reporter.ts';
import { fakeClock, useFakeClock } from './testing/fake-clock.ts';

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'shop', name: 'web-1', uid: 'u-1' },
  spec: { containers: [] },
};

let patches: { metadata: object; status: PodStatus }[];
/** What a write is answered with. */
let answer: () => Promise<void>;
let newest: Report | undefined;
let gone: AbortController;
let reporter: StatusReporter;

beforeEach(() => {
  useFakeClock();
  patches = [];
  answer = async () => {};
  gone = new AbortController();
  const client: Pick<StageClient, 'patch'> = {
    patch: async (_, __, patch) => {
      patches.push(patch as (typeof patches)[number]);
      await answer();
      return pod;
    },
  };
  reporter = new StatusReporter(client as StageClient, { clock: fakeClock, signal: gone.signal }, () => newest);
});

afterEach(() => void vi.useRealTimers());

const pass = async (ms: number): Promise<unknown> => await vi.advanceTimersByTimeAsync(ms);

function status(phase: PodStatus['phase']): PodStatus {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: 'then' } as const;
  return { phase, conditions: [ready], hostIP: '', hostIPs: [], startTime: '', containerStatuses: [] };
}

function change(phase: PodStatus['phase'], target = pod): void {
  newest = { target, status: status(phase) };
  reporter.changed();
}

const phases = (): unknown[] => patches.map((patch) => patch.status.phase);
const down = async (): Promise<never> => await Promise.reject(new StatusError('refused'));

test('a status is written once, with the uid of its pod; to a new mirror it is written again', async () => {
  change('Running');
  await pass(0);
  change('Running');
  await pass(60_000);
  expect(patches).toEqual([{ metadata: { uid: 'u-1' }, status: status('Running') }]);
  change('Running', { ...pod, metadata: { ...pod.metadata, uid: 'u-2' } });
  await pass(0);
  expect(patches[1]).toEqual({ metadata: { uid: 'u-2' }, status: status('Running') });
});

test('several changes at the same moment are one', async () => {
  change('Pending');
  change('Running');
  await pass(0);
  expect(phases()).toEqual(['Running']);
});

test('through an outage it is tried again, after at most 10 s, and only the newest is written then', async () => {
  answer = down;
  change('Pending');
  await pass(60_000);
  const tries = patches.length;
  expect(tries).toBeGreaterThan(6);
  change('Running');
  answer = async () => {};
  await pass(10_000);
  expect(phases().slice(tries)).toEqual(['Running']);
});

test('changes during a write are written after it, the newest only', async () => {
  const first = Promise.withResolvers<void>();
  answer = async () => await first.promise;
  change('Pending');
  await pass(0);
  change('Running');
  change('Pending');
  change('Running');
  first.resolve();
  await pass(0);
  expect(phases()).toEqual(['Pending', 'Running']);
});

test('a server that says when is asked again only then', async () => {
  answer = async () => await Promise.reject(new StatusError('too many', { code: 429, retryAfterS: 30 }));
  change('Running');
  await pass(29_999);
  expect(patches).toHaveLength(1);
  await pass(1);
  expect(patches).toHaveLength(2);
});

test('for a pod that is gone nothing is tried any more', async () => {
  answer = down;
  change('Running');
  await pass(0);
  gone.abort();
  await pass(60_000);
  expect(patches).toHaveLength(1);
});

test('an object that is not there is no problem', async () => {
  answer = async () => await Promise.reject(new StatusError('not found', { code: 404 }));
  change('Running');
  await pass(60_000);
  expect(patches).toHaveLength(1);
});

test('what somebody else made of a condition is put right', async () => {
  change('Running');
  await pass(0);
  reporter.see({ ...pod, status: status('Running') });
  await pass(0);
  expect(patches).toHaveLength(1);
  const [ready] = status('Running').conditions;
  reporter.see({ ...pod, status: { conditions: ready ? [{ ...ready, status: 'False' }] : [] } });
  await pass(0);
  expect(patches).toHaveLength(2);
});
