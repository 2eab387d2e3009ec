import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ContainerRecords } from './container-records.ts';
import { ContainerRunner, type ContainerHost } from './container-runner.ts';
import type { PodProcess } from './pod-process.ts';
import { ContainerProblem } from './programs.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { samplePod } from './testing/sample-pod.ts';

interface FakeProcess extends PodProcess {
  readonly image: string;
  readonly signals: string[];
  end(code: number): void;
}

let folder: string;
let clock: ManualClock;
let processes: FakeProcess[];
let events: string[];
/** What the next preparation throws. */
let problem: ContainerProblem | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-runner-'));
  clock = new ManualClock();
  processes = [];
  events = [];
  problem = undefined;
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Ends by SIGKILL only; `end` is for everything else. */
function fakeProcess(image: string): FakeProcess {
  const exited = Promise.withResolvers<number>();
  const signals: string[] = [];
  return {
    pid: 0,
    image,
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
    clock,
    restartPolicy: 'Always',
    graceS: () => 30,
    prepare: async ({ image }) => {
      if (problem) throw problem;
      return { argv: [image], env: {}, cwd: '/' };
    },
    start: async ({ argv }) => {
      const process = fakeProcess(argv[0] ?? '');
      processes.push(process);
      return process;
    },
    newRecord: ({ name }) => records.add(samplePod(), name),
    check: async () => undefined,
    event: (_, reason) => events.push(reason),
    changed: () => undefined,
    ...rest,
  };
  return new ContainerRunner({ name: 'main', image: 'a', ...container }, host, 'ContainerCreating');
}

const newest = (): FakeProcess => processes.at(-1) ?? fakeProcess('none');

/** Ends the newest process and lets everything follow that needs no time. */
async function crash(code = 1): Promise<void> {
  newest().end(code);
  await clock.pass(0);
}

describe('restarts', () => {
  test('the first comes at once, the second after 10 s, the third after 20 s', async () => {
    const runner = start();
    void runner.run();
    await clock.pass(0);
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
    await clock.pass(9_999);
    expect(processes).toHaveLength(2);
    await clock.pass(1);
    expect(processes).toHaveLength(3);
    await crash();
    await clock.pass(19_999);
    expect(processes).toHaveLength(3);
    await clock.pass(1);
    expect(runner.status()).toMatchObject({ restartCount: 3, state: { running: {} } });
    expect(events.filter((reason) => reason === 'BackOff')).toHaveLength(2);
  });

  test('what waits starts at once when the back-off is forgotten, and the next crash counts as the first', async () => {
    const runner = start();
    void runner.run();
    await clock.pass(0);
    await crash();
    await crash();
    runner.forgetBackOff();
    await clock.pass(0);
    expect(processes).toHaveLength(3);
    await crash();
    expect(processes).toHaveLength(4);
  });

  test.each([
    ['Always', 0, true],
    ['OnFailure', 0, false],
    ['OnFailure', 1, true],
    ['Never', 1, false],
  ] as const)('policy %s after exit code %d: %s', async (restartPolicy, code, again) => {
    const runner = start({ restartPolicy });
    const over = runner.run();
    await clock.pass(0);
    await crash(code);
    expect(processes).toHaveLength(again ? 2 : 1);
    if (again) return;
    await over;
    expect(runner.exitCode).toBe(code);
    expect(runner.status().state).toMatchObject({
      terminated: { exitCode: code, reason: code ? 'Error' : 'Completed' },
    });
  });
});

test('between two processes a container waits; it never runs without a start', async () => {
  const second = Promise.withResolvers<void>();
  const runner = start({
    start: async () => {
      if (processes.length > 0) await second.promise;
      processes.push(fakeProcess('a'));
      return newest();
    },
  });
  void runner.run();
  await clock.pass(0);
  await crash();
  expect(runner.status()).toMatchObject({ state: { waiting: { reason: 'ContainerCreating' } }, restartCount: 1 });
  second.resolve();
  await clock.pass(0);
  expect(runner.status().state.running?.startedAt).toMatch(/^\d{4}-/);
});

