import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchHealth } from './health.ts';
import type { Container, ProbeSpec } from './pod.ts';
import { fakeClock, useFakeClock } from './testing/fake-clock.ts';

const liveness: ProbeSpec = { initialDelaySeconds: 2, periodSeconds: 5, tcpSocket: { port: 'liveness' } };
const readiness: ProbeSpec = { periodSeconds: 10, tcpSocket: { port: 'readiness' } };

let told: string[];
/** Which probes succeed now. */
let healthy: Set<unknown>;
/** How long each try takes. */
let tryMs: number;

beforeEach(() => {
  useFakeClock();
  told = [];
  healthy = new Set();
  tryMs = 0;
});

afterEach(() => void vi.useRealTimers());

const pass = async (ms: number): Promise<unknown> => await vi.advanceTimersByTimeAsync(ms);

const tell = (what: string): void => void told.push(`${fakeClock.monotonicMs() / 1_000} ${what}`);

function watch(probes: Partial<Container>): AbortController {
  const life = new AbortController();
  void watchHealth({
    container: { name: 'main', image: '', ...probes },
    clock: fakeClock,
    signal: life.signal,
    check: async ({ tcpSocket }) => {
      if (tryMs > 0) await fakeClock.sleep(tryMs);
      return healthy.has(tcpSocket?.port) ? undefined : 'no';
    },
    onReady: (ready) => tell(ready ? 'ready' : 'unready'),
    onFailure: (kind) => tell(`${kind} failed`),
    onUnhealthy: () => tell('kill'),
  });
  return life;
}

describe('a result comes after enough equal tries in a row', () => {
  test.each([
    [{}, 'ok', ['ready']],
    [{}, 'no no no', ['unready']],
    [{ failureThreshold: 1 }, 'no', ['unready']],
    [{}, 'no no ok no no', ['ready']],
    [{ successThreshold: 2 }, 'ok no ok ok ok', ['ready', 'ready']],
  ])('%j: %s', async (spec, tries, results) => {
    const left = tries.split(' ');
    const heard: string[] = [];
    const life = new AbortController();
    void watchHealth({
      container: { name: 'main', image: '', readinessProbe: spec },
      clock: fakeClock,
      signal: life.signal,
      check: async () => {
        if (left.length === 1) setTimeout(() => life.abort(), 1);
        return left.shift() === 'ok' ? undefined : 'no';
      },
      onReady: (ready) => void heard.push(ready ? 'ready' : 'unready'),
      onFailure: () => undefined,
      onUnhealthy: () => undefined,
    });
    await pass(60_000);
    expect(heard).toEqual(results);
  });
});

test('without probes a container is ready at once', async () => {
  watch({});
  await pass(0);
  expect(told).toEqual(['0 ready']);
});

test('liveness: first after its delay, then in every period; the third failure kills, and then it is over', async () => {
  healthy.add('liveness');
  watch({ livenessProbe: liveness });
  await pass(8_000);
  expect(told).toEqual(['0 ready']);
  healthy.clear();
  await pass(60_000);
  expect(told.slice(1)).toEqual(['12 Liveness failed', '17 Liveness failed', '22 Liveness failed', '22 kill']);
});

test('tries that take longer than the period follow each other at once: a hung server is killed after 8 × 15 s', async () => {
  tryMs = 15_000;
  watch({ livenessProbe: { ...liveness, periodSeconds: 10, failureThreshold: 8 } });
  await pass(200_000);
  expect(told.at(-1)).toBe('122 kill');
});

test('readiness: unready at first, soon tried again, then in every period, in both directions', async () => {
  watch({ readinessProbe: readiness });
  await pass(9_000);
  const failed = [0, 0.5, 1, 2, 3].map((at) => `${at} Readiness failed`);
  expect(told.filter((one) => one.endsWith('failed'))).toEqual(failed);
  healthy.add('readiness');
  await pass(1_000);
  expect(told.at(-1)).toBe('10 ready');
  healthy.clear();
  await pass(30_000);
  expect(told.at(-1)).toBe('40 unready');
});

test('a program that is up within half a second is ready then', async () => {
  watch({ readinessProbe: readiness });
  await pass(400);
  healthy.add('readiness');
  await pass(1_000);
  expect(told).toEqual(['0 Readiness failed', '0.5 ready']);
});

test('after the end of the process nothing is tried or told', async () => {
  const life = watch({ livenessProbe: liveness, readinessProbe: readiness });
  await pass(1_000);
  const before = told.length;
  life.abort();
  await pass(60_000);
  expect(told).toHaveLength(before);
});
