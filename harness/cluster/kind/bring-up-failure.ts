import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { CommandError, type Run } from '../../core/command.ts';
import { BlackstartError, messageOf } from '../../core/errors.ts';
import type { ClusterContext } from '../cluster.ts';
import { clusterLabel, nodeIds } from './node-list.ts';

/** Keeps the logs of the nodes, if there are nodes, and makes the error that tells what went wrong. */
export async function bringUpFailure(
  problem: unknown,
  cluster: string,
  { runFolder, signal }: Pick<ClusterContext, 'runFolder' | 'signal'>,
  run: Run,
): Promise<BlackstartError> {
  const folder = join(runFolder, 'node-logs');
  const kept = await keepLogs(cluster, folder, run, signal);
  const lines = problem instanceof CommandError ? usefulLines(problem.result) : [messageOf(problem)];
  return new BlackstartError('cluster', `Cluster '${cluster}' could not be created:\n${lines.join('\n')}`, {
    hint: kept
      ? `The logs of its nodes are in ${folder}. Then run \`npm run -s blackstart -- doctor\`.`
      : 'Run `npm run -s blackstart -- doctor`: it checks Docker, limits and the node image.',
    cause: problem,
  });
}

/** True when there are logs. Of a node that never came up kind gets only a part, and fails; that part is kept. */
async function keepLogs(cluster: string, folder: string, run: Run, signal: AbortSignal): Promise<boolean> {
  try {
    const { stdout } = await run(nodeIds(cluster));
    if (stdout.trim() === '') return false;
    await run(['kind', 'export', 'logs', folder, '--name', cluster], { timeoutMs: 120_000, signal });
  } catch {
    // The error to tell is the one that brought us here.
  }
  return existsSync(folder);
}

/** What kind printed, without its progress and Go's stack trace: at most 12 lines, the reason among them. */
export function usefulLines(output: { readonly stdout: string; readonly stderr: string }): readonly string[] {
  const lines = `${output.stdout}\n${output.stderr}`
    .split('\n')
    .map((line) => line.trimEnd())
    .filter(
      (line) =>
        line !== '' &&
        !/^\s*[•✓]|^Stack Trace|^\s*(github\.com|sigs\.k8s\.io|runtime\.|main\.)|^\t?\S+\.(go|s):\d+/u.test(line),
    );
  const reason = lines.filter((line) =>
    /^(ERROR|error execution|\[kubelet-check\]|.*(denied|not found|no space|timed out))/i.test(line),
  );
  return [...new Set([...reason.slice(0, 4), ...lines.slice(-8)])];
}

/**
 * An interrupted `kind create` leaves `docker run` commands behind that go on by themselves, and Docker finishes what it
 * was asked for even when those are gone. Waits until they ended and no container came for a while (30 s at the most), or
 * the deletion that follows would miss some.
 */
export async function waitForLateContainers(cluster: string, run: Run, clock: Clock): Promise<void> {
  const deadlineMs = clock.monotonicMs() + 30_000;
  let before = '';
  let quietSinceMs = clock.monotonicMs();
  while (clock.monotonicMs() < deadlineMs && clock.monotonicMs() - quietSinceMs < quietMs) {
    const { stdout } = await run(nodeIds(cluster));
    if (stdout !== before || (await isDockerRunning(cluster, run))) quietSinceMs = clock.monotonicMs();
    before = stdout;
    await clock.sleep(250);
  }
}

/** On a busy machine (two cores, load 8) a container came 2 s after the interruption. */
const quietMs = 3_000;

/** True while a `docker run` for a node of this cluster is alive. */
async function isDockerRunning(cluster: string, run: Run): Promise<boolean> {
  try {
    await run(['pgrep', '-f', `docker run .*${clusterLabel}=${cluster} `]);
    return true;
  } catch {
    // None, or this machine has no pgrep: then the quiet time alone must do.
    return false;
  }
}
