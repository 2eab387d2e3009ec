import { CommandError, tryRun } from '../core/command.ts';
import type { PlannedOperate } from '../plan/plan.ts';
import type { ClusterStage } from './stage.ts';

/** Of what a command printed, the end: kubectl says last what went wrong. */
const keptCharacters = 500;

/**
 * Types an operator's command and writes down how long it took and how it ended. That it fails is a finding; rejects when
 * it could not be typed at all (no kubectl) and when the run is interrupted meanwhile.
 */
export async function operate(stage: ClusterStage, step: PlannedOperate): Promise<void> {
  const { cluster, emit, nowMs, signal } = stage;
  const { name, credential, timeoutMs } = step;
  const kubectl = credential === 'admin' ? cluster.adminKubectl : cluster.kubectl;
  const startMs = Math.round(nowMs());
  let ended: { readonly exitCode: number | null; readonly output: string };
  try {
    const { exitCode, stdout, stderr } = await tryRun([...kubectl, ...step.kubectl], {
      timeoutMs,
      signal,
      detached: true,
    });
    ended = { exitCode, output: `${stdout}\n${stderr}`.trim().slice(-keptCharacters) };
  } catch (problem) {
    const isTimeLimit = problem instanceof CommandError && !signal.aborted;
    if (!isTimeLimit) throw problem;
    ended = { exitCode: null, output: problem.result.stderr.trim().slice(-keptCharacters) };
  }
  const command = `kubectl ${step.kubectl.join(' ')} (as ${credential})`;
  emit({ type: 'operator-command', name, command, startMs, durationMs: Math.round(nowMs() - startMs), ...ended });
}
