import { toMs } from '../core/duration.ts';
import type { AgentCounters, RunEvent } from '../core/events.ts';
import type { TelemetryAgentSpec } from '../experiment/spec.ts';
import type { Plan } from '../plan/plan.ts';

/** The last rollout of agents that ask again and again. */
export interface PolledRollout {
  readonly name: string;
  readonly agent: TelemetryAgentSpec;
}

/** Undefined for a plan without one: an agent that only watches is no load of this kind. */
export function polledRollout({ method }: Pick<Plan, 'method'>): PolledRollout | undefined {
  const polled = method.flatMap((step) => {
    if (step.kind !== 'inject' || step.fault.kind !== 'telemetry-rollout') return [];
    return step.fault.agent.mode === 'watch' ? [] : [{ name: step.name, agent: step.fault.agent }];
  });
  return polled.at(-1);
}

/** Agents begin at a random moment of their interval: the load is whole one interval after their rollout, until the heal. */
export function loadWindow(
  { name, agent }: PolledRollout,
  events: readonly RunEvent[],
): { readonly fromMs: number; readonly toMs: number } | undefined {
  const confirmed = events.find((event) => event.type === 'fault-confirmed' && event.fault === name);
  const heal = events.find((event) => event.type === 'phase-started' && event.phase === 'heal');
  if (!confirmed || !heal) return undefined;
  const fromMs = confirmed.monotonicMs + toMs(agent.interval);
  return fromMs < heal.monotonicMs ? { fromMs, toMs: heal.monotonicMs } : undefined;
}

const counted = ['requests', 'ok', 'refused', 'forbidden', 'failed', 'inFlight'] as const;
type Counted = Pick<AgentCounters, (typeof counted)[number]>;

/** The sum over all agents in this mode, as they told it last before that moment; undefined when none had. */
export function agentCountersAt(atMs: number, mode: string, events: readonly RunEvent[]): Counted | undefined {
  const last = new Map<string, Counted>();
  for (const event of events) {
    if (event.type === 'agent-report' && event.mode === mode && event.atMs <= atMs) last.set(event.pod, event);
  }
  if (last.size === 0) return undefined;
  const sums = counted.map((field) => [field, [...last.values()].reduce((total, one) => total + one[field], 0)]);
  return Object.fromEntries(sums) as Counted;
}
