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
import { nobodyListens } from './socket.ts';
import { hostRuns, readHost, stateFolder } from './state-folder.ts';

const path = process.argv[2] ?? '';
try {
  assertOurName(basename(path));
  const folder = stateFolder(dirname(path), basename(path));
  const host = readHost(folder);
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
  } else if (!(await nobodyListens(folder.hostSocket))) {
    // In a container that shares the folder, for example: it cannot be ended from here.
    throw new Error(`${path} is in use by a host that has no process here: delete it from where it was made`);
  }
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
} catch (problem) {
  process.stderr.write(`${messageOf(problem)}\n`);
  process.exitCode = 1;
}
