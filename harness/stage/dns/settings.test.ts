import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cacheSettings } from './cache/settings.ts';
import { CorefileError, parseCorefile, type Directive } from './corefile.ts';
import { forwardSettings } from './forward/settings.ts';
import { kubernetesSettings } from './kubernetes/kubernetes.ts';

function directive(text: string): Directive {
  const [found] = parseCorefile(`. {\n${text}\n}`, {}).plugins;
  if (!found) throw new Error('no directive');
  return found;
}

describe('cache', () => {
  it("has CoreDNS's defaults", () => {
    expect(cacheSettings(directive('cache'))).toEqual({
      success: { capacity: 9_984, maxTtlS: 3_600, minTtlS: 5, exceptZones: [] },
      denial: { capacity: 9_984, maxTtlS: 1_800, minTtlS: 5, exceptZones: [] },
      failureTtlS: 5,
      staleS: 0,
      verify: false,
    });
  });

  it('reads what it is told', () => {
    const text = `cache 30 {
      success 9984 20 20
      denial 100
      servfail 500ms
      serve_stale 2m verify
      disable denial
      disable success A.b. c.d
    }`;
    expect(cacheSettings(directive(text))).toEqual({
      success: { capacity: 9_984, maxTtlS: 20, minTtlS: 20, exceptZones: ['a.b', 'c.d'] },
      denial: { capacity: 1_024, maxTtlS: 30, minTtlS: 5, exceptZones: ['.'] },
      failureTtlS: 0.5,
      staleS: 120,
      verify: true,
    });
    expect(cacheSettings(directive('cache {\nserve_stale\n}'))).toMatchObject({ staleS: 3_600, verify: false });
  });
});

describe('forward', () => {
  it("has CoreDNS's defaults", () => {
    expect(forwardSettings(directive('forward . 10.96.0.10 127.0.0.1:5300'))).toEqual({
      upstreams: [
        { host: '10.96.0.10', port: 53 },
        { host: '127.0.0.1', port: 5_300 },
      ],
      forceTcp: false,
      maxFails: 2,
      healthCheck: { intervalMs: 500, domain: '.' },
      failfast: false,
      maxConcurrent: 0,
    });
  });

  it('reads what it is told', () => {
    const text = `forward . 127.0.0.1 {
      force_tcp
      max_fails 1
      health_check 50ms domain Cluster.local
      failfast_all_unhealthy_upstreams
      max_concurrent 1000
    }`;
    expect(forwardSettings(directive(text))).toEqual({
      upstreams: [{ host: '127.0.0.1', port: 53 }],
      forceTcp: true,
      maxFails: 1,
      healthCheck: { intervalMs: 50, domain: 'cluster.local' },
      failfast: true,
      maxConcurrent: 1_000,
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
  it("has CoreDNS's defaults", () => {
    expect(kubernetesSettings(directive('kubernetes Cluster.local. in-addr.arpa'))).toEqual({
      zones: ['cluster.local', 'in-addr.arpa'],
      podsInsecure: false,
      ttlS: 5,
      fallthroughZones: [],
      endpoint: undefined,
    });
  });

  it('reads what it is told', () => {
    const text = `kubernetes cluster.local ip6.arpa {
      pods insecure
      ttl 30
      fallthrough in-addr.arpa ip6.arpa
      endpoint http://127.0.0.1:1
    }`;
    expect(kubernetesSettings(directive(text))).toEqual({
      zones: ['cluster.local', 'ip6.arpa'],
      podsInsecure: true,
      ttlS: 30,
      fallthroughZones: ['in-addr.arpa', 'ip6.arpa'],
      endpoint: 'http://127.0.0.1:1',
    });
  });
});

describe('what is wrong is told with its line', () => {
  const read = { cache: cacheSettings, forward: forwardSettings, kubernetes: kubernetesSettings };

  it.each([
    ['cache', '0', "'cache' takes a whole number of at least 1, not '0'"],
    ['cache', '30 cluster.local', "Wrong argument count for 'cache': 2 instead of 0 to 1"],
    ['cache', '{\nsuccess\n}', "Wrong argument count for 'success': 0 instead of 1 to 3"],
    ['cache', '{\nprefetch 10\n}', "plugin/cache: unknown option 'prefetch'"],
    ['cache', '{\nconstructor\n}', "plugin/cache: unknown option 'constructor'"],
    ['cache', '{\nserve_stale 1h always\n}', "serve_stale refreshes 'immediate' or 'verify', not 'always'"],
    ['cache', '{\ndisable all\n}', "disable takes 'success' or 'denial', not 'all'"],
    ['forward', '.', "Wrong argument count for 'forward': 1 instead of 2 to any number"],
    ['forward', 'example.org 1.1.1.1', "forward takes everything ('.'), not 'example.org'"],
    ['forward', '. nobody', "forward: 'nobody' is neither an IP address nor a file that can be read"],
    ['forward', '. 1.1.1.1 {\npolicy random\n}', "plugin/forward: unknown option 'policy'"],
    ['forward', '. 1.1.1.1 {\nforce_tcp yes\n}', "Wrong argument count for 'force_tcp': 1 instead of 0"],
    ['forward', '. 1.1.1.1 {\nhealth_check 1s no_rec\n}', "health_check: unknown option 'no_rec'"],
    ['kubernetes', '', "Wrong argument count for 'kubernetes': 0 instead of 1 to any number"],
    ['kubernetes', 'a {\nttl -1\n}', "'ttl' takes a whole number of at least 0, not '-1'"],
    ['kubernetes', 'a {\npods verified\n}', "pods takes 'insecure', not 'verified'"],
    ['kubernetes', 'a {\nnoendpoints\n}', "plugin/kubernetes: unknown option 'noendpoints'"],
  ] as const)('%s %j', (plugin, text, message) => {
    const parsed = directive(`${plugin} ${text}`);
    expect(() => read[plugin](parsed)).toThrow(new CorefileError(text.includes('\n') ? 3 : 2, message));
  });
});
