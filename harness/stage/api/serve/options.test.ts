import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

const required = ['--advertise-address=127.16.0.1', '--data-dir=/data', '--service-cluster-ip-range=127.16.200.0/24'];

test('what is left out is as in the real server', () => {
  expect(readOptions(required)).toEqual({
    address: '127.16.0.1',
    port: 6443,
    dataDir: '/data',
    serviceRange: '127.16.200.0/24',
    maxRequestsInflight: 400,
    maxMutatingInflight: 200,
    priorityAndFairness: true,
    admitsServiceAccounts: true,
    requestTimeoutMs: 60_000,
    keptChanges: 4_000,
  });
});

test('flags have the names of the real server', () => {
  const flags = [
    '--secure-port=0',
    '--max-requests-inflight=4',
    '--enable-priority-and-fairness=false',
    '--request-timeout=1m30s',
  ];
  expect(readOptions([...required, ...flags, '--disable-admission-plugins=ServiceAccount'])).toMatchObject({
    port: 0,
    maxRequestsInflight: 4,
    priorityAndFairness: false,
    admitsServiceAccounts: false,
    requestTimeoutMs: 90_000,
  });
});

test.each([
  [[], '--advertise-address is required'],
  [[...required, '--max-requests-inflight=many'], '--max-requests-inflight must be a number; got many'],
  [[...required, '--enable-priority-and-fairness=1'], 'must be true or false'],
  [[...required, '--request-timeout=soon'], 'must be a duration'],
  [[...required, '--disable-admission-plugins=All'], 'can only be ServiceAccount'],
  [[...required, '--etcd-servers=x'], "Unknown option '--etcd-servers'"],
])('%j is refused', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
