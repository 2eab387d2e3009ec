import type { FaultSpec, PodChaosAction, PodChaosFileSpec, PodChaosSpec } from '../../experiment/spec.ts';
import type { FaultContext, FaultDefinition, FaultOutcome } from '../fault.ts';
import { recall } from '../memory.ts';
import { confirmContainerKill, settleContainerKill } from './container-kill.ts';
import { findController } from './controller.ts';
import { describePodChaos } from './describe.ts';
import { fromFile } from './file.ts';
import { injectionKey, prepareInjection, type PodChaosInjection } from './injection.ts';
import { podChaosManifest } from './manifest.ts';
import { podChaosChange } from './pod-chaos-change.ts';
import { confirmPodFailure, settlePodFailure } from './pod-failure.ts';
import { confirmPodKill, settlePodKill } from './pod-kill.ts';
import { fromSpec, type PodChaosRequest } from './request.ts';

/** A PodChaos that the experiment spells out. */
export const podChaos: FaultDefinition<PodChaosSpec> = define('pod-chaos', fromSpec);

/** A PodChaos from a file of the user's own. */
export const podChaosFile: FaultDefinition<PodChaosFileSpec> = define('pod-chaos-file', ({ file }) => fromFile(file));

/** How each action is confirmed, and what must be over before the next step. */
interface Action {
  readonly confirm: (injection: PodChaosInjection, context: FaultContext) => Promise<FaultOutcome>;
  readonly settle: (injection: PodChaosInjection, context: FaultContext) => Promise<void>;
}

const actions: { readonly [Name in PodChaosAction]: Action } = {
  'pod-kill': { confirm: confirmPodKill, settle: settlePodKill },
  'pod-failure': { confirm: confirmPodFailure, settle: settlePodFailure },
  'container-kill': { confirm: confirmContainerKill, settle: settleContainerKill },
};

function define<Spec extends FaultSpec>(
  kind: Spec['kind'],
  toRequest: (spec: Spec) => PodChaosRequest,
): FaultDefinition<Spec> {
  return {
    kind,
    describe: (spec) => describePodChaos(toRequest(spec)),
    targets: async (spec, context) => {
      const injection = await prepareInjection(toRequest(spec), context);
      if (injection.request.action === 'container-kill') await findController(context);
      return injection.targets.map(({ name }) => name);
    },
    inject: async (_spec, context) => {
      const { request, selection } = recall(context, injectionKey);
      const names = { runId: context.runId, step: context.name };
      await context.perform(podChaosChange(podChaosManifest(request, selection.pods, names), context));
    },
    confirm: async (_spec, context) => {
      const injection = recall(context, injectionKey);
      return await actions[injection.request.action].confirm(injection, context);
    },
    settle: async (_spec, context) => {
      const injection = recall(context, injectionKey);
      await actions[injection.request.action].settle(injection, context);
    },
  };
}
