import type { Run } from '../core/command.ts';
import type { KubeObject } from './client.ts';

export interface ApplyOptions {
  /** `kubectl` with its kubeconfig, as an argv to which arguments are added. */
  readonly kubectl: readonly string[];
  readonly run: Run;
  readonly signal?: AbortSignal | undefined;
  /** For objects that name none. Default: the kubeconfig's own. */
  readonly namespace?: string;
}

/** Wall time for a workload to be rolled out; images are on the nodes or have to be pulled. */
const rolloutTimeoutS = 180;
const rolledOutKinds: ReadonlySet<string> = new Set(['Deployment', 'DaemonSet', 'StatefulSet']);

/** Creates or updates objects (server-side apply), namespaces first. */
export async function applyObjects(objects: readonly KubeObject[], options: ApplyOptions): Promise<void> {
  const namespacesFirst = objects.toSorted((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'));
  // kubectl refuses objects of another namespace beside `-n`, so those that name one go by themselves.
  const [named, unnamed] = [true, false].map((isNamed) =>
    namespacesFirst.filter(
      (object) => (object.metadata.namespace !== undefined || object.kind === 'Namespace') === isNamed,
    ),
  ) as [KubeObject[], KubeObject[]];
  await applyGroup(named, [], options);
  await applyGroup(unnamed, options.namespace === undefined ? [] : ['-n', options.namespace], options);
}

async function applyGroup(
  items: readonly KubeObject[],
  flags: readonly string[],
  options: ApplyOptions,
): Promise<void> {
  if (items.length === 0) return;
  const argv = [
    ...options.kubectl,
    'apply',
    '--server-side',
    '--force-conflicts',
    '--field-manager=blackstart',
    ...flags,
  ];
  await options.run([...argv, '-f', '-'], {
    input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    signal: options.signal,
  });
}

/** Waits until every workload among the objects runs with the replicas that it declares (none is rolled out at once). */
export async function waitRolledOut(objects: readonly KubeObject[], options: ApplyOptions): Promise<void> {
  const workloads = objects.filter((object) => rolledOutKinds.has(object.kind));
  await Promise.all(
    workloads.map(async ({ kind, metadata }) => {
      const namespace = metadata.namespace ?? options.namespace;
      const flags = [...(namespace === undefined ? [] : ['-n', namespace]), `--timeout=${rolloutTimeoutS}s`];
      await options.run([...options.kubectl, 'rollout', 'status', `${kind.toLowerCase()}/${metadata.name}`, ...flags], {
        timeoutMs: (rolloutTimeoutS + 10) * 1_000,
        signal: options.signal,
      });
    }),
  );
}
