import { expect, it } from 'vitest';
import type { RungPromise, RungSpec, WaySpec } from '../experiment/rung-spec.ts';
import { needsOf } from './rung-needs.ts';

const needs = (way: WaySpec, promises: readonly RungPromise[] = ['write']): readonly string[] =>
  needsOf({ name: 'x', promises, within: '10s', dependsOn: ['etcd'], optional: false, ...way } satisfies RungSpec);

it('a rung hangs on what its author knows, and on what it uses itself, once each', () => {
  const call: WaySpec = { way: 'call', credential: 'break-glass', via: 'loopback', kubeconfig: null };
  expect(needs(call)).toEqual(['etcd', 'super-admin certificate', 'node shell']);
  expect(needs({ ...call, via: 'address', kubeconfig: '/home/me/vault.conf' })).toEqual([
    'etcd',
    'vault.conf',
    'address',
  ]);
  expect(needs({ way: 'restart-api-server' })).toEqual(['etcd', 'node shell', 'super-admin certificate', 'address']);
});

it('a rung that calls nobody does not hang on who would be called', () => {
  expect(needs({ way: 'block-agents' }, ['relieve'])).toEqual(['etcd', 'shells on all nodes']);
  expect(needs({ way: 'stop-agents' }, ['remove'])).toContain('admin certificate');
});

it('remedies hang on all that each of them uses', () => {
  const ways = ['block-agents', 'raise-limits'] as const;
  expect(needs({ way: 'remedies', ways, operator: 'first' }, [])).toEqual([
    'etcd',
    'admin certificate',
    'address',
    'shells on all nodes',
    'node shell',
  ]);
});
