import type { TestProject } from 'vitest/node';
import { startOurs, startReal, type ApiServer } from './api-server.ts';
import { ownerOf } from '../../undo/dead-containers.ts';
import { removeContainers, whyNoContainers } from './containers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Ours, and the real one where it can be had. */
    apiServers: ApiServer[];
    /** Why there are no real servers; empty when there are. */
    withoutReal: string;
    /** Whose containers those of this run are. */
    owner: string;
  }
}

/** Starts the API servers once for all files. Leftovers of runs that were killed are removed first. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const owner = ownerOf(process.pid);
  const withoutReal = (await whyNoContainers()) ?? '';
  const hasReal = withoutReal === '';
  if (hasReal) await removeContainers(owner);
  else process.stdout.write(`Contract suite without the real servers: ${withoutReal}.\n`);
  const starts = await Promise.allSettled([startOurs(), ...(hasReal ? [startReal(owner)] : [])]);
  const running = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const end = async (): Promise<void> => {
    await Promise.all(running.map(async (one) => await one.end()));
    if (hasReal) await removeContainers(owner);
  };
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed) {
    await end();
    throw failed.reason;
  }
  project.provide(
    'apiServers',
    running.map(({ server }) => server),
  );
  project.provide('withoutReal', withoutReal);
  project.provide('owner', owner);
  return end;
}
