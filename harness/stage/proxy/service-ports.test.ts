import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../client/types.ts';
import { servicePorts } from './service-ports.ts';

const metadata = { name: 'dns', namespace: 'kube-system' };

function service(spec: Record<string, unknown>): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: '127.9.200.10', ...spec } };
}

function slice(
  endpoints: readonly (readonly [address: string, conditions?: Record<string, unknown>])[],
  ports: readonly unknown[] = [{ name: 'dns', port: 1053, protocol: 'UDP' }],
): KubeObject {
  const labels = { 'kubernetes.io/service-name': 'dns' };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'dns-abc', namespace: 'kube-system', labels },
    endpoints: endpoints.map(([address, conditions]) => ({ addresses: [address], ...(conditions && { conditions }) })),
    ports,
  };
}

const dns = service({ ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] });

function addresses(...slices: readonly KubeObject[]): readonly string[] {
  return servicePorts([dns], slices).flatMap(({ endpoints }) => endpoints.map(({ address }) => address));
}

describe('the ports of a Service', () => {
  it('lead to the endpoints of the port with the same name and protocol', () => {
    const two = service({
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53 },
      ],
    });
    const ports = [
      { name: 'dns', port: 1053, protocol: 'UDP' },
      { name: 'dns-tcp', port: 1054, protocol: 'TCP' },
    ];
    expect(servicePorts([two], [slice([['127.9.1.2']], ports)])).toEqual([
      { protocol: 'UDP', address: '127.9.200.10', port: 53, endpoints: [{ address: '127.9.1.2', port: 1053 }] },
      { protocol: 'TCP', address: '127.9.200.10', port: 53, endpoints: [{ address: '127.9.1.2', port: 1054 }] },
    ]);
  });

  it('need no name when there is only one', () => {
    const ports = [{ port: 8080 }];
    const [port] = servicePorts([service({ ports: [{ port: 80 }] })], [slice([['127.9.1.2']], ports)]);
    expect(port).toMatchObject({ protocol: 'TCP', port: 80, endpoints: [{ address: '127.9.1.2', port: 8080 }] });
  });

  it('are there without endpoints, too: they refuse', () => {
    expect(servicePorts([dns], [])).toMatchObject([{ endpoints: [] }]);
  });

  it.each([{ clusterIP: 'None' }, { clusterIP: '' }, { clusterIP: undefined }])('are none with %j', (spec) => {
    expect(servicePorts([service({ ports: [{ port: 80 }], ...spec })], [])).toEqual([]);
  });

  it('do not lead to the endpoints of a Service with the same name in another namespace', () => {
    const other = slice([['127.9.1.2']]);
    expect(addresses({ ...other, metadata: { ...other.metadata, namespace: 'default' } })).toEqual([]);
  });
});

describe('the endpoints of a port', () => {
  it('are those that are ready, or do not say', () => {
    expect(addresses(slice([['127.9.1.2', { ready: true }], ['127.9.1.3'], ['127.9.1.4', { ready: false }]]))).toEqual([
      '127.9.1.2',
      '127.9.1.3',
    ]);
  });

  it('are those that end but still serve when none is ready', () => {
    const ending = { ready: false, serving: true, terminating: true };
    expect(
      addresses(
        slice([
          ['127.9.1.2', ending],
          ['127.9.1.3', { ready: false, serving: false }],
        ]),
      ),
    ).toEqual(['127.9.1.2']);
    expect(addresses(slice([['127.9.1.2', ending], ['127.9.1.3']]))).toEqual(['127.9.1.3']);
  });

  it('come from all slices', () => {
    expect(addresses(slice([['127.9.1.2'], ['127.9.1.3']]), slice([['127.9.1.4']]))).toEqual([
      '127.9.1.2',
      '127.9.1.3',
      '127.9.1.4',
    ]);
  });
});
