import { beforeEach, expect, test } from 'vitest';
import { StatusError } from '../client/status-error.ts';
import type { Pod, PodStatus } from './pod.ts';
import { StatusWriter } from './status-writer.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { recordingClient, type RecordingClient } from './testing/recording-client.ts';
import { samplePod } from './testing/sample-pod.ts';

let client: RecordingClient;
let clock: ManualClock;
let writer: StatusWriter;
let pod: Pod;

beforeEach(() => {
  client = recordingClient();
  clock = new ManualClock();
  writer = new StatusWriter(client, clock);
  pod = samplePod();
});

function status(phase: PodStatus['phase']): PodStatus {
  const ready = { type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: 'then' } as const;
  return { phase, conditions: [ready], hostIP: '', hostIPs: [], startTime: '', containerStatuses: [] };
}

const phases = (): unknown[] => client.patches.map((patch) => (patch as { status: PodStatus }).status.phase);

const down = async (): Promise<never> => await Promise.reject(new StatusError('refused'));

test('a status is written once, with the uid of its pod', async () => {
  writer.set(pod, status('Running'));
  await clock.pass(0);
  writer.set(pod, status('Running'));
  await clock.pass(60_000);
  expect(client.calls).toEqual(['patch pods shop/web-1']);
  expect(client.patches).toEqual([{ metadata: { uid: 'u-1' }, status: status('Running') }]);
});

test('through an outage it is tried again, after at most 10 s, and only the newest is written then', async () => {
  client.answer = down;
  writer.set(pod, status('Pending'));
  await clock.pass(60_000);
  const tries = client.calls.length;
  expect(tries).toBeGreaterThan(6);
  writer.set(pod, status('Running'));
  client.answer = async () => {};
  await clock.pass(10_000);
  expect(phases().slice(tries)).toEqual(['Running']);
});

test('changes during a write are written after it, the newest only', async () => {
  const first = Promise.withResolvers<void>();
  client.answer = async () => await first.promise;
  writer.set(pod, status('Pending'));
  await clock.pass(0);
  writer.set(pod, status('Running'));
  writer.set(pod, status('Succeeded'));
  first.resolve();
  await clock.pass(0);
  expect(phases()).toEqual(['Pending', 'Succeeded']);
});

test('a server that says when is asked again only then', async () => {
  client.answer = async () => await Promise.reject(new StatusError('too many', { code: 429, retryAfterS: 30 }));
  writer.set(pod, status('Running'));
  await clock.pass(29_999);
  expect(client.calls).toHaveLength(1);
  await clock.pass(1);
  expect(client.calls).toHaveLength(2);
});

test('a pod that is over is deleted when its last status is written, also after an outage', async () => {
  client.answer = down;
  writer.set(pod, status('Succeeded'));
  writer.delete(pod);
  await clock.pass(5_000);
  expect(client.calls).not.toContain('delete pods shop/web-1');
  client.answer = async () => {};
  await clock.pass(10_000);
  expect(client.calls.slice(-2)).toEqual(['patch pods shop/web-1', 'delete pods shop/web-1']);
  await clock.pass(60_000);
  expect(client.calls.at(-1)).toBe('delete pods shop/web-1');
});

test('for a pod that is gone nothing is tried any more', async () => {
  client.answer = down;
  writer.set(pod, status('Running'));
  await clock.pass(0);
  writer.forget(pod);
  await clock.pass(60_000);
  expect(client.calls).toHaveLength(1);
});

test('what somebody else made of a condition is put right', async () => {
  writer.set(pod, status('Running'));
  await clock.pass(0);
  writer.compare({ ...pod, status: status('Running') });
  await clock.pass(0);
  expect(client.calls).toHaveLength(1);
  const [ready] = status('Running').conditions;
  writer.compare({ ...pod, status: { conditions: ready ? [{ ...ready, status: 'False' }] : [] } });
  await clock.pass(0);
  expect(client.calls).toHaveLength(2);
});
