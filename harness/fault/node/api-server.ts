import { runningContainers, type TargetContainer } from '../confirm/target-container.ts';
import type { FaultContext } from '../fault.ts';
import { remember, type MemoryKey } from '../memory.ts';

/** The name of the static pod and of its container. */
export const apiServer = 'kube-apiserver';

export interface ApiServerTarget extends TargetContainer {
  /** `NODE/kube-apiserver`. */
  readonly name: string;
}

export const apiServersKey: MemoryKey<readonly ApiServerTarget[]> = { name: 'api-servers' };

/** Finds the API server on every control-plane node and remembers its container. */
export async function findApiServers(context: FaultContext): Promise<readonly string[]> {
  const controlPlane = context.cluster.nodes.filter(({ role }) => role === 'control-plane');
  const found = await runningContainers(controlPlane, apiServer, 'kube-system');
  const targets = found.map((one) => ({ ...one, name: `${one.node.name}/${apiServer}` }));
  remember(context, apiServersKey, targets);
  return targets.map(({ name }) => name);
}
