import { expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import { parseServiceRange, withClusterIp } from './service-ip.ts';

const range = parseServiceRange('127.16.200.0/24');

function service(uid: string, spec: object = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: uid, uid }, spec: { type: 'ClusterIP', ...spec } };
}

const address = (one: KubeObject): unknown => (one['spec'] as { clusterIP?: string }).clusterIP;

test('the first address is for kubernetes; others begin at 20', () => {
  expect(range.first).toBe('127.16.200.1');
  expect(address(withClusterIp(range, service('a'), []))).toBe('127.16.200.20');
  expect(address(withClusterIp(range, service('b'), [service('a', { clusterIP: '127.16.200.20' })]))).toBe(
    '127.16.200.21',
  );
});

test('an address can be asked for when it is free and in the range', () => {
  expect(withClusterIp(range, service('dns', { clusterIP: '127.16.200.10' }), [])['spec']).toMatchObject({
    clusterIP: '127.16.200.10',
    clusterIPs: ['127.16.200.10'],
  });
  const taken = [service('dns', { clusterIP: '127.16.200.10' })];
  const ask = (clusterIP: string) => () => withClusterIp(range, service('x', { clusterIP }), taken);
  expect(ask('127.16.200.10')).toThrow('provided IP is already allocated');
  for (const wrong of ['127.16.201.1', '127.16.200.0', '127.16.200.255', 'nonsense', '10']) {
    expect(ask(wrong)).toThrow('not in the valid range');
  }
});

test('a service keeps its own address; headless and external ones have none', () => {
  const own = service('a', { clusterIP: '127.16.200.20' });
  expect(address(withClusterIp(range, own, [own]))).toBe('127.16.200.20');
  expect(
    address(withClusterIp(range, service('h', { clusterIP: 'None' }), [service('g', { clusterIP: 'None' })])),
  ).toBe('None');
  expect(
    address(withClusterIp(range, service('e', { type: 'ExternalName', clusterIP: '127.16.200.30' }), [])),
  ).toBeUndefined();
});

test('a range without a free address says so', () => {
  const small = parseServiceRange('10.0.0.0/27');
  const all = Array.from({ length: 32 }, (_, last) => service(`s${last}`, { clusterIP: `10.0.0.${last}` }));
  expect(() => withClusterIp(small, service('x'), all)).toThrow('range is full');
});

test.each(['10.0.0.0', '10.0.0.0/30', 'x/24', '::1/64', ''])('%j is no range', (cidr) => {
  expect(() => parseServiceRange(cidr)).toThrow('Not an IPv4 range');
});
