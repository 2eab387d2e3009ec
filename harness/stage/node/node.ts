import type { Clock } from '../../core/clock.ts';
import type { StageClient } from '../client/types.ts';
import type { ContainerRecords } from './container-records.ts';
import type { RecordEvent } from '../controllers/base/events.ts';
import type { Program } from './programs.ts';

export interface NodeSettings {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  /** `127.C.0.K`, 1 being the control plane. Its pods are at 127.C.K.2 to 254. */
  readonly address: string;
  /** The node's own folder, `DATA/nodes/NODE`. */
  readonly folder: string;
  readonly client: StageClient;
  readonly clock: Clock;
  readonly programs: readonly Program[];
  /** Told of what goes wrong, in one line. */
  readonly onProblem: (message: string) => void;
}

/** A node, as all of its parts see it. */
export interface Node extends NodeSettings {
  /** In every container's environment. */
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly records: ContainerRecords;
  readonly record: RecordEvent;
  /** Pod addresses that are not in use. One that was given back is the last to be used again. */
  readonly freeAddresses: string[];
  /** Aborted when the agent stops. */
  readonly signal: AbortSignal;
}
