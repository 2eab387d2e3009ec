import { formatMs } from '../core/duration.ts';
import { phases } from '../core/events.ts';
import { describeLane } from './describe-lane.ts';
import { describeBudget, describeExpectation } from './describe-judgement.ts';
import { describeMethod } from './describe-method.ts';
import { estimateDuration } from './estimate.ts';
import type { TelemetrySpec } from '../experiment/spec.ts';
import { describeAgent } from './describe-agent.ts';
import { grouped, listed, table, wrap } from './layout.ts';
import type { Plan } from './plan.ts';

/** Exactly what a run of this plan will do, as plain text of at most 100 columns. */
export function describePlan(plan: Plan): string {
  const sections = [
    [...wrap(`${plan.experiment}: `, plan.title, 2), ...wrap('', plan.hypothesis, 0)],
    table(overview(plan)),
    section('Parameters', table(Object.entries(plan.parameters), 2)),
    section(
      'Lanes, probed on every worker; those of an operator on this machine',
      table(plan.lanes.map(describeLane), 2),
    ),
    section('Steady state', wrap('  ', steadyState(plan), 2)),
    section('Method', describeMethod(plan.method)),
    section('Heal', wrap('  ', heal, 2)),
    section('Recovery', wrap('  ', recovery(plan), 2)),
    section('Time limits', [...wrap('  ', limits, 2), ...table(limitRows(plan), 2)]),
    section('Budgets, over outage and recovery', table(plan.budgets.map(describeBudget), 2)),
    section(
      'Expectations, or the verdict is inconclusive',
      plan.expectations.flatMap((expectation) => describeExpectation(expectation)),
    ),
  ];
  const lines = sections.filter((part) => part.length > 0).map((part) => part.join('\n'));
  return `${lines.join('\n\n')}\n`;
}

const heal = `Undo what was done on the nodes, newest first, without the API. Then undo what needs the API. Compare the
state with the snapshots taken before.`;

const limits = `A phase that does not end within its limit is ended, everything is undone, and the run cannot pass. An undo
itself is never cut short.`;

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines];
}

function overview(plan: Plan): [string, string][] {
  const { workers, coreDns } = plan.cluster;
  const place = coreDns === 'workers' ? 'CoreDNS on the workers, one on each' : 'CoreDNS on the control-plane node';
  const { leastMs, mostMs } = estimateDuration(plan);
  return [
    ['Backend', plan.backend],
    ['Cluster', `1 control-plane node, ${workers} ${workers === 1 ? 'worker' : 'workers'}; ${place}`],
    ...(plan.cluster.telemetry ? [['Telemetry', telemetry(plan.cluster.telemetry)] as [string, string]] : []),
    ['Service', service(plan)],
    ['Seed', String(plan.seed)],
    ['Time scale', `${plan.timeScale}: incident time is divided by it, wall time is not`],
    ['Duration', `${roughly(leastMs)} to ${roughly(mostMs)}, without bring-up and confirmation of the faults`],
  ];
}

function telemetry({ fakeNodes, podsPerNode, agent, fairness }: TelemetrySpec): string {
  const crowd = `${grouped(fakeNodes)} fake nodes with ${podsPerNode} pods each`;
  return `${crowd}; agents of ${grouped(agent.nodes)} nodes, at first ${describeAgent(agent)}; fairness ${fairness}`;
}

function service({ service: { manifests, namespace, name, port } }: Plan): string {
  const origin = manifests === null ? 'our model-server' : `from the manifests in ${manifests}`;
  return `${namespace}/${name}, port ${port} (${origin})`;
}

function steadyState({ steadyState: { healthyForMs }, limitsMs }: Plan): string {
  const failing = `If that has not come after ${formatMs(limitsMs['steady-state'])}, no fault is injected and the run ends with exit code 3.`;
  return `Every lane on every node without a failure for ${formatMs(healthyForMs)}. ${failing}`;
}

function recovery({ recovery: { lanes, atMostMs, healthyForMs } }: Plan): string {
  const which = `${lanes.length === 1 ? 'Lane' : 'Lanes'} ${listed(lanes)}`;
  const healthy = `without a failure for ${formatMs(healthyForMs)}`;
  return `${which} ${healthy}, beginning at most ${formatMs(atMostMs)} after /readyz answers 200.`;
}

function limitRows({ limitsMs }: Plan): [string, string][] {
  return phases.map((phase) => [phase, roughly(limitsMs[phase])]);
}

/** Minutes and seconds: neither an estimate nor a limit needs more. */
function roughly(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
