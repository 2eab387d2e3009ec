import {
  secondApiServer as name,
  secondApiServerManifest,
  secondApiServerPort,
} from '../../cluster/second-api-server.ts';
import { BlackstartError } from '../../core/errors.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import { apiServer } from '../../fault/node/api-server.ts';
import type { Way } from '../context.ts';
import { clusterDoor } from '../door.ts';

/** Beyond the rung's own time: a timer in the node takes the manifest away at the latest then. */
const slackMs = 120_000;

/** A second API server, on a port that nobody else knows. */
export const secondApiServer: Way<Extract<WaySpec, { readonly way: 'second-api-server' }>> = {
  climb: async (_spec, scope, { cluster }) => {
    const node = cluster.nodes.find(({ role }) => role === 'control-plane');
    if (!node) throw new BlackstartError('cluster', 'The cluster has no control-plane node');
    const manifest = secondApiServerManifest(await node.staticPods.read(apiServer));
    await scope.perform(node.staticPods.add(name, manifest, scope.step.rung.withinMs + slackMs));
    return clusterDoor(cluster, { credential: 'break-glass', via: 'loopback', port: secondApiServerPort });
  },
};
