import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { ContainerRecord } from './container-records.ts';
import { watchHealth } from './health.ts';
import type { PodProcess, ProcessSpec } from './pod-process.ts';
import type { Container, ProbeSpec } from './pod.ts';
import { ContainerProblem } from './programs.ts';
import { nanoTime } from './time.ts';

export interface ContainerState {
  waiting?: { reason: string; message?: string };
  running?: { startedAt: string };
  terminated?: { exitCode: number; reason: string; startedAt: string; finishedAt: string; containerID: string };
}

export type ContainerStatus = ReturnType<ContainerRunner['status']>;

/** What a container needs from its pod. */
export interface ContainerHost {
  readonly clock: Clock;
  readonly graceS: () => number;
  /** What to start. Throws a ContainerProblem when this can never be started. */
  readonly prepare: () => ProcessSpec;
  readonly newRecord: () => ContainerRecord;
  readonly start: (spec: ProcessSpec, log: string) => Promise<PodProcess>;
  readonly check: (probe: ProbeSpec, signal: AbortSignal) => Promise<string | undefined>;
  readonly event: (reason: string, message: string, type?: 'Warning') => void;
  /** The status is another one now. */
  readonly changed: () => void;
}

/** The kubelet's waits before a restart: none at first, then these; as at first again after a long life. */
const backOff = { firstMs: 10_000, capMs: 300_000, resetAfterMs: 600_000 };

/** Runs one container of a pod: attempt after attempt, with the kubelet's waits between them. */
export class ContainerRunner {
  readonly container: Container;
  readonly #host: ContainerHost;
  /** Undefined while it runs or has just ended. */
  #waiting: { reason: string; message?: string } | undefined = { reason: 'ContainerCreating' };
  #record: ContainerRecord | undefined;
  #lastState: ContainerState = {};
  #isReady = false;
  #isStopped = false;
  #nextWaitMs = 0;
  #lastStartMs = 0;
  #wake = new AbortController();

  constructor(container: Container, host: ContainerHost) {
    this.container = container;
    this.#host = host;
  }

  /** Resolves when the container was told to stop and has ended. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      const spec = this.#prepare();
      if (spec) await this.#attempt(spec);
      await this.#sleep(spec ? this.#backOffMs() : backOff.capMs);
    }
  }

  /** Ends the container: SIGTERM, and SIGKILL after the grace period. Again with a shorter one to be quicker. */
  stop(graceS: number): void {
    this.#isStopped = true;
    this.#wake.abort();
    void this.#end(graceS);
  }

  /** Starts at once what waits for its restart. */
  forgetBackOff(): void {
    this.#nextWaitMs = 0;
    this.#wake.abort();
  }

  status() {
    const { name, image } = this.container;
    const record = this.#record;
    const state: ContainerState = this.#waiting ? { waiting: this.#waiting } : stateOf(record);
    return {
      name,
      state,
      lastState: this.#lastState,
      ready: this.#isReady,
      started: state.running !== undefined,
      restartCount: record?.attempt ?? 0,
      image,
      imageID: record ? image : '',
      ...(record && { containerID: containerId(record) }),
    };
  }

  #wait(reason: string, message?: string): void {
    if (this.#record?.ended) this.#lastState = stateOf(this.#record);
    this.#waiting = { reason, ...(message !== undefined && { message }) };
    this.#host.changed();
  }

  /** Undefined when there is nothing to start: only another image would help. */
  #prepare(): ProcessSpec | undefined {
    try {
      return this.#host.prepare();
    } catch (problem) {
      const reason = problem instanceof ContainerProblem ? problem.reason : 'CreateContainerConfigError';
      const message = messageOf(problem);
      this.#host.event('Failed', `Error: ${reason}: ${message}`, 'Warning');
      this.#wait(reason, message);
      return undefined;
    }
  }

  /** One process, from before its start until after its end. */
  async #attempt(spec: ProcessSpec): Promise<void> {
    const { newRecord, start, event, changed } = this.#host;
    this.#wait('ContainerCreating');
    const record = newRecord();
    this.#record = record;
    const end = { exitCode: 128, reason: 'StartError' };
    try {
      record.process = await start(spec, record.log);
      end.exitCode = await this.#watch(record, record.process);
      end.reason = end.exitCode === 0 ? 'Completed' : 'Error';
    } catch (problem) {
      event('Failed', `Error: ${messageOf(problem)}`, 'Warning');
    }
    this.#isReady = false;
    this.#waiting = undefined;
    record.ended = { ...end, finishedAt: nanoTime() };
    changed();
  }

  /** From the start of a process to its end. */
  async #watch(record: ContainerRecord, process: PodProcess): Promise<number> {
    const { clock, event, changed, check, graceS } = this.#host;
    const { container } = this;
    record.startedAt = nanoTime();
    this.#waiting = undefined;
    changed();
    event('Started', `Started container ${container.name}`);
    if (this.#isStopped) process.signal('SIGKILL');
    const life = new AbortController();
    void watchHealth({
      container,
      clock,
      signal: life.signal,
      check: async (probe) => await check(probe, life.signal),
      onReady: (ready) => {
        if (ready === this.#isReady) return;
        this.#isReady = ready;
        changed();
      },
      onFailure: (kind, why) => event('Unhealthy', `${kind} probe failed: ${why}`, 'Warning'),
      onUnhealthy: () => {
        event('Killing', `Container ${container.name} failed liveness probe, will be restarted`);
        void this.#end(graceS());
      },
    });
    return await process.exited.finally(() => life.abort());
  }

  /** How long what has just ended waits for its restart. */
  #backOffMs(): number {
    const endedMs = this.#host.clock.monotonicMs();
    const waitMs = endedMs - this.#lastStartMs > backOff.resetAfterMs ? 0 : this.#nextWaitMs;
    this.#lastStartMs = endedMs + waitMs;
    this.#nextWaitMs = waitMs === 0 ? backOff.firstMs : Math.min(waitMs * 2, backOff.capMs);
    if (waitMs === 0 || this.#isStopped) return 0;
    const message = `back-off restarting failed container=${this.container.name}`;
    this.#host.event('BackOff', message, 'Warning');
    this.#wait('CrashLoopBackOff', message);
    return waitMs;
  }

  /** Cut short by `stop` and `forgetBackOff`. */
  async #sleep(ms: number): Promise<void> {
    if (this.#isStopped || ms === 0) return;
    this.#wake = new AbortController();
    await this.#host.clock.sleep(ms, this.#wake.signal).catch(() => undefined);
  }

  async #end(graceS: number): Promise<void> {
    const process = this.#record?.ended ? undefined : this.#record?.process;
    if (!process) return;
    process.signal(graceS > 0 ? 'SIGTERM' : 'SIGKILL');
    const over = new AbortController();
    const late = this.#host.clock.sleep(graceS * 1_000, over.signal).then(() => process.signal('SIGKILL'));
    late.catch(() => undefined);
    await process.exited;
    over.abort();
  }
}

function containerId({ id }: ContainerRecord): string {
  return `blackstart://${id}`;
}

/** The API's times have no fraction. */
function seconds(time: string): string {
  return `${time.slice(0, 19)}Z`;
}

function stateOf(record: ContainerRecord | undefined): ContainerState {
  const startedAt = seconds(record?.startedAt || (record?.ended?.finishedAt ?? ''));
  if (!record?.ended) return { running: { startedAt } };
  const { exitCode, reason, finishedAt } = record.ended;
  return {
    terminated: { exitCode, reason, startedAt, finishedAt: seconds(finishedAt), containerID: containerId(record) },
  };
}
