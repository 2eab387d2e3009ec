import { messageOf } from '../core/errors.ts';
import type { RunEvent } from '../core/events.ts';
import type { Plan } from '../plan/plan.ts';
import { apiServerResult } from './api-server.ts';
import { judgeBudgets } from './budgets.ts';
import { judgeCleanliness } from './cleanliness.ts';
import { collectEvidence } from './evidence.ts';
import { judgeExpectations } from './expectations.ts';
import { judgeFaults } from './faults.ts';
import { laneFigures } from './lane-figures.ts';
import { identity, measures } from './measures.ts';
import { exitCodeOf, merge, signalOf } from './merge.ts';
import { moments } from './moments.ts';
import { agentResults, commandResults } from './operator.ts';
import { phaseResults } from './phases.ts';
import { judgeProbers } from './prober-honesty.ts';
import { parseResult, type Result } from './result.ts';
import { judgeRungs } from './rungs.ts';

/** Judges a run from its plan and its event log alone. Same input, same result. */
export function judge(plan: Plan, events: readonly RunEvent[]): Result {
  const evidence = collectEvidence(plan, events);
  const cleanliness = judgeCleanliness(events);
  const findings = {
    faults: judgeFaults(evidence),
    lanes: Object.fromEntries(plan.lanes.map((lane) => [lane.name, laneFigures(lane, evidence)])),
    probers: judgeProbers(evidence),
    budgets: judgeBudgets(evidence),
    expectations: judgeExpectations(evidence),
    rungs: judgeRungs(evidence),
    cleanliness,
  };
  const { faults, lanes, probers, budgets, expectations, rungs } = findings;
  return parseResult({
    schemaVersion: 1,
    ...identity(evidence),
    ...merge(evidence, findings),
    ...cleanliness,
    phases: phaseResults(events, plan),
    faults,
    lanes,
    probers,
    budgets,
    expectations,
    agents: agentResults(events),
    apiServer: apiServerResult(evidence),
    commands: commandResults(events),
    rungs,
    measures: measures(evidence),
  });
}

/** The same, but a judge that throws is a result too: inconclusive, never a pass. */
export function judgeSafely(plan: Plan, events: readonly RunEvent[]): Result {
  try {
    return judge(plan, events);
  } catch (thrown) {
    return judgeError(plan, events, messageOf(thrown));
  }
}

/** The text of `result.json`. Throws when the result does not fit its schema. */
export function renderResultJson(result: Result): string {
  return `${JSON.stringify(parseResult(result), null, 2)}\n`;
}

function judgeError(plan: Plan, events: readonly RunEvent[], message: string): Result {
  const verdict = { verdict: 'inconclusive', reasonCode: 'judge-error' } as const;
  const cleanliness = judgeCleanliness(events);
  const signal = signalOf({ events });
  return {
    schemaVersion: 1,
    ...identity({ plan, events, moments: moments(events) }),
    ...verdict,
    reason: `The judge could not read this run: ${message}`,
    exitCode: exitCodeOf(verdict, cleanliness.clean, signal),
    interrupted: signal !== null,
    ...cleanliness,
    phases: [],
    faults: [],
    lanes: {},
    probers: {},
    budgets: [],
    expectations: [],
    agents: [],
    apiServer: null,
    commands: [],
    rungs: [],
    measures: {
      controlPlaneLostMs: null,
      maskingWindowMs: null,
      maskingWindowIncidentMs: null,
      timeToRecoverMs: null,
      apiOutages: [],
      lockOuts: {},
      alarmMs: null,
      detectionLeadMs: null,
      machine: null,
      timeErrorMs: null,
      overheadMs: { cluster: 0, chaosMesh: 0, workloads: 0, planned: 0, own: 0 },
    },
  };
}
