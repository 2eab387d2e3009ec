import { expect, test } from 'vitest';
import { pod, service } from '../testing/objects.ts';
import type { Pod, Service } from '../base/kinds.ts';
import { endpointObjects } from './endpoints.ts';

const readySince = '2026-01-01T00:10:00Z';
const well = pod('b', { on: 'w1', readySince });
const starting = pod('a', { on: 'w2', status: { phase: 'Running', podIP: '127.9.1.2' } });
const ending = pod('c', { on: 'w2', readySince, metadata: { deletionTimestamp: '2026-01-01T00:20:00Z' } });

function states(pods: Pod[], web = service()): string[] {
  const { endpoints } = endpointObjects(web, pods).slice;
  return (endpoints as { targetRef: { name: string }; conditions: object }[]).map(({ targetRef, conditions }) =>
    [targetRef.name, ...Object.entries(conditions).flatMap(([name, value]) => (value ? name : []))].join(' '),
  );
}

test('ready is who serves and does not end', () => {
  expect(states([well, starting, ending])).toEqual(['a', 'b ready serving', 'c serving terminating']);
});

test('a service that publishes addresses that are not ready has everybody', () => {
  const web = service({ publishNotReadyAddresses: true });
  expect(states([well, starting, ending], web)).toEqual(['a ready', 'b ready serving', 'c ready serving terminating']);
});

test('pods that ended, that have no address or other labels are not behind it', () => {
  const ended = pod('a', { on: 'w1', status: { phase: 'Succeeded', podIP: '127.9.1.2' } });
  expect(states([ended, pod('b'), pod('c', { on: 'w1', readySince, labels: { app: 'other' } })])).toEqual([]);
});

function portsOf(port: NonNullable<Service['spec']['ports']>[number], which = well): unknown {
  return endpointObjects(service({ ports: [port] }), [which]).slice['ports'];
}

test('a target port is a number, a name of the pod, or the port itself', () => {
  const ports = [{ name: 'http', containerPort: 8081 }];
  const named = pod('a', { on: 'w1', readySince, spec: { containers: [{ name: 'c', ports }] } });
  expect(portsOf({ port: 80, targetPort: 8080 })).toEqual([{ name: '', port: 8080, protocol: 'TCP' }]);
  expect(portsOf({ name: 'web', port: 80, targetPort: 'http' }, named)).toMatchObject([{ name: 'web', port: 8081 }]);
  expect(portsOf({ port: 80, targetPort: 'http' })).toEqual([]);
  expect(portsOf({ port: 53, protocol: 'UDP' })).toEqual([{ name: '', port: 53, protocol: 'UDP' }]);
});

test('Endpoints tell ready from not ready, and leave out what ends', () => {
  const web = service({ clusterIP: 'None' });
  expect(endpointObjects(web, [well, starting, ending]).endpoints).toMatchObject({
    metadata: { name: 'web', namespace: 'x', labels: { 'service.kubernetes.io/headless': '' } },
    subsets: [
      {
        addresses: [{ ip: '127.9.1.1', nodeName: 'w1', targetRef: { kind: 'Pod', name: 'b' } }],
        notReadyAddresses: [{ ip: '127.9.1.2' }],
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ],
  });
  expect(endpointObjects(web, [ending]).endpoints).toMatchObject({ subsets: [] });
});

test('a service with nothing behind it has an empty slice', () => {
  expect(endpointObjects(service(), []).slice).toMatchObject({
    addressType: 'IPv4',
    endpoints: [],
    metadata: { labels: { 'kubernetes.io/service-name': 'web' } },
  });
});
