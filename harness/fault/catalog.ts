import type { FaultSpec } from '../experiment/spec.ts';
import type { FaultDescriber, FaultDescription } from '../plan/plan.ts';
import { podChaos, podChaosFile } from './chaos-mesh/pod-chaos.ts';
import type { FaultContext, FaultDefinition, FaultOutcome } from './fault.ts';
import { apiServerCpu } from './node/api-server-cpu.ts';
import { apiServerDown } from './node/api-server-down.ts';
import { apiServerHang } from './node/api-server-hang.ts';
import { coreDnsRestart } from './node/core-dns-restart.ts';
import { nodePause } from './node/node-pause.ts';
import { telemetryRollout } from './telemetry/rollout.ts';

type Catalog = { readonly [Kind in FaultSpec['kind']]: FaultDefinition<Extract<FaultSpec, { readonly kind: Kind }>> };

/** Every kind of fault. A new one is a file, a test and a line here. */
const catalog: Catalog = {
  'pod-chaos': podChaos,
  'pod-chaos-file': podChaosFile,
  'api-server-down': apiServerDown,
  'api-server-hang': apiServerHang,
  'api-server-cpu': apiServerCpu,
  'core-dns-restart': coreDnsRestart,
  'node-pause': nodePause,
  'telemetry-rollout': telemetryRollout,
};

/** A definition bound to its spec. */
export interface Fault {
  readonly describe: () => FaultDescription;
  readonly targets: (context: FaultContext) => Promise<readonly string[]>;
  readonly inject: (context: FaultContext) => Promise<void>;
  readonly confirm: (context: FaultContext) => Promise<FaultOutcome>;
  readonly settle: (context: FaultContext) => Promise<void>;
}

/** The fault that carries this spec out. */
export function faultFor(spec: FaultSpec): Fault {
  // The key ties definition and spec together; the compiler cannot follow that through a union.
  const definition = catalog[spec.kind] as FaultDefinition<FaultSpec>;
  return {
    describe: () => definition.describe(spec),
    targets: async (context) => await definition.targets(spec, context),
    inject: async (context) => await definition.inject(spec, context),
    confirm: async (context) => await definition.confirm(spec, context),
    settle: async (context) => await definition.settle?.(spec, context),
  };
}

/** What a fault says about itself before anything happens. Throws `invalid-experiment` for a PodChaos file that is wrong. */
export const describeFault: FaultDescriber = (spec) => faultFor(spec).describe();
