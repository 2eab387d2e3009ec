import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openTestClient, type TestClient, type TestCluster } from './test-api.ts';

export interface ApiProcess extends TestClient {
  readonly child: ChildProcess;
  /** Resolves with the exit code, or the signal's name, when it has ended. */
  readonly ended: Promise<number | string>;
}

const main = join(import.meta.dirname, '../main.ts');

/** The API server as the node agent starts it; resolves when it is ready. */
export async function spawnApi(cluster: TestCluster, flags: readonly string[] = []): Promise<ApiProcess> {
  const { dataDir, serviceRange } = cluster.options;
  const args = [
    main,
    '--advertise-address=127.0.0.1',
    '--secure-port=0',
    `--data-dir=${dataDir}`,
    `--service-cluster-ip-range=${serviceRange}`,
    '--disable-admission-plugins=ServiceAccount',
    ...flags,
  ];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  let url = '';
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    url = /^serving on (.*)$/.exec(line)?.[1] ?? url;
    if (line === 'ready') return { ...openTestClient(url, cluster.ca.cert, cluster.admin), child, ended };
  }
  throw new Error(`The API server ended:\n${lines.join('\n')}`);
}
