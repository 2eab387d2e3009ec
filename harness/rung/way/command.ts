import { pasteable } from '../../core/command.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import type { Way } from '../context.ts';
import { clusterDoor } from '../door.ts';

/** Of what a command printed, the end. */
const keptCharacters = 500;

/** The team's own. How it exits is told and decides nothing: what it promised is measured like everywhere. */
export const command: Way<Extract<WaySpec, { readonly way: 'command' }>> = {
  climb: async ({ argv, credential }, scope, { cluster, tryRun, signal }) => {
    const { admin, breakGlass } = cluster.credentials;
    await scope.act(pasteable(argv), async () => {
      const { exitCode, stdout, stderr } = await tryRun(argv, {
        timeoutMs: scope.step.rung.withinMs,
        signal,
        detached: true,
        env: { KUBECONFIG: credential === 'admin' ? admin : breakGlass },
      });
      return `exit ${exitCode}: ${`${stdout}\n${stderr}`.trim().slice(-keptCharacters)}`;
    });
    return clusterDoor(cluster, { credential, via: 'address', port: null });
  },
};
