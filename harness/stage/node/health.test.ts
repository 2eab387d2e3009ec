import { beforeEach, describe, expect, test } from 'vitest';
import { watchHealth } from './health.ts';
import type { Container, ProbeSpec } from './pod.ts';
import { ProbeCounter } from './probe-counter.ts';
import { ManualClock } from './testing/manual-clock.ts';

describe('a result comes after enough equal tries in a row', () => {
  test.each([
    [{}, 'ok', [true]],
    [{}, 'no no no', [undefined, undefined, false]],
    [{ failureThreshold: 1 }, 'no', [false]],
    [{}, 'no no ok no no', [undefined, undefined, true, undefined, undefined]],
    [{ successThreshold: 2 }, 'ok no ok ok ok', [undefined, undefined, undefined, true, true]],
  ])('%j: %s', (spec, tries, results) => {
    const counter = new ProbeCounter(spec);
    expect(tries.split(' ').map((one) => counter.observe(one === 'ok'))).toEqual(results);
  });
});

const startup: ProbeSpec = { periodSeconds: 1, failureThreshold: 3, exec: { command: ['startup'] } };
const liveness: ProbeSpec = { initialDelaySeconds: 2, periodSeconds: 5, exec: { command: ['liveness'] } };
const readiness: ProbeSpec = { periodSeconds: 10, exec: { command: ['readiness'] } };

let clock: ManualClock;
let told: string[];
/** Which probes succeed now. */
let healthy: Set<string>;

beforeEach(() => {
  clock = new ManualClock();
  told = [];
  healthy = new Set();
  tryMs = 0;
});

/** How long each try takes. */
let tryMs: number;

function watch(probes: Partial<Container>): AbortController {
  const life = new AbortController();
  const tell = (what: string): unknown => told.push(`${clock.monotonicMs() / 1_000} ${what}`);
  void watchHealth({
    container: { name: 'main', image: '', ...probes },
    clock,
    signal: life.signal,
    check: async ({ exec }) => {
      if (tryMs > 0) await clock.sleep(tryMs);
      return healthy.has(exec?.command?.[0] ?? '') ? undefined : 'no';
    },
    onStarted: () => tell('started'),
    onReady: (ready) => tell(ready ? 'ready' : 'unready'),
    onFailure: (kind) => tell(`${kind} failed`),
    onUnhealthy: (kind) => tell(`${kind} kills`),
  });
  return life;
}

test('without probes a container is started and ready at once', async () => {
  watch({});
  await clock.pass(0);
  expect(told).toEqual(['0 started', '0 ready']);
});

test('liveness: first after its delay, then in every period; the third failure kills, and then it is over', async () => {
  healthy.add('liveness');
  watch({ livenessProbe: liveness });
  await clock.pass(8_000);
  expect(told).toEqual(['0 started', '0 ready']);
  healthy.clear();
  await clock.pass(60_000);
  expect(told.slice(2)).toEqual([
    '12 liveness failed',
    '17 liveness failed',
    '22 liveness failed',
    '22 liveness kills',
  ]);
});

test('tries that take longer than the period follow each other at once: a hung server is killed after 8 × 15 s', async () => {
  tryMs = 15_000;
  watch({ livenessProbe: { ...liveness, periodSeconds: 10, failureThreshold: 8 } });
  await clock.pass(200_000);
  expect(told.at(-1)).toBe('122 liveness kills');
});

test('readiness: unready at first, tried again after 1 and 2 s, then in every period, in both directions', async () => {
  watch({ readinessProbe: readiness });
  await clock.pass(9_000);
  expect(told).toEqual(['0 started', '0 readiness failed', '1 readiness failed', '2 readiness failed', '2 unready']);
  healthy.add('readiness');
  await clock.pass(1_000);
  expect(told.slice(5)).toEqual(['10 ready']);
  healthy.clear();
  await clock.pass(30_000);
  expect(told.slice(6).at(-1)).toBe('40 unready');
});

test('a program that is up within a second is ready then', async () => {
  watch({ readinessProbe: readiness });
  await clock.pass(500);
  healthy.add('readiness');
  await clock.pass(1_000);
  expect(told).toEqual(['0 started', '0 readiness failed', '1 ready']);
});

test('the other probes wait for the startup probe', async () => {
  healthy.add('readiness').add('liveness');
  watch({ startupProbe: startup, livenessProbe: liveness, readinessProbe: readiness });
  await clock.pass(1_500);
  expect(told).toEqual(['0 startup failed', '1 startup failed']);
  healthy.add('startup');
  await clock.pass(500);
  expect(told.slice(2)).toEqual(['2 started', '2 ready']);
});

test('a startup probe that fails too often kills', async () => {
  watch({ startupProbe: startup, livenessProbe: liveness });
  await clock.pass(60_000);
  expect(told.slice(2)).toEqual(['2 startup failed', '2 startup kills']);
});

test('after the end of the process nothing is tried or told', async () => {
  const life = watch({ livenessProbe: liveness, readinessProbe: readiness });
  await clock.pass(1_000);
  const before = told.length;
  life.abort();
  await clock.pass(60_000);
  expect(told).toHaveLength(before);
});
