import type { Duration } from '../core/duration.ts';
import { rung } from './rung-builders.ts';
import type { RemedyWay, RungSpec, WaySpec } from './rung-spec.ts';

/** A remedy by name: what is done at the same time, and where the normal admin calls meanwhile. */
interface Remedy {
  readonly ways: readonly RemedyWay[];
  readonly operator: Extract<WaySpec, { readonly way: 'remedies' }>['operator'];
  readonly dependsOn: readonly string[];
}

const shells = 'shells on all nodes';
const controlPlaneShell = 'a shell on the control-plane node';

/** What can be done about an API server that drowns. The first three of OpenAI's are fewer nodes, block and more servers. */
const remedyCatalog = {
  none: { ways: [], operator: 'first', dependsOn: [] },
  'fewer-nodes': { ways: ['fewer-nodes'], operator: 'first', dependsOn: ['power over nodes'] },
  block: { ways: ['block-agents'], operator: 'first', dependsOn: [shells] },
  'more-api-servers': { ways: ['second-api-server'], operator: 'first', dependsOn: [controlPlaneShell] },
  'more-api-servers-moved': {
    ways: ['second-api-server'],
    operator: 'second',
    dependsOn: [controlPlaneShell, 'an admin who knows the second one'],
  },
  'stop-agents': { ways: ['stop-agents'], operator: 'first', dependsOn: [shells] },
  'flow-schema': { ways: ['flow-schema'], operator: 'first', dependsOn: ['break-glass'] },
  'other-limits': { ways: ['raise-limits'], operator: 'first', dependsOn: [controlPlaneShell] },
  openai: {
    ways: ['fewer-nodes', 'block-agents', 'second-api-server'],
    operator: 'first',
    dependsOn: ['power over nodes', shells, controlPlaneShell],
  },
} as const satisfies Readonly<Record<string, Remedy>>;

export type RemedyName = keyof typeof remedyCatalog;

export const remedyNames = Object.keys(remedyCatalog) as readonly RemedyName[];

/** A remedy as a rung that promises nothing: what it does is measured. */
export function remedyRung(name: RemedyName, within: Duration): RungSpec {
  const { ways, operator, dependsOn }: Remedy = remedyCatalog[name];
  return rung(name, { way: 'remedies', ways, operator }, { within, dependsOn });
}
