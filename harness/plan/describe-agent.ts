import { formatMs, toMs } from '../core/duration.ts';
import type { TelemetryAgentSpec } from '../experiment/spec.ts';

const modes = {
  'full-list-quorum': (resource: string) => `LIST of all ${resource}, resourceVersion unset`,
  'full-list-rv0': (resource: string) => `LIST of all ${resource}, resourceVersion=0`,
  'node-list-quorum': () => "LIST of the node's pods, resourceVersion unset",
  'node-list-rv0': () => "LIST of the node's pods, resourceVersion=0",
  watch: (resource: string) => `one watch of ${resource}`,
} as const satisfies Record<TelemetryAgentSpec['mode'], (resource: string) => string>;

/** What every node's agent does, in a few words. */
export function describeAgent(agent: TelemetryAgentSpec): string {
  const { mode, resource, interval } = agent;
  const often = mode === 'watch' ? '' : ` every ${formatMs(toMs(interval))}`;
  return `${mode} (${modes[mode](resource)}${often})`;
}
