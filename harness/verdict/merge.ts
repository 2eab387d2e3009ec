import { exitCodes, signalExitCode, type Signal } from '../core/exit-codes.ts';
import { operatorNode } from '../plan/plan.ts';
import type { Evidence } from './evidence.ts';
import { formatCount } from './format.ts';
import { stolenText } from './machine.ts';
import { missingEvidence, type Findings, type Missing } from './missing-evidence.ts';
import { refutation, refutationText } from './refutation.ts';
import type { Result } from './result.ts';
import { brokenRungsText } from './rung-reason.ts';

type Merged = Pick<Result, 'verdict' | 'reason' | 'reasonCode' | 'exitCode' | 'interrupted'>;
type Decision = Pick<Result, 'verdict' | 'reason' | 'reasonCode'>;

/** Merges what was found into the verdict: proven failure over missing evidence, missing evidence over pass. */
export function merge(evidence: Evidence, findings: Findings): Merged {
  const signal = signalOf(evidence);
  const decision = decide(evidence, findings, signal);
  const { clean, leftovers } = findings.cleanliness;
  const left = clean === false ? ` The undo left ${formatCount(leftovers.length, 'thing')} behind.` : '';
  return {
    ...decision,
    reason: `${decision.reason}${left}`,
    exitCode: exitCodeOf(decision, clean, signal),
    interrupted: signal !== null,
  };
}

/** The first that applies: leftovers, a signal, not run, then the verdict. */
export function exitCodeOf(
  { verdict, reasonCode }: Pick<Result, 'verdict' | 'reasonCode'>,
  clean: boolean | null,
  signal: Signal | null,
): number {
  if (clean === false) return exitCodes.leftovers.code;
  if (signal !== null) return signalExitCode[signal];
  if (reasonCode === 'not-run') return exitCodes.notRun.code;
  return exitCodes[verdict].code;
}

/** The signal that ended the run; null for none. */
export function signalOf({ events }: Pick<Evidence, 'events'>): Signal | null {
  return events.find((event) => event.type === 'interrupted')?.signal ?? null;
}

function decide(evidence: Evidence, findings: Findings, signal: Signal | null): Decision {
  if (signal !== null) return interrupted(evidence, signal);
  if (isNotRun(evidence)) return notRun(evidence);
  const missing = missingEvidence(evidence, findings);
  const { missed, doubts } = refutation(evidence, findings);
  const allConfirmed = findings.faults.every((fault) => fault.confirmation === 'confirmed');
  const broken = brokenRungsText(findings.rungs);
  // Relief is what the operator's prober saw, or did not.
  const isSeen = findings.probers[operatorNode]?.verdict !== 'starved';
  if (broken !== '' && allConfirmed && isSeen) return { verdict: 'fail', reasonCode: 'rung', reason: broken };
  if (missed.length > 0 && allConfirmed && doubts.length === 0) {
    return { verdict: 'fail', reasonCode: 'budget', reason: refutationText(missed, findings.lanes) };
  }
  const [first] = [...missing, ...doubts];
  if (first) {
    const isStarving = first.code === 'prober-starved' || first.code === 'gap';
    const reason = `${reasonOf(first, missing)}${isStarving ? stolenText(evidence) : ''}`;
    return { verdict: 'inconclusive', reasonCode: first.code, reason };
  }
  return { verdict: 'pass', reasonCode: 'pass', reason: passText(evidence, findings) };
}

/** All unconfirmed faults are named; of everything else the first is enough. */
function reasonOf(first: Missing, missing: readonly Missing[]): string {
  const told = isFault(first) ? missing.filter(isFault) : [first];
  return told.map((one) => one.text).join(' ');
}

function isFault({ code }: Missing): boolean {
  return code === 'unconfirmed-fault' || code === 'mismatch';
}

function interrupted({ events }: Evidence, signal: Signal): Decision {
  const index = events.findIndex((event) => event.type === 'interrupted');
  const phase = events.slice(0, index).findLast((event) => event.type === 'phase-started')?.phase;
  const where = phase === undefined ? '' : ` in phase ${phase}`;
  return {
    verdict: 'inconclusive',
    reasonCode: 'interrupted',
    reason: `The run was interrupted by ${signal}${where}.`,
  };
}

function isNotRun({ events, moments }: Evidence): boolean {
  const steady = events.some(
    (event) => event.type === 'phase-ended' && event.phase === 'steady-state' && event.outcome === 'ok',
  );
  return moments.firstFaultMs === null && !steady;
}

function notRun({ events }: Evidence): Decision {
  const problem = events.find((event) => event.type === 'problem')?.message;
  const phase = events.find((event) => event.type === 'phase-ended' && event.outcome !== 'ok');
  const why = problem ?? (phase?.type === 'phase-ended' ? phase.message : undefined);
  const because = why === undefined ? '' : `: ${why.replace(/\.$/, '')}`;
  return {
    verdict: 'inconclusive',
    reasonCode: 'not-run',
    reason: `The steady state was never reached${because}. No fault was injected.`,
  };
}

function passText({ plan }: Evidence, { rungs }: Findings): string {
  const control = plan.lanes.filter((lane) => lane.role === 'control').map((lane) => lane.name);
  const broke = control.length > 0 ? `, lane ${control.join(' and ')} broke as it must` : '';
  return `The hypothesis held: every fault was confirmed${broke}${ladderText(plan, rungs)}, and every budget was kept.`;
}

/** What cannot be done here, and may be left out, is told with the pass. */
function ladderText({ method }: Evidence['plan'], rungs: Findings['rungs']): string {
  if (rungs.length === 0) return '';
  const promised = method.some((step) => step.kind === 'attempt' && step.rung.promises.length > 0);
  if (!promised) return ', the normal path was down when each rung was tried';
  const excused = [...new Set(rungs.filter(({ outcome }) => outcome === 'cannot').map(({ rung }) => rung))];
  const but = excused.length === 0 ? '' : ` but ${excused.join(' and ')}, which cannot be done here,`;
  return `, every rung${but} kept what the procedure promises while the normal path was down`;
}
