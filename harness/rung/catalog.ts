import type { WaySpec } from '../experiment/rung-spec.ts';
import type { BoundWay, Way } from './context.ts';
import { blockAgents } from './way/block-agents.ts';
import { call } from './way/call.ts';
import { command } from './way/command.ts';
import { fewerNodes } from './way/fewer-nodes.ts';
import { flowSchema } from './way/flow-schema.ts';
import { raiseLimits } from './way/raise-limits.ts';
import { remedies } from './way/remedies.ts';
import { restartApiServer } from './way/restart-api-server.ts';
import { secondApiServer } from './way/second-api-server.ts';
import { stopAgents } from './way/stop-agents.ts';
import { takeRights } from './way/take-rights.ts';

type Catalog = { readonly [Name in WaySpec['way']]: Way<Extract<WaySpec, { readonly way: Name }>> };

/** Every way. A new one is a file, a test and a line here. */
const catalog: Catalog = {
  call,
  command,
  'stop-agents': stopAgents,
  'block-agents': blockAgents,
  'second-api-server': secondApiServer,
  'restart-api-server': restartApiServer,
  'take-rights': takeRights,
  'fewer-nodes': fewerNodes,
  'flow-schema': flowSchema,
  'raise-limits': raiseLimits,
  remedies: remedies((way) => wayFor({ way })),
};

export function wayFor(spec: WaySpec): BoundWay {
  // The key ties the two together; the compiler cannot follow that through a union.
  const way = catalog[spec.way] as Way<WaySpec>;
  return {
    cannot: (context) => way.cannot?.(context, spec),
    climb: async (scope, context) => await way.climb(spec, scope, context),
  };
}
