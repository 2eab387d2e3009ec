/**
 * A program: `node delete-cluster.ts FOLDER`. Ends the host of an embedded cluster, which ends everything else, and
 * removes the cluster's folder. A cluster that is gone is fine.
 */
import { rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import { poll } from '../../core/poll.ts';
import { assertOurName } from '../ownership.ts';
import { hostRuns, readHost, stateFolder } from './state-folder.ts';

const path = process.argv[2] ?? '';
try {
  assertOurName(basename(path));
  const host = readHost(stateFolder(dirname(path), basename(path)));
  if (host && hostRuns(host)) {
    // The host ends its nodes, and they their pods, within their grace periods; then it is killed.
    process.kill(host.pid, 'SIGTERM');
    const gone = async (): Promise<true | undefined> => (hostRuns(host) ? undefined : true);
    const wait = { clock: systemClock, intervalMs: 50, what: `host ${host.pid} to end` };
    try {
      await poll(gone, { ...wait, timeoutMs: 20_000 });
    } catch {
      process.kill(host.pid, 'SIGKILL');
      await poll(gone, { ...wait, timeoutMs: 10_000 });
    }
  }
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
} catch (problem) {
  process.stderr.write(`${messageOf(problem)}\n`);
  process.exitCode = 1;
}
