/** Containers of the real servers: never pulled, on the host's network, labeled as ours and with the process that they belong to. */
import { BlackstartError } from '../../core/errors.ts';
import { run, tryRun } from '../../core/command.ts';
import { deadContainers, ownedContainers, ownedLabels, removalOf } from '../../undo/dead-containers.ts';

export const images = {
  etcd: 'registry.k8s.io/etcd:3.6.5-0',
  apiServer: 'registry.k8s.io/kube-apiserver:v1.34.4',
  coreDns: 'registry.k8s.io/coredns/coredns:v1.12.1',
} as const;

interface ContainerSpec {
  readonly image: string;
  readonly command: readonly string[];
  /** Process that the container must not outlive, as `ownerOf` writes it. */
  readonly owner: string;
  /** Text by path in the container. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningContainer {
  /** What it has written so far. */
  readonly output: () => Promise<string>;
  /** Ends it at once and removes it. */
  readonly remove: () => Promise<void>;
}

/** Why the real servers cannot be had here, in one line; undefined when they can. */
export async function whyNoContainers(): Promise<string | undefined> {
  try {
    const { exitCode } = await tryRun(['docker', 'version', '--format', '{{.Server.Version}}']);
    if (exitCode !== 0) return 'Docker does not run';
    for (const image of Object.values(images)) {
      const found = await tryRun(['docker', 'image', 'inspect', '--format', '{{.Id}}', image]);
      if (found.exitCode !== 0) return `the image ${image} is not here, and nothing is pulled`;
    }
    return undefined;
  } catch (problem) {
    if (problem instanceof BlackstartError && problem.code === 'environment') return 'Docker is not installed';
    throw problem;
  }
}

/** Resolves when it runs, which is before it serves. */
export async function startContainer(spec: ContainerSpec): Promise<RunningContainer> {
  // The helper container that would remove ours has an image that may not be here; the labels do instead.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  // Loads slowly, and is not needed where only our own servers take part.
  const { GenericContainer } = await import('testcontainers');
  const contents = Object.entries(spec.files ?? {}).map(([target, content]) => ({ target, content }));
  const container = await new GenericContainer(spec.image)
    .withNetworkMode('host')
    .withLabels(ownedLabels(spec.owner))
    .withEnvironment({ ...spec.env })
    .withCopyContentToContainer(contents)
    .withCommand([...spec.command])
    .start();
  return {
    output: async () => {
      const { stdout, stderr } = await run(['docker', 'logs', container.getId()]);
      return `${stdout}\n${stderr}`;
    },
    remove: async () => void (await container.stop({ timeout: 0 })),
  };
}

/** Removes the containers of one process and of all processes that are gone. */
export async function removeContainers(of: string): Promise<void> {
  const own = (await ownedContainers(run)).filter(({ owner }) => owner === of);
  const ids = new Set([...own, ...(await deadContainers(run))].map(({ id }) => id));
  // One that is going away already is none of our worries.
  if (ids.size > 0) await tryRun(removalOf([...ids]));
}
