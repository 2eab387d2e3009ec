import type { KubeObject } from '../../cluster/client.ts';
import { isFields, type Fields } from './field-reader.ts';

/** What Chaos Mesh says of a PodChaos. It is told as evidence and believed in nothing. */
export interface ChaosStatus {
  readonly said: 'selected-nothing' | 'injected' | 'failed' | 'pending';
  /** The conditions, and the last message of a failure: `AllInjected=False (no running task found)`. */
  readonly text: string;
}

/**
 * Reads conditions and records. `AllRecovered=True` says nothing: it is also true when nothing was ever injected;
 * what counts is a record with `injectedCount` above 0. Without any record nothing was selected.
 */
export function readStatus(chaos: KubeObject): ChaosStatus {
  const status: Fields = chaos.status ?? {};
  const conditions = new Map(list(status['conditions']).map((one) => [one['type'], one['status']]));
  const experiment = isFields(status['experiment']) ? status['experiment'] : {};
  const records = list(experiment['containerRecords']);
  const failure = records.map(lastFailure).find((message) => message !== undefined);
  const selected = conditions.get('Selected');
  const conditionText = ['Selected', 'AllInjected', 'AllRecovered']
    .filter((type) => conditions.has(type))
    .map((type) => `${type}=${String(conditions.get(type))}`)
    .join(' ');
  const text = conditionText === '' ? 'no condition yet' : conditionText;
  if (conditions.get('AllInjected') === 'True' || records.some((one) => Number(one['injectedCount'] ?? 0) > 0)) {
    return { said: 'injected', text };
  }
  if (failure !== undefined) return { said: 'failed', text: `${text} (${failure})` };
  if (selected === 'False' && experiment['desiredPhase'] === 'Run' && records.length === 0) {
    return { said: 'selected-nothing', text };
  }
  return { said: 'pending', text };
}

/** True when what was injected has been taken back. */
export function isRecovered(chaos: KubeObject): boolean {
  const experiment = chaos.status?.['experiment'];
  const records = list(isFields(experiment) ? experiment['containerRecords'] : undefined);
  return records.length > 0 && records.every((one) => Number(one['recoveredCount'] ?? 0) > 0);
}

/** The message of the last attempt to inject, when it failed. */
function lastFailure(record: Fields): string | undefined {
  const last = list(record['events']).findLast((event) => event['operation'] === 'Apply');
  if (last?.['type'] !== 'Failed') return undefined;
  return typeof last['message'] === 'string' ? last['message'] : 'no message';
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}
