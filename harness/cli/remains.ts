import { run } from '../core/command.ts';
import { messageOf } from '../core/errors.ts';
import { deadContainers, removalOf } from '../undo/dead-containers.ts';
import { backendNames, openBackend } from './backend.ts';
import { print } from './terminal.ts';

/** Something that is ours and that no undo log knows of. */
interface Remains {
  readonly describe: string;
  readonly removal: readonly string[];
}

/**
 * Files about clusters that are gone, and containers of test runs whose process is gone. What cannot be looked at, as
 * without Docker, is told and left alone.
 */
export async function findRemains(): Promise<readonly Remains[]> {
  const looks = [deadTestContainers(), ...backendNames.map(filesOfGoneClusters)];
  const found = await Promise.allSettled(looks);
  return found.flatMap((look) => {
    if (look.status === 'fulfilled') return look.value;
    print(`Not looked at: ${messageOf(look.reason)}\n`);
    return [];
  });
}

async function deadTestContainers(): Promise<readonly Remains[]> {
  const containers = await deadContainers(run);
  return containers.map(({ id, image }) => {
    const short = id.slice(0, 12);
    return { describe: `container ${short} (${image}): its process is gone`, removal: removalOf([short]) };
  });
}

async function filesOfGoneClusters(backend: string): Promise<readonly Remains[]> {
  const gone = await openBackend(backend).gone();
  return gone.flatMap(({ name, folder, doubt }) => {
    if (doubt === undefined) {
      return [{ describe: `files about ${name}, a ${backend} cluster that is gone`, removal: ['rm', '-r', folder] }];
    }
    print(`Left alone: files about ${name}: ${doubt}\n`);
    return [];
  });
}
