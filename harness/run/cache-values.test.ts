import { describe, expect, it } from 'vitest';
import { loadManifests } from '../cluster/manifests.ts';
import { cachePorts } from '../plan/ports.ts';
import { cacheLanes, cacheTtlS, cacheValues, type CacheLane } from './cache-values.ts';

const lane = (probe: Partial<CacheLane['probe']> = {}): CacheLane => ({
  name: 'control',
  role: 'control',
  rateHz: 50,
  deadlineMs: 2_000,
  probe: {
    kind: 'node-dns-cache',
    holdMs: 20_000,
    holdIncidentMs: 1_200_000,
    serveStale: 'off',
    forward: 'tcp',
    upstream: 'ready',
    ...cachePorts(1),
    ...probe,
  },
});

const surroundings = {
  upstreams: { ready: '10.96.0.10' },
  coreDnsImage: 'coredns:v1',
  deployed: '2026-01-01T00:00:00.000Z',
};

function corefile(one: CacheLane): string {
  const objects = loadManifests(
    `${import.meta.dirname}/../../manifests/node-dns-cache`,
    cacheValues(one, surroundings),
  );
  const configMap = objects.find((object) => object.kind === 'ConfigMap') as
    { data?: { Corefile: string } } | undefined;
  return configMap?.data?.Corefile ?? '';
}

describe('the TTL', () => {
  it('is the hold, and a second less where serve_stale counts the last second as fresh', () => {
    expect(cacheTtlS(lane())).toBe(20);
    expect(cacheTtlS(lane({ serveStale: 'verify' }))).toBe(19);
    expect(cacheTtlS(lane({ serveStale: 'immediate' }))).toBe(19);
  });

  it.each([4_000, 20_500, 0])('cannot be made for a hold of %i ms', (holdMs) => {
    expect(() => cacheTtlS(lane({ holdMs }))).toThrow(expect.objectContaining({ code: 'invalid-experiment' }));
  });
});

describe('the Corefile', () => {
  it('of an unprotected cache holds for exactly the hold and asks over TCP', () => {
    expect(corefile(lane())).toMatchInlineSnapshot(`
      "cluster.local:9511 {
          bind {$HOST_IP}
          errors
          cache {
              success 9984 20 20
              denial 9984 1 0
              servfail 1s
              # serve_stale is off
          }
          forward . 10.96.0.10 {
              force_tcp
              max_fails 1
              health_check 50ms domain cluster.local
              failfast_all_unhealthy_upstreams
          }
          prometheus {$HOST_IP}:9521
      }
      "
    `);
  });

  it('of a protected one adds only serve_stale', () => {
    const changed = corefile(lane({ serveStale: 'verify' })).replaceAll('19', '20');
    expect(changed).toBe(corefile(lane()).replace('# serve_stale is off', 'serve_stale 1h verify'));
  });

  it('over UDP leaves out only force_tcp', () => {
    expect(corefile(lane({ forward: 'udp' }))).toBe(corefile(lane()).replace('force_tcp', '# force_tcp is off: UDP'));
  });
});

it('makes a DaemonSet of the image that the node has, restarted with every deployment', () => {
  const objects = loadManifests(
    `${import.meta.dirname}/../../manifests/node-dns-cache`,
    cacheValues(lane(), surroundings),
  );
  const daemonSet = objects.find((object) => object.kind === 'DaemonSet');
  expect(daemonSet?.metadata.name).toBe('node-dns-cache-control');
  expect(daemonSet?.spec?.['template']).toMatchObject({
    metadata: { annotations: { 'blackstart.dev/deployed': surroundings.deployed } },
    spec: { hostNetwork: true, dnsPolicy: 'Default', containers: [{ image: 'coredns:v1' }] },
  });
});

it('finds the lanes that need a cache', () => {
  const other = { ...lane(), name: 'direct', probe: { kind: 'core-dns' as const } };
  expect(cacheLanes([other, lane()]).map((one) => one.name)).toEqual(['control']);
});
