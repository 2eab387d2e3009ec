import { messageOf } from '../core/errors.ts';
import { tryRun, type CommandResult } from '../core/command.ts';
import type { PlannedOperate } from '../plan/plan.ts';
import type { ClusterStage } from './stage.ts';

/** Of what a command printed, the end: kubectl says last what went wrong. */
const keptCharacters = 500;

/** Types an operator's command and writes down how long it took and how it ended. That it fails is a finding. */
export async function operate(stage: ClusterStage, step: PlannedOperate): Promise<void> {
  const { cluster, emit, nowMs, signal } = stage;
  const kubectl = step.credential === 'admin' ? cluster.adminKubectl : cluster.kubectl;
  const startMs = Math.round(nowMs());
  const command = `kubectl ${step.kubectl.join(' ')}`;
  const ended = await outcomeOf(tryRun([...kubectl, ...step.kubectl], { timeoutMs: step.timeoutMs, signal }));
  const durationMs = Math.round(nowMs() - startMs);
  emit({ type: 'operator-command', name: step.name, command, startMs, durationMs, ...ended });
}

async function outcomeOf(running: Promise<CommandResult>): Promise<{ exitCode: number | null; output: string }> {
  try {
    const { exitCode, stdout, stderr } = await running;
    return { exitCode, output: `${stdout}\n${stderr}`.trim().slice(-keptCharacters) };
  } catch (problem) {
    return { exitCode: null, output: messageOf(problem).slice(-keptCharacters) };
  }
}
