import { pasteable } from '../../core/command.ts';
import { messageOf } from '../../core/errors.ts';
import type { WaySpec } from '../../experiment/rung-spec.ts';
import type { Way } from '../context.ts';
import { clusterDoor } from '../door.ts';
import { WayFailure } from '../way-failure.ts';

/** Of what a command printed, the end. */
const keptCharacters = 500;

/** The team's own. How it exits is told and decides nothing: what it promised is measured like everywhere. */
export const command: Way<Extract<WaySpec, { readonly way: 'command' }>> = {
  climb: async ({ argv, credential }, scope, { cluster, tryRun, signal }) => {
    const { admin, breakGlass } = cluster.credentials;
    await scope.act(pasteable(argv), async () => {
      const options = {
        timeoutMs: scope.step.rung.withinMs,
        signal,
        detached: true,
        env: { KUBECONFIG: credential === 'admin' ? admin : breakGlass },
      };
      const { exitCode, stdout, stderr } = await tryRun(argv, options).catch((problem: unknown) => {
        // It is missing, or took too long: that is the team's own as well.
        throw new WayFailure(messageOf(problem));
      });
      return `exit ${exitCode}: ${`${stdout}\n${stderr}`.trim().slice(-keptCharacters)}`;
    });
    return clusterDoor(cluster, { credential, via: 'address', port: null });
  },
};
