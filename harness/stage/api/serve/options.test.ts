import { expect, test } from 'vitest';
import { readOptions } from './options.ts';

const required = ['--advertise-address=127.16.0.1', '--data-dir=/data', '--service-cluster-ip-range=127.16.200.0/24'];

test('what is left out is as in the real server', () => {
  expect(readOptions(required)).toEqual({
    address: '127.16.0.1',
    port: 6443,
    dataDir: '/data',
    servicePrefix: '127.16.200.',
    maxRequestsInflight: 400,
    maxMutatingInflight: 200,
    priorityAndFairness: true,
    registers: true,
    keptChanges: 4_000,
  });
});

test('flags have the names of the real server', () => {
  const flags = [
    '--secure-port=0',
    '--max-requests-inflight=4',
    '--enable-priority-and-fairness=false',
    '--endpoint-reconciler-type=none',
  ];
  expect(readOptions([...required, ...flags])).toMatchObject({
    port: 0,
    maxRequestsInflight: 4,
    priorityAndFairness: false,
    registers: false,
  });
});

test.each([
  [[], '--advertise-address is required'],
  [[...required, '--max-requests-inflight=many'], '--max-requests-inflight must be a number; got many'],
  [[...required, '--enable-priority-and-fairness=1'], 'must be true or false'],
  [[...required, '--service-cluster-ip-range=10.0.0.0/8'], 'must be a range A.B.C.0/24; got 10.0.0.0/8'],
  [[...required, '--etcd-servers=x'], "Unknown option '--etcd-servers'"],
])('%j is refused', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
