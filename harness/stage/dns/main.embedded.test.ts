import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { ask, until, untilAnswered } from './contract/dns-client.ts';
import { address, startUpstream } from './contract/fake-upstream.ts';
import { ours, type DnsServerUnderTest } from './contract/server-under-test.ts';

async function start(corefile: string, env: Record<string, string> = {}): Promise<DnsServerUnderTest> {
  const server = ours.create();
  onTestFinished(server.stop);
  await server.start(corefile, env);
  return server;
}

/** A server that forwards, with more plugins. */
async function startForwarding(plugins: string): Promise<DnsServerUnderTest> {
  const upstream = await startUpstream(address('192.0.2.1', 300));
  onTestFinished(upstream.close);
  const server = await start(`.:{$DNS_PORT} {\nbind {$DNS_HOST}\nforward . ${upstream.text}\n${plugins}\n}`);
  await untilAnswered(server.address, 'www.example.org');
  return server;
}

it.each([
  ['.:53 {\n  errors\n  autopath\n}', ":3 - Unknown plugin 'autopath'; there is: reload, bind, ready, health, "],
  ['.:53 {\n  cache {\n    prefetch 2\n  }\n}', ":3 - plugin/cache: unknown option 'prefetch'"],
  ['.:53 {\n  cache\n  cache 30\n}', ":3 - 'cache' can be used once per server block"],
  ['.:53 {\n errors\n}\n.:53 {\n errors\n}', ':4 - There may be only one server block here'],
  ['.:53 {\n  bind {$NOWHERE}\n}', ":2 - Wrong argument count for 'bind': 0 instead of 1"],
  ['.:53 {\n  health 8080\n}', ":2 - '8080' is no address: write host:port or :port"],
  ['.:53 {\n  loadbalance weighted\n}', ":2 - Wrong argument count for 'loadbalance': 1 instead of 0"],
  [
    'cluster.local:53 {\n  kubernetes cluster.local\n}',
    'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
  ],
])('a Corefile that it cannot serve ends it with exit code 1: %j', async (corefile, message) => {
  const server = await start(corefile);
  expect(await once(server.child, 'close')).toEqual([1, null]);
  expect(server.output()).toContain(message);
});

it('without bind listens on the address of its pod, and so do its HTTP plugins', async () => {
  const { address: to } = ours.create();
  await start(`.:${to.port} {\nforward . 192.0.2.1\nhealth :8080\nready\nprometheus :9153\n}`, { POD_IP: to.host });
  for (const path of [':8080/health', ':8181/ready', ':9153/metrics']) {
    const get = async (): Promise<number> => (await fetch(`http://${to.host}${path}`)).status;
    expect(await until(path, get, (status) => status > 0)).toBe(200);
  }
  expect((await fetch(`http://${to.host}:8080/other`)).status).toBe(404);
  expect((await ask(to, '.', 'AXFR', { transport: 'tcp', timeoutMs: 100 })).rcode).toBe('no reply');
});

it('on SIGTERM serves on for the time of lameduck', async () => {
  const server = await startForwarding('health {$DNS_HOST}:8080 {\nlameduck 1s\n}');
  const { host } = server.address;
  const termMs = performance.now();
  server.child.kill('SIGTERM');
  await until(
    'lameduck mode',
    async () => await Promise.resolve(server.output()),
    (output) => output.includes('lameduck mode for 1s'),
  );
  expect((await ask(server.address, 'www.example.org')).data).toEqual(['192.0.2.1']);
  expect((await fetch(`http://${host}:8080/health`)).status).toBe(200);
  expect(await once(server.child, 'exit')).toEqual([0, null]);
  expect(performance.now() - termMs).toBeGreaterThan(990);
});

it('takes no notice of SIGUSR1, and ends when its standard input does', async () => {
  const server = await startForwarding('errors');
  server.child.kill('SIGUSR1');
  expect((await ask(server.address, 'www.example.org')).data).toEqual(['192.0.2.1']);
  expect(server.output()).not.toContain('ebugger');
  server.child.stdin?.end();
  expect(await once(server.child, 'exit')).toEqual([1, null]);
});

it('says why it could not answer', async () => {
  const server = await start(
    '.:{$DNS_PORT} {\nbind {$DNS_HOST}\nerrors\nforward . 127.0.0.1:9 {\nmax_fails 1\nhealth_check 10ms\n}\n}',
  );
  expect((await untilAnswered(server.address, 'www.example.org')).rcode).toBe('SERVFAIL');
  expect(server.output()).toMatch(/^\[ERROR\] plugin\/errors: 2 www\.example\.org\. A: .*ECONNREFUSED/m);
});

const dig = 'dig';
const hasDig = spawnSync(dig, ['-v']).error === undefined;

it.skipIf(!hasDig)('is understood by dig (where there is one)', async () => {
  const server = await startForwarding('cache');
  const { host, port } = server.address;
  for (const more of [[], ['+tcp'], ['+dnssec', '+nsid'], ['+noedns']]) {
    const { stdout: text } = await promisify(execFile)(dig, [
      `@${host}`,
      '-p',
      String(port),
      'www.example.org',
      ...more,
    ]);
    expect(text).toContain('status: NOERROR');
    expect(text).toMatch(/^www\.example\.org\.\s+\d+\s+IN\s+A\s+192\.0\.2\.1$/m);
    expect(text).not.toMatch(/warning|malformed/i);
  }
});
