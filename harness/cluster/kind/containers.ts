import { z } from 'zod';
import type { Run } from '../../core/command.ts';
import type { Containers, NodeContainer } from '../cluster.ts';
import { freezeContainer, holdContainer, isContainerFrozen } from './freeze.ts';
import { containerId, plainName, runInNode } from './node-script.ts';

/** One line of JSON per container. A container that goes away between the two commands is simply not there. */
const find =
  'ids=$(crictl ps -a -q --label "io.kubernetes.container.name=$1") || exit 1; for id in $ids; do crictl inspect -q -o go-template --template "{{json .status}}" "$id" 2>/dev/null || true; done';

const stop = 'crictl stop -t 0 "$1"';

const status = z.object({
  id: z.string(),
  metadata: z.object({ name: z.string(), attempt: z.number().default(0) }),
  state: z.string(),
  createdAt: z.string(),
  startedAt: z.string().default(''),
  labels: z.record(z.string(), z.string()).default({}),
});

const states: Readonly<Record<string, NodeContainer['state']>> = {
  CONTAINER_CREATED: 'created',
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
};

/** The containers of a node, by way of crictl: works with the API down. */
export function nodeContainers(node: string, run: Run): Containers {
  return {
    find: async (name) => parseContainers(await runInNode(run, node, find, [plainName(name)])),
    stop: async (id) => {
      await runInNode(run, node, stop, [containerId(id)]);
    },
    freeze: (container, withinMs) => freezeContainer(node, container, withinMs, run),
    hold: (container, withinMs) => holdContainer(node, container, withinMs, run),
    isFrozen: async (id) => await isContainerFrozen(node, id, run),
  };
}

/** Reads what `crictl inspect` prints, one object per line; newest first. */
export function parseContainers(text: string): readonly NodeContainer[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => status.parse(JSON.parse(line)))
    .toSorted((a, b) => comparable(b.createdAt).localeCompare(comparable(a.createdAt)))
    .map((one) => ({
      id: one.id,
      name: one.metadata.name,
      pod: one.labels['io.kubernetes.pod.name'] ?? '',
      namespace: one.labels['io.kubernetes.pod.namespace'] ?? '',
      attempt: one.metadata.attempt,
      state: states[one.state] ?? 'unknown',
      // The zero time of Go: it never ran.
      startedAt: one.startedAt.startsWith('0001-') ? '' : one.startedAt,
    }));
}

/** Trailing zeros of the fraction are left out by Go; with them, times compare as text. */
function comparable(time: string): string {
  return time.replace('Z', '').padEnd(29, '0');
}
