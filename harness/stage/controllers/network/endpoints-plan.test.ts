import { expect, test } from 'vitest';
import { pod, service } from '../testing/objects.ts';
import type { Pod } from '../base/kinds.ts';
import { endpointSliceObjects, endpointsObject } from './endpoint-objects.ts';
import { endpointGroups, triggerTime } from './endpoints-plan.ts';

const readySince = '2026-01-01T00:10:00Z';
const well = pod('b', { on: 'w1', readySince });
const starting = pod('a', { on: 'w2', status: { phase: 'Running', podIP: '127.9.1.2' } });
const ending = pod('c', { on: 'w2', readySince, metadata: { deletionTimestamp: '2026-01-01T00:20:00Z' } });

function states(pods: Pod[], web = service()): string[] {
  return endpointGroups(web, pods).flatMap(({ endpoints }) =>
    endpoints.map(({ pod: { metadata }, ready, serving, terminating }) =>
      [metadata.name, ready && 'ready', serving && 'serving', terminating && 'terminating'].filter(Boolean).join(' '),
    ),
  );
}

test('ready is who serves and does not end', () => {
  expect(states([well, starting, ending])).toEqual(['a', 'b ready serving', 'c serving terminating']);
});

test('a service may publish everybody, and still say who serves', () => {
  expect(states([starting], service({ publishNotReadyAddresses: true }))).toEqual(['a ready']);
});

test('pods that ended, that have no address or other labels are not behind it', () => {
  const ended = pod('a', { on: 'w1', status: { phase: 'Succeeded', podIP: '127.9.1.2' } });
  expect(states([ended, pod('b'), pod('c', { on: 'w1', readySince, labels: { app: 'other' } })])).toEqual([]);
});

function listening(name: string, containerPort: number): Pod {
  const ports = [{ name: 'http', containerPort }];
  return pod(name, { on: 'w1', readySince, spec: { containers: [{ name: 'c', ports }] } });
}

test('a named target port is looked up in each pod; pods with other numbers are a group of their own', () => {
  const web = service({ ports: [{ port: 80, targetPort: 'http' }] });
  const groups = endpointGroups(web, [listening('a', 8080), listening('b', 8081), listening('c', 8080)]);
  expect(groups.map(({ ports, endpoints }) => [ports[0]?.port, endpoints.length])).toEqual([
    [8080, 2],
    [8081, 1],
  ]);
  expect(endpointGroups(web, [well])).toMatchObject([{ ports: [] }]);
});

test('without a target port it is the port itself', () => {
  expect(endpointGroups(service({ ports: [{ port: 53, protocol: 'UDP' }] }), [well])).toMatchObject([
    { ports: [{ name: '', port: 53, protocol: 'UDP' }] },
  ]);
});

test('Endpoints tell ready from not ready, and leave out what ends', () => {
  const web = service({ clusterIP: 'None' });
  expect(endpointsObject(web, endpointGroups(web, [well, starting, ending]))).toMatchObject({
    metadata: { name: 'web', namespace: 'x', labels: { 'service.kubernetes.io/headless': '' } },
    subsets: [
      {
        addresses: [{ ip: '127.9.1.1', nodeName: 'w1', targetRef: { kind: 'Pod', name: 'b' } }],
        notReadyAddresses: [{ ip: '127.9.1.2' }],
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ],
  });
  expect(endpointsObject(web, endpointGroups(web, [ending]))).not.toHaveProperty('subsets');
});

test('a service with nothing behind it has one empty slice', () => {
  expect(endpointSliceObjects(service(), [])).toMatchObject([
    { addressType: 'IPv4', endpoints: [], ports: [], metadata: { labels: { 'kubernetes.io/service-name': 'web' } } },
  ]);
});

test('a slice has at most 100 endpoints, and each its own name', () => {
  const pods = Array.from({ length: 201 }, (_, index) => pod(`p${index}`, { on: 'w1', readySince }));
  const slices = endpointSliceObjects(service(), endpointGroups(service(), pods));
  expect(slices.map(({ endpoints }) => (endpoints as unknown[]).length)).toEqual([100, 100, 1]);
  expect(new Set(slices.map(({ metadata }) => metadata.name)).size).toBe(3);
});

test('the trigger is the last change of readiness, or the creation of the service', () => {
  expect(triggerTime(service(), endpointGroups(service(), [well]))).toBe(readySince);
  expect(triggerTime(service(), [])).toBe('2026-01-01T00:00:00Z');
});
