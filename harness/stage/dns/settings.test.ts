import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cacheSettings } from './cache/settings.ts';
import { CorefileError } from './corefile/corefile-error.ts';
import { parseCorefile, type Directive } from './corefile/parse-corefile.ts';
import { forwardSettings } from './forward/settings.ts';
import { kubernetesSettings } from './kubernetes/settings.ts';

function directive(text: string): Directive {
  const [found] = parseCorefile(`. {\n${text}\n}`, {})[0]?.directives ?? [];
  if (!found) throw new Error('no directive');
  return found;
}

describe('cache', () => {
  it("has CoreDNS's defaults", () => {
    expect(cacheSettings(directive('cache'), ['.'])).toEqual({
      zones: ['.'],
      success: { capacity: 10_000, maxTtlS: 3_600, minTtlS: 5, exceptZones: [] },
      denial: { capacity: 10_000, maxTtlS: 1_800, minTtlS: 5, exceptZones: [] },
      failureTtlS: 5,
      staleS: 0,
      verify: false,
    });
  });

  it('reads what it is told', () => {
    const text = `cache 30 Cluster.local. {
      success 9984 20 20
      denial 100
      servfail 500ms
      serve_stale 2m VERIFY
      disable denial
      disable success a.b c.d
    }`;
    expect(cacheSettings(directive(text), ['.'])).toEqual({
      zones: ['cluster.local'],
      success: { capacity: 9_984, maxTtlS: 20, minTtlS: 20, exceptZones: ['a.b', 'c.d'] },
      denial: { capacity: 100, maxTtlS: 30, minTtlS: 5, exceptZones: ['.'] },
      failureTtlS: 0.5,
      staleS: 120,
      verify: true,
    });
    expect(cacheSettings(directive('cache {\nserve_stale\n}'), ['.'])).toMatchObject({ staleS: 3_600, verify: false });
  });
});

