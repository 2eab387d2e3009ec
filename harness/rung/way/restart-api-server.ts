import type { WaySpec } from '../../experiment/rung-spec.ts';
import { apiServer } from '../../fault/node/api-server.ts';
import type { Way } from '../context.ts';
import { breakGlassDoor } from '../door.ts';

/** A timer in the node puts the manifest back at the latest then. */
const withinMs = 60_000;

/** Parks the API server and starts it again: whatever it was busy with is gone. */
export const restartApiServer: Way<Extract<WaySpec, { readonly way: 'restart-api-server' }>> = {
  climb: async (_spec, scope, { cluster }) => {
    const controlPlane = cluster.nodes.filter(({ role }) => role === 'control-plane');
    for (const { staticPods } of controlPlane) {
      const parked = staticPods.park(apiServer, withinMs);
      await scope.perform(parked);
      await scope.takeBack(parked);
    }
    return breakGlassDoor(cluster);
  },
};
