import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { RunEvent } from '../core/events.ts';
import { readEventLog } from '../core/event-log.ts';
import { parseResult, type Result } from '../verdict/result.ts';

const bin = new URL('../cli/bin.js', import.meta.url).pathname;

/** A finished command. */
export interface Finished {
  readonly exitCode: number | null;
  readonly output: string;
}

/** A finished run, with what it wrote. */
export interface FinishedRun extends Finished {
  readonly folder: string;
  readonly result: Result;
  readonly events: readonly RunEvent[];
}

/** A running `blackstart run`, for tests that interfere. */
export interface RunningRun {
  readonly child: ChildProcess;
  /** Resolves when a line of progress matches; rejects when the run ends without one. */
  seen(pattern: RegExp): Promise<void>;
  readonly finished: Promise<FinishedRun>;
}

/** Runs any command of the CLI. */
export async function blackstart(...args: readonly string[]): Promise<Finished> {
  return await start(args).finished;
}

/** Runs an experiment to its end. Results go to a folder of their own. */
export async function runExperiment(...args: readonly string[]): Promise<FinishedRun> {
  return await startExperiment(...args).finished;
}

/** Starts an experiment. What it wrote is kept when the test fails, or where `BLACKSTART_TEST_RUNS` says. */
export function startExperiment(...args: readonly string[]): RunningRun {
  const keptIn = process.env['BLACKSTART_TEST_RUNS'];
  const runs = mkdtempSync(join(keptIn ?? tmpdir(), 'blackstart-runs-'));
  onTestFinished(({ task }) => {
    if (keptIn === undefined && task.result?.state !== 'fail') rmSync(runs, { recursive: true });
  });
  const { child, seen, finished } = start(['run', ...args, '--runs', runs]);
  return { child, seen, finished: finished.then((end) => ({ ...end, ...readRun(runs) })) };
}

function readRun(runs: string): Pick<FinishedRun, 'folder' | 'result' | 'events'> {
  const experiment = readdirSync(runs).find((name) => name !== 'latest') ?? '';
  const [time = ''] = readdirSync(join(runs, experiment));
  const folder = join(runs, experiment, time);
  const result = parseResult(JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')));
  return { folder, result, events: readEventLog(join(folder, 'events.jsonl')) };
}

/** Starts any command of the CLI. */
export function start(
  args: readonly string[],
): Pick<RunningRun, 'child' | 'seen'> & { readonly finished: Promise<Finished> } {
  const child = spawn(process.execPath, [bin, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      output += chunk;
      if (process.env['BLACKSTART_TEST_VERBOSE']) process.stderr.write(chunk);
      for (const watcher of watchers) watcher();
    });
  }
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (exitCode) => resolve({ exitCode, output }));
  });
  const seen = async (pattern: RegExp): Promise<void> =>
    await new Promise((resolve, reject) => {
      const check = (): void => {
        if (!pattern.test(output)) return;
        watchers.delete(check);
        resolve();
      };
      watchers.add(check);
      check();
      void finished.then(() => reject(new Error(`ended without ${pattern}:\n${output}`)));
    });
  return { child, seen, finished };
}
