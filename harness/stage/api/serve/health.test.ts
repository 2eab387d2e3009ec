import { expect, test } from 'vitest';
import { health, type Phase } from './other-paths.ts';

const ask = (path: string, phase: Phase, query = '', readable = true) =>
  health(path, new URLSearchParams(query), phase, () => readable);

test.each([
  ['starting', 200, 500],
  ['loading', 200, 500],
  ['ready', 200, 200],
  ['stopping', 200, 500],
] as const)('while %s, /livez answers %i and /readyz %i', (phase, live, ready) => {
  expect(ask('/livez', phase).code).toBe(live);
  expect(ask('/healthz', phase).code).toBe(live);
  expect(ask('/readyz', phase).code).toBe(ready);
});

test('a healthy answer is just ok, unless it is asked for more', () => {
  expect(ask('/readyz', 'ready').text).toBe('ok');
  expect(ask('/readyz', 'ready', 'verbose').text).toMatch(/^\[\+\]ping ok\n(.*\n)+readyz check passed\n$/);
});

test('an unhealthy answer names the check', () => {
  expect(ask('/readyz', 'loading').text).toContain('[-]informer-sync failed: reason withheld\n');
  expect(ask('/livez', 'ready', '', false)).toMatchObject({ code: 500 });
  expect(ask('/livez', 'ready', '', false).text).toContain('[-]etcd failed');
});

test('checks can be asked for one by one', () => {
  expect(ask('/readyz/informer-sync', 'loading').code).toBe(500);
  expect(ask('/readyz/ping', 'loading')).toEqual({ code: 200, text: 'ok' });
  expect(ask('/readyz/nonsense', 'ready').code).toBe(404);
});
