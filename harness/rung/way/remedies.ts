import { secondApiServerPort } from '../../cluster/second-api-server.ts';
import type { ApiDoor } from '../../cluster/cluster.ts';
import { BlackstartError, messageOf } from '../../core/errors.ts';
import type { RemedyWay, WaySpec } from '../../experiment/rung-spec.ts';
import type { BoundWay, RungContext, Scope, Way } from '../context.ts';
import { deleteAgentsAsAdmin, type Agents } from '../delete-agents.ts';
import { breakGlassDoor } from '../door.ts';
import { watchEffect } from '../effect.ts';
import { WayFailure } from '../way-failure.ts';

type RemediesSpec = Extract<WaySpec, { readonly way: 'remedies' }>;

const doors: Readonly<Record<RemediesSpec['operator'], ApiDoor>> = {
  first: { credential: 'admin', via: 'address', port: null },
  second: { credential: 'admin', via: 'loopback', port: secondApiServerPort },
};

/** Several ways at the same time, and an operator who deletes the offender as soon as a call gets through. */
export function remedies(wayOf: (way: RemedyWay) => BoundWay): Way<RemediesSpec> {
  const lacking = (way: RemedyWay, context: RungContext): string | undefined => wayOf(way).cannot(context);
  return {
    cannot: (context, { ways }) => {
      const reasons = ways.map((way) => lacking(way, context));
      return reasons.length > 0 && reasons.every((reason) => reason !== undefined) ? reasons.join('; ') : undefined;
    },
    climb: async ({ ways, operator }, scope, context) => {
      const overMs = scope.fromMs + scope.step.rung.withinMs;
      const able = ways.filter((way) => lacking(way, context) === undefined);
      for (const way of ways.filter((one) => !able.includes(one)))
        tellLeftOut(way, lacking(way, context), scope, context);
      const agents: Agents = { gone: false };
      const [done, problems] = await settled(
        able.map(async (way) => await wayOf(way).climb(scope, context)),
        // Who stops the agents on their nodes deletes their DaemonSet, too.
        able.includes('stop-agents') ? undefined : deleteAgentsAsAdmin(overMs, agents, scope, context, doors[operator]),
        context,
      );
      if (agents.gone || (able.includes('stop-agents') && done)) await watchEffect(overMs, scope, context);
      if (problems.length > 0) {
        const message = problems.map(messageOf).join('; ');
        const isTrouble = problems.some((problem) => !(problem instanceof WayFailure));
        throw isTrouble ? new BlackstartError('cluster', message) : new WayFailure(message);
      }
      return breakGlassDoor(context.cluster);
    },
  };
}

/** Waits for all of it. That the operator never got through is a finding, told by its own act. */
async function settled(
  climbs: readonly Promise<unknown>[],
  operator: Promise<void> | undefined,
  { signal }: RungContext,
): Promise<readonly [done: boolean, problems: readonly unknown[]]> {
  const [results] = await Promise.all([Promise.allSettled(climbs), Promise.allSettled([operator])]);
  signal.throwIfAborted();
  const problems = results.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  return [problems.length === 0, problems];
}

function tellLeftOut(way: RemedyWay, message: string | undefined, { step }: Scope, { emit, nowMs }: RungContext): void {
  const startMs = Math.round(nowMs());
  emit({
    type: 'rung-act',
    attempt: step.name,
    act: way,
    startMs,
    durationMs: 0,
    ok: false,
    message: `left out: ${message ?? ''}`,
  });
}
