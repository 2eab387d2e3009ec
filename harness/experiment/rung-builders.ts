import type { Duration } from '../core/duration.ts';
import { readProcedure } from './procedure.ts';
import type { AttemptStepSpec, RungSpec, WaySpec } from './rung-spec.ts';
import type { TelemetryAgentSpec, YamlFile } from './spec.ts';

type RungOptions = Pick<RungSpec, 'within' | 'dependsOn'> & Partial<Pick<RungSpec, 'promises' | 'optional'>>;

/** One way in. Default: it promises nothing, and every backend must be able to do it. */
export function rung(name: string, way: WaySpec, options: RungOptions): RungSpec {
  const { within, dependsOn, promises = [], optional = false } = options;
  return { name, ...way, promises, within, dependsOn, optional };
}

/** The team's own procedure, or the default one. */
export function procedure(own: YamlFile | null, usual: readonly RungSpec[]): readonly RungSpec[] {
  return own === null ? usual : readProcedure(own);
}

/** Tries every rung under this load, one after the other. */
export function tryRungs(
  rungs: readonly RungSpec[],
  options: { readonly level: string; readonly load: TelemetryAgentSpec; readonly quiet: Duration },
): readonly AttemptStepSpec[] {
  const { level, load, quiet } = options;
  return rungs.map((one) => ({
    kind: 'attempt',
    name: `${one.name}-at-${load.nodes}`,
    rung: one,
    level,
    load,
    quiet,
  }));
}
