import { withRaisedLimits } from '../../cluster/raised-limits.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import { apiServer } from '../../fault/node/api-server.ts';
import type { Way } from '../context.ts';
import { breakGlassDoor } from '../door.ts';

const factor = 10;

/** Beyond the rung's own time: a timer in the node puts the manifest back at the latest then. */
const slackMs = 120_000;

/** More requests at the same time. The API server restarts with that, so whatever queued in it is gone as well. */
export const raiseLimits: Way<Extract<WaySpec, { readonly way: 'raise-limits' }>> = {
  climb: async (_spec, scope, { cluster }) => {
    const withinMs = scope.step.rung.withinMs + slackMs;
    for (const { staticPods } of cluster.nodes.filter(({ role }) => role === 'control-plane')) {
      const manifest = withRaisedLimits(await staticPods.read(apiServer), factor);
      await scope.perform(staticPods.replace(apiServer, manifest, withinMs));
    }
    return breakGlassDoor(cluster);
  },
};
