import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ContainerRecords } from './container-records.ts';
import { ContainerRunner, type ContainerHost } from './container-runner.ts';
import type { PodProcess } from './pod-process.ts';
import { ContainerProblem } from './programs.ts';
import { fakeClock, useFakeClock } from './testing/fake-clock.ts';

interface FakeProcess extends PodProcess {
  readonly signals: string[];
  end(code: number): void;
}

let folder: string;
let processes: FakeProcess[];
let events: string[];
/** What the next preparation throws. */
let problem: ContainerProblem | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-runner-'));
  useFakeClock();
  processes = [];
  events = [];
  problem = undefined;
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const pass = async (ms: number): Promise<unknown> => await vi.advanceTimersByTimeAsync(ms);

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', uid: 'u-1' }, spec: { containers: [] } };

/** Ends by SIGKILL only; `end` is for everything else. */
function fakeProcess(): FakeProcess {
  const exited = Promise.withResolvers<number>();
  const signals: string[] = [];
  return {
    pid: 0,
    signals,
    exited: exited.promise,
    signal: (name) => {
      signals.push(name);
      if (name === 'SIGKILL') exited.resolve(137);
    },
    end: exited.resolve,
  };
}

function start(options: Partial<ContainerHost> & { container?: object } = {}): ContainerRunner {
  const records = new ContainerRecords(folder);
  const { container, ...rest } = options;
  const host: ContainerHost = {
    clock: fakeClock,
    graceS: () => 30,
    prepare: () => {
      if (problem) throw problem;
      return { argv: [], env: {}, cwd: '/' };
    },
    start: async () => {
      processes.push(fakeProcess());
      return newest();
    },
    newRecord: () => records.add(pod, 'main'),
    check: async () => undefined,
    event: (reason) => void events.push(reason),
    changed: () => undefined,
    ...rest,
  };
  return new ContainerRunner({ name: 'main', image: 'a', ...container }, host);
}

const newest = (): FakeProcess => processes.at(-1) ?? fakeProcess();

/** Ends the newest process and lets everything follow that needs no time. */
async function crash(code = 1): Promise<void> {
  newest().end(code);
  await pass(0);
}

describe('restarts', () => {
  test('the first comes at once, the second after 10 s, the third after 20 s', async () => {
    const runner = start();
    void runner.run();
    await pass(0);
    expect(runner.status()).toMatchObject({ ready: true, restartCount: 0, state: { running: {} }, lastState: {} });
    await crash(3);
    expect(processes).toHaveLength(2);
    expect(runner.status()).toMatchObject({
      restartCount: 1,
      state: { running: {} },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    });
    await crash();
    expect(runner.status()).toMatchObject({ ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } } });
    await pass(9_999);
    expect(processes).toHaveLength(2);
    await pass(1);
    expect(processes).toHaveLength(3);
    await crash();
    await pass(19_999);
    expect(processes).toHaveLength(3);
    await pass(1);
    expect(runner.status()).toMatchObject({ restartCount: 3, state: { running: {} } });
    expect(events.filter((reason) => reason === 'BackOff')).toHaveLength(2);
  });

  test('what waits starts at once when the back-off is forgotten, and the next crash counts as the first', async () => {
    const runner = start();
    void runner.run();
    await pass(0);
    await crash();
    await crash();
    runner.forgetBackOff();
    await pass(0);
    expect(processes).toHaveLength(3);
    await crash();
    expect(processes).toHaveLength(4);
  });

  test('are later each time, up to 5 min, and at once again after a life of more than 10 min', async () => {
    const runner = start();
    void runner.run();
    await pass(0);
    const crashAfter = async (lifeMs: number): Promise<number> => {
      await pass(lifeMs);
      const endedMs = fakeClock.monotonicMs();
      const count = processes.length;
      await crash();
      while (processes.length === count) await pass(1_000);
      return (fakeClock.monotonicMs() - endedMs) / 1_000;
    };
    const waits: number[] = [];
    for (let count = 0; count < 8; count += 1) waits.push(await crashAfter(100));
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
    expect(await crashAfter(600_000)).toBe(300);
    expect(await crashAfter(600_001)).toBe(0);
    expect(await crashAfter(1_000)).toBe(10);
  });
});

test('between two processes a container waits; it never runs without a start', async () => {
  const second = Promise.withResolvers<void>();
  const runner = start({
    start: async () => {
      if (processes.length > 0) await second.promise;
      processes.push(fakeProcess());
      return newest();
    },
  });
  void runner.run();
  await pass(0);
  await crash();
  expect(runner.status()).toMatchObject({ state: { waiting: { reason: 'ContainerCreating' } }, restartCount: 1 });
  second.resolve();
  await pass(0);
  expect(runner.status().state.running?.startedAt).toMatch(/^\d{4}-/);
});

describe('the end', () => {
  test('SIGTERM first, SIGKILL when the grace period is over', async () => {
    const runner = start();
    const over = runner.run();
    await pass(0);
    runner.stop(30);
    await pass(29_999);
    expect(newest().signals).toEqual(['SIGTERM']);
    await pass(1);
    expect(newest().signals).toContain('SIGKILL');
    await over;
    expect(processes).toHaveLength(1);
  });

  test('a shorter grace period overtakes the first one', async () => {
    const runner = start();
    void runner.run();
    await pass(0);
    runner.stop(30);
    runner.stop(0);
    expect(newest().signals).toEqual(['SIGTERM', 'SIGKILL']);
  });

  test('what waits for its restart ends without another start', async () => {
    const runner = start();
    const over = runner.run();
    await pass(0);
    await crash();
    await crash();
    runner.stop(30);
    await over;
    expect(processes).toHaveLength(2);
  });
});

describe('what cannot be started', () => {
  test.each(['ErrImagePull', 'RunContainerError'] as const)('waits with %s, and is no attempt', async (reason) => {
    problem = new ContainerProblem(reason, 'no such thing');
    const runner = start();
    void runner.run();
    await pass(600_000);
    const waiting = { reason, message: 'no such thing' };
    expect(runner.status()).toMatchObject({ state: { waiting }, restartCount: 0, imageID: '' });
    expect(events).toEqual(['Failed', 'Failed', 'Failed']);
    runner.stop(0);
  });

  test('a program that is not there is a crash with code 128', async () => {
    const runner = start({ start: async () => await Promise.reject(new Error('ENOENT')) });
    void runner.run();
    await pass(0);
    expect(runner.status()).toMatchObject({
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 128, reason: 'StartError' } },
      restartCount: 1,
    });
  });
});

test('a liveness probe that fails replaces the process', async () => {
  const livenessProbe = { periodSeconds: 1, failureThreshold: 2 };
  const runner = start({ container: { livenessProbe }, graceS: () => 3, check: async () => 'no answer' });
  void runner.run();
  await pass(1_000);
  expect(newest().signals).toEqual(['SIGTERM']);
  await pass(3_000);
  expect(processes).toHaveLength(2);
  expect(events).toEqual(['Started', 'Unhealthy', 'Unhealthy', 'Killing', 'Started', 'Unhealthy']);
});
