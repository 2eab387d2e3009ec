import { z } from 'zod';
import type { Run } from '../../core/command.ts';
import type { NodeInfo } from '../../core/events.ts';

/** Kind's own label on the container of every node. */
export const clusterLabel = 'io.x-k8s.kind.cluster';

/** A node as Docker knows it. */
export interface KindNode extends NodeInfo {
  /** For example running, paused, exited. */
  readonly state: string;
  readonly image: string;
  /** Port on the node → address on this machine, such as `127.0.0.1:32768`. */
  readonly ports: ReadonlyMap<number, string>;
}

const inspected = z.array(
  z.object({
    Name: z.string(),
    State: z.object({ Status: z.string() }),
    Config: z.object({ Image: z.string(), Labels: z.record(z.string(), z.string()) }),
    NetworkSettings: z.object({
      Ports: z
        .record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable())
        .nullable(),
      Networks: z.record(z.string(), z.object({ IPAddress: z.string() })),
    }),
  }),
);

/** The nodes of a cluster, control plane first; empty when there is no such cluster. */
export async function listNodes(cluster: string, run: Run): Promise<readonly KindNode[]> {
  const { stdout } = await run(nodeIds(cluster));
  const ids = stdout.split('\n').filter((id) => id !== '');
  if (ids.length === 0) return [];
  return parseNodes((await run(['docker', 'inspect', '--type', 'container', ...ids])).stdout);
}

/** The containers of a cluster, also the ones that do not run. */
export function nodeIds(cluster: string): readonly string[] {
  return ['docker', 'ps', '--all', '--quiet', '--filter', `label=${clusterLabel}=${cluster}`];
}

/** Reads what `docker inspect` prints. A load balancer is no node. */
export function parseNodes(text: string): readonly KindNode[] {
  return inspected
    .parse(JSON.parse(text))
    .flatMap((one): readonly KindNode[] => {
      const role = one.Config.Labels['io.x-k8s.kind.role'];
      if (role !== 'control-plane' && role !== 'worker') return [];
      const address = Object.values(one.NetworkSettings.Networks)[0]?.IPAddress ?? '';
      const ports = Object.entries(one.NetworkSettings.Ports ?? {}).flatMap(([port, bound]) => {
        const first = bound?.[0];
        return first ? [[Number.parseInt(port, 10), `${first.HostIp}:${first.HostPort}`] as const] : [];
      });
      const name = one.Name.replace(/^\//, '');
      return [{ name, role, address, state: one.State.Status, image: one.Config.Image, ports: new Map(ports) }];
    })
    .toSorted((a, b) => a.role.localeCompare(b.role) || a.name.localeCompare(b.name, 'en', { numeric: true }));
}