describe('the end', () => {
  test('SIGTERM first, SIGKILL when the grace period is over', async () => {
    const runner = start();
    const over = runner.run();
    await clock.pass(0);
    void runner.stop(30);
    await clock.pass(29_999);
    expect(newest().signals).toEqual(['SIGTERM']);
    await clock.pass(1);
    expect(newest().signals).toContain('SIGKILL');
    await over;
    expect(processes).toHaveLength(1);
    expect(runner.exitCode).toBe(137);
  });

  test('a shorter grace period overtakes the first one', async () => {
    const runner = start();
    void runner.run();
    await clock.pass(0);
    void runner.stop(30);
    await runner.stop(0);
    expect(newest().signals).toEqual(['SIGTERM', 'SIGKILL']);
  });

  test('what waits for its restart ends without another start', async () => {
    const runner = start();
    const over = runner.run();
    await clock.pass(0);
    await crash();
    await crash();
    await runner.stop(30);
    await over;
    expect(processes).toHaveLength(2);
  });
});

describe('a new image', () => {
  test('replaces the running process, at once and without back-off', async () => {
    const runner = start();
    void runner.run();
    await clock.pass(0);
    await crash();
    runner.update({ name: 'main', image: 'b' });
    expect(newest().signals).toEqual(['SIGTERM']);
    await crash(0);
    expect(processes.map(({ image }) => image)).toEqual(['a', 'a', 'b']);
    runner.update({ name: 'main', image: 'b' });
    expect(newest().signals).toEqual([]);
  });

  test('ends the wait for a bad one', async () => {
    problem = new ContainerProblem('ErrImagePull', 'no such image');
    const runner = start();
    void runner.run();
    await clock.pass(0);
    problem = undefined;
    runner.update({ name: 'main', image: 'b' });
    await clock.pass(0);
    expect(processes.map(({ image }) => image)).toEqual(['b']);
  });
});

describe('what cannot be started', () => {
  test('an image that is not there: ErrImagePull, then ImagePullBackOff with waits of 10 s, 20 s, …', async () => {
    problem = new ContainerProblem('ErrImagePull', 'no such image');
    const runner = start();
    void runner.run();
    await clock.pass(0);
    expect(runner.status()).toMatchObject({ state: { waiting: { reason: 'ErrImagePull', message: 'no such image' } } });
    await clock.pass(5_000);
    expect(runner.status().state.waiting?.reason).toBe('ImagePullBackOff');
    await clock.pass(5_000);
    expect(runner.status().state.waiting?.reason).toBe('ErrImagePull');
    problem = undefined;
    await clock.pass(19_999);
    expect(processes).toHaveLength(0);
    await clock.pass(1);
    expect(processes).toHaveLength(1);
  });

  test('a missing key: CreateContainerConfigError, tried again every 10 s', async () => {
    problem = new ContainerProblem('CreateContainerConfigError', 'no such key');
    const runner = start();
    void runner.run();
    await clock.pass(10_000);
    expect(runner.status().state).toEqual({
      waiting: { reason: 'CreateContainerConfigError', message: 'no such key' },
    });
    problem = undefined;
    await clock.pass(10_000);
    expect(processes).toHaveLength(1);
  });

  test('a command that is not there is a crash with code 128', async () => {
    problem = new ContainerProblem('StartError', 'no such command');
    const runner = start();
    void runner.run();
    await clock.pass(0);
    expect(runner.status()).toMatchObject({
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 128, reason: 'StartError', message: 'no such command' } },
      restartCount: 1,
    });
  });
});

test('a liveness probe that fails replaces the process', async () => {
  const livenessProbe = { periodSeconds: 1, failureThreshold: 2, terminationGracePeriodSeconds: 3 };
  const runner = start({ container: { livenessProbe }, check: async () => 'no answer' });
  void runner.run();
  await clock.pass(1_000);
  expect(newest().signals).toEqual(['SIGTERM']);
  await clock.pass(3_000);
  expect(processes).toHaveLength(2);
  expect(events).toEqual(['Started', 'Unhealthy', 'Unhealthy', 'Killing', 'Started', 'Unhealthy']);
});
