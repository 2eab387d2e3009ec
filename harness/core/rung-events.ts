/** What was signed in with: never where on a machine it lies, nor anything secret. */
export interface RungCredential {
  /** admin, break-glass, or the file of the team's own. */
  readonly as: string;
  /** The file's name without its folder. */
  readonly file: string;
  /** RFC 3339, when its client certificate runs out; null when it has none that can be read. */
  readonly expires: string | null;
}

/** The act in which the normal admin deletes the agents' DaemonSet, as a human would once a call gets through. */
export const deleteAgentsAct = 'delete the DaemonSet as the normal admin';

/** What a telemetry agent had counted, to show that the load was there. */
export interface LoadReport {
  readonly node: string;
  readonly pod: string;
  readonly nodes: number;
  readonly requests: number;
  readonly ok: number;
  readonly refused: number;
}

/** What happens while a rung of the break-glass ladder is tried. `attempt` names the step; times are run time. */
export type RungEvent =
  | { readonly type: 'rung-started'; readonly attempt: string; readonly credential: RungCredential | null }
  /** The agents send requests: their counters grow. `before` and `after` are the same agents, some time apart. */
  | {
      readonly type: 'rung-load';
      readonly attempt: string;
      /** True when the load had to be applied (again). */
      readonly applied: boolean;
      readonly before: readonly LoadReport[];
      readonly after: readonly LoadReport[];
    }
  /** Nothing was done between these moments; calls on the lane that began in `[fromMs, toMs)` show the lock-out. */
  | {
      readonly type: 'rung-control';
      readonly attempt: string;
      readonly lane: string;
      readonly fromMs: number;
      readonly toMs: number;
    }
  /** Something was done for the rung: a change, a command, a call of the normal admin. */
  | {
      readonly type: 'rung-act';
      readonly attempt: string;
      readonly act: string;
      readonly startMs: number;
      readonly durationMs: number;
      readonly ok: boolean;
      /** Empty, or what it said. */
      readonly message: string;
    }
  /** A call through the way that the rung opens, tried until five in a row succeeded or its time was over. */
  | {
      readonly type: 'rung-call';
      readonly attempt: string;
      readonly call: 'read' | 'write';
      /** For example `break-glass by its address`. */
      readonly through: string;
      /** Of the first of the five, or else of the last try; like all that follows. */
      readonly startMs: number;
      readonly durationMs: number;
      /** How many there were up to this one. */
      readonly tries: number;
      /** Successes in a row when it was over. Not in older logs: one call was enough then. */
      readonly inARow?: number;
      /** HTTP status; null when there was no answer. */
      readonly status: number | null;
      /** The priority level that served it: its name, or its UID when nobody knows the name; null when none was told. */
      readonly priorityLevel: string | null;
      /** True when what was written was read back through another way; null for a read, and later in a row. */
      readonly readBack: boolean | null;
      readonly readBackThrough: string | null;
      /** Empty, or what went wrong. */
      readonly message: string;
    }
  /** The nodes were asked for the agents' containers, without the API, again and again in this time; then the API. */
  | {
      readonly type: 'rung-quiet';
      readonly attempt: string;
      readonly fromMs: number;
      readonly toMs: number;
      readonly looks: number;
      /** Looks that failed: nothing is known of them. */
      readonly failedLooks: number;
      /** `CONTAINER on NODE` of every agent that was seen running. */
      readonly running: readonly string[];
      /** What the API still held of them at the end, asked as break-glass; null: it could not be asked. Not in older logs. */
      readonly objects?: readonly string[] | null;
    }
  | {
      readonly type: 'rung-ended';
      readonly attempt: string;
      /** trouble: the harness could not do it; cannot: this backend is not able to; no-load and not-locked-out: not tried. */
      readonly outcome: 'tried' | 'trouble' | 'cannot' | 'no-load' | 'not-locked-out';
      /** From when on the promises count; null when it was not tried. */
      readonly fromMs: number | null;
      readonly message: string;
    };
