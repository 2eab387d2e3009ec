import { expect, it } from 'vitest';
import type { Plan, PlannedProbe } from '../plan/plan.ts';
import { cachePorts } from '../plan/ports.ts';
import { controlPlaneAddress, laneConfigs } from './lane-config.ts';

const cache = {
  kind: 'node-dns-cache',
  holdMs: 20_000,
  holdIncidentMs: 1_200_000,
  serveStale: 'off',
  forward: 'tcp',
  upstream: 'ready',
} as const;

function configOf(probe: PlannedProbe) {
  const plan = {
    service: { manifests: null, namespace: 'shop', name: 'web', port: 8080 },
    lanes: [{ name: 'lane', role: 'reference', rateHz: 50, deadlineMs: 2_000, probe }],
  } as Partial<Plan> as Plan;
  const [config] = laneConfigs(plan, { kubeDns: '10.96.0.10', controlPlane: '172.18.0.2' });
  return config;
}

const common = { name: 'lane', rateHz: 50, deadlineMs: 2_000 };
const resolve = { ...common, kind: 'resolve', host: 'web.shop.svc.cluster.local', port: 8080, path: '/' };

it('asks CoreDNS through its Service for the full name', () => {
  expect(configOf({ kind: 'core-dns' })).toEqual({ ...resolve, resolver: { address: '10.96.0.10', port: 53 } });
});

it("asks a node's cache on the node itself", () => {
  const config = configOf({ ...cache, ...cachePorts(1) });
  expect(config).toEqual({ ...resolve, resolver: { address: 'node', port: 9511 } });
});

it('asks the API server by the address of its node', () => {
  expect(configOf({ kind: 'api-server' })).toEqual({ ...common, kind: 'https', url: 'https://172.18.0.2:6443/readyz' });
});

it('asks the prober itself', () => {
  expect(configOf({ kind: 'loopback' })).toEqual({ ...common, kind: 'loopback' });
});

it('needs a control-plane node', () => {
  expect(
    controlPlaneAddress([
      { role: 'worker', address: 'a' },
      { role: 'control-plane', address: 'b' },
    ]),
  ).toBe('b');
  expect(() => controlPlaneAddress([{ role: 'worker', address: 'a' }])).toThrow('no control-plane node');
});