describe('forward', () => {
  it("has CoreDNS's defaults", () => {
    expect(forwardSettings(directive('forward . 10.96.0.10 127.0.0.1:5300'))).toEqual({
      zone: '.',
      exceptZones: [],
      upstreams: [
        { host: '10.96.0.10', port: 53 },
        { host: '127.0.0.1', port: 5_300 },
      ],
      forceTcp: false,
      maxFails: 2,
      healthCheck: { intervalMs: 500, domain: '.', recursionDesired: true },
      failfast: false,
      expireMs: 10_000,
      maxConcurrent: 0,
      policy: 'random',
    });
  });

  it('reads what it is told', () => {
    const text = `forward example.org dns://127.0.0.1 {
      except a.example.org b.example.org
      force_tcp
      max_fails 1
      health_check 50ms no_rec domain Cluster.local
      failfast_all_unhealthy_upstreams
      expire 20s
      max_concurrent 1000
      policy sequential
    }`;
    expect(forwardSettings(directive(text))).toEqual({
      zone: 'example.org',
      exceptZones: ['a.example.org', 'b.example.org'],
      upstreams: [{ host: '127.0.0.1', port: 53 }],
      forceTcp: true,
      maxFails: 1,
      healthCheck: { intervalMs: 50, domain: 'cluster.local', recursionDesired: false },
      failfast: true,
      expireMs: 20_000,
      maxConcurrent: 1_000,
      policy: 'sequential',
    });
  });

  it('finds its upstreams in a resolv.conf', () => {
    const folder = mkdtempSync(join(tmpdir(), 'resolv-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'a'), '# nameserver 1.1.1.1\nnameserver 192.0.2.1\noptions x\nnameserver ::1\n');
    writeFileSync(join(folder, 'b'), 'search example.org\n');
    expect(forwardSettings(directive(`forward . ${folder}/a`)).upstreams).toEqual([
      { host: '192.0.2.1', port: 53 },
      { host: '::1', port: 53 },
    ]);
    expect(() => forwardSettings(directive(`forward . ${folder}/b`))).toThrow(/^forward: no nameserver in /);
  });
});

describe('kubernetes', () => {
  it("has CoreDNS's defaults, and the zones of the server", () => {
    expect(kubernetesSettings(directive('kubernetes'), ['in-addr.arpa', 'cluster.local'])).toEqual({
      zones: ['in-addr.arpa', 'cluster.local'],
      primaryZone: 'cluster.local',
      podsInsecure: false,
      ttlS: 5,
      fallthroughZones: [],
      startupTimeoutMs: 5_000,
      api: undefined,
    });
  });

  it('reads what it is told', () => {
    const text = `kubernetes cluster.local ip6.arpa {
      pods insecure
      ttl 30
      fallthrough in-addr.arpa ip6.arpa
      startup_timeout 1s
      endpoint http://127.0.0.1:1
    }`;
    expect(kubernetesSettings(directive(text), ['.'])).toMatchObject({
      zones: ['cluster.local', 'ip6.arpa'],
      podsInsecure: true,
      ttlS: 30,
      fallthroughZones: ['in-addr.arpa', 'ip6.arpa'],
      startupTimeoutMs: 1_000,
      api: { endpoint: 'http://127.0.0.1:1', tls: undefined },
    });
    const both = 'kubernetes a {\nkubeconfig /k\nendpoint x\nfallthrough\n}';
    expect(kubernetesSettings(directive(both), ['.'])).toMatchObject({
      api: { kubeconfig: '/k' },
      fallthroughZones: ['.'],
    });
  });
});

describe('what is wrong is told with its line', () => {
  const read = { cache: cacheSettings, forward: forwardSettings, kubernetes: kubernetesSettings };

  it.each([
    ['cache', '0', "'cache' takes a whole number of at least 1, not '0'"],
    ['cache', '{\nsuccess\n}', "Wrong argument count for 'success': 0 instead of 1 to 3"],
    ['cache', '{\nprefetch 10\n}', "plugin/cache: unknown option 'prefetch'"],
    ['cache', '{\nkeepttl\n}', "plugin/cache: unknown option 'keepttl'"],
    ['cache', '{\nservfail 6m\n}', 'SERVFAIL must not be cached for more than 5 minutes'],
    ['cache', '{\nserve_stale 1h always\n}', "serve_stale refreshes 'immediate' or 'verify', not 'always'"],
    ['cache', '{\ndisable all\n}', "disable takes 'success' or 'denial', not 'all'"],
    ['forward', '.', "Wrong argument count for 'forward': 1 instead of 2 to any number"],
    ['forward', '. nobody', "forward: 'nobody' is neither an IP address nor a file that can be read"],
    ['forward', '. 1.1.1.1 {\ntls\n}', "plugin/forward: unknown option 'tls'"],
    ['forward', '. 1.1.1.1 {\nforce_tcp yes\n}', "Wrong argument count for 'force_tcp': 1 instead of 0"],
    ['forward', '. 1.1.1.1 {\nhealth_check 1s domain\n}', "health_check: unknown option 'domain'"],
    ['forward', '. 1.1.1.1 {\npolicy round_robin\n}', "policy takes 'random' or 'sequential', not 'round_robin'"],
    ['forward', `. ${'1.1.1.1 '.repeat(16)}`, 'forward takes at most 15 upstreams, not 16'],
    ['kubernetes', 'in-addr.arpa', 'kubernetes: non-reverse zone name must be used'],
    ['kubernetes', 'a 10.0.0.0/8', "kubernetes: zone '10.0.0.0/8' is not supported; write in-addr.arpa"],
    ['kubernetes', 'a {\nttl 3601\n}', 'ttl must be in range [0, 3600]'],
    [
      'kubernetes',
      'a {\npods verified\n}',
      "pods takes 'insecure' or 'disabled', not 'verified' ('verified' is not supported)",
    ],
    ['kubernetes', 'a {\nnoendpoints\n}', "plugin/kubernetes: unknown option 'noendpoints'"],
  ] as const)('%s %j', (plugin, text, message) => {
    const parsed = directive(`${plugin} ${text}`);
    expect(() => read[plugin](parsed, ['.'])).toThrow(new CorefileError(text.includes('\n') ? 3 : 2, message));
  });
});
