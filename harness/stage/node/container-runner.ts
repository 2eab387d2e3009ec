import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { ContainerLog } from './container-log.ts';
import type { ContainerRecord, Ended } from './container-records.ts';
import { watchHealth } from './health.ts';
import type { PodProcess, ProcessSpec } from './pod-process.ts';
import type { Container, ContainerState, ContainerStatus, PodSpec, ProbeSpec } from './pod.ts';
import { ContainerProblem } from './programs.ts';
import { RestartBackOff } from './restart-back-off.ts';
import { nanoTime } from './time.ts';

/** What a container needs from its pod. */
export interface ContainerHost {
  readonly clock: Clock;
  readonly restartPolicy: NonNullable<PodSpec['restartPolicy']>;
  readonly graceS: () => number;
  /** What to start. Throws a ContainerProblem, or anything else when the API is away. */
  readonly prepare: (container: Container) => Promise<ProcessSpec>;
  readonly start: (spec: ProcessSpec, log: ContainerLog) => Promise<PodProcess>;
  readonly newRecord: (container: Container) => ContainerRecord;
  readonly check: (container: Container, probe: ProbeSpec, signal: AbortSignal) => Promise<string | undefined>;
  readonly event: (type: 'Normal' | 'Warning', reason: string, message: string) => void;
  /** The status is another one now. */
  readonly changed: () => void;
}

/** How long a container that cannot be configured waits; an image at first as long, then twice as long each time. */
const retryMs = 10_000;
const imageCapMs = 300_000;

/** Runs one container of a pod: attempt after attempt, with the kubelet's waits between them. */
export class ContainerRunner {
  readonly #host: ContainerHost;
  readonly #backOff = new RestartBackOff();
  #container: Container;
  #waiting: { reason: string; message?: string };
  #record: ContainerRecord | undefined;
  #lastEnded: ContainerState = {};
  #isReady = false;
  #hasStarted = false;
  #isStopped = false;
  #isReplaced = false;
  #wake = new AbortController();

  constructor(container: Container, host: ContainerHost, waitingReason: string) {
    this.#container = container;
    this.#host = host;
    this.#waiting = { reason: waitingReason };
  }

  /** Resolves when the container has ended for good, by its restart policy or by `stop`. */
  async run(): Promise<void> {
    while (!this.#isStopped) {
      const ended = await this.#attempt();
      if (!ended || this.#isStopped) return;
      if (this.#isReplaced) this.#backOff.reset();
      else if (!restarts(this.#host.restartPolicy, ended.exitCode)) return;
      else await this.#waitBackOff();
      this.#isReplaced = false;
    }
  }

  /** Ends the container: SIGTERM, and SIGKILL after the grace period. Again with a shorter one to be quicker. */
  async stop(graceS: number): Promise<void> {
    this.#isStopped = true;
    this.#wake.abort();
    await this.#end(graceS);
  }

  /** Takes a new image; the running process is replaced at once. */
  update(container: Container): void {
    const isSame = container.image === this.#container.image;
    this.#container = container;
    if (isSame || this.#isStopped) return;
    this.#isReplaced = true;
    this.#wake.abort();
    this.#host.event('Normal', 'Killing', `Container ${container.name} definition changed, will be restarted`);
    void this.#end(this.#host.graceS());
  }

  /** Starts at once what waits for its restart. */
  forgetBackOff(): void {
    this.#backOff.reset();
    this.#wake.abort();
  }

  /** The exit code of what has ended for good; undefined while it runs or waits. */
  get exitCode(): number | undefined {
    return this.#waiting.reason === '' ? this.#record?.ended?.exitCode : undefined;
  }

  status(): ContainerStatus {
    const record = this.#record;
    const { name, image } = this.#container;
    return {
      name,
      state: this.#state(),
      lastState: this.#lastEnded,
      ready: this.#isReady,
      started: this.#hasStarted,
      restartCount: record?.attempt ?? 0,
      image,
      imageID: record ? image : '',
      ...(record && { containerID: containerId(record) }),
    };
  }

  #state(): ContainerState {
    if (this.#waiting.reason !== '') return { waiting: this.#waiting };
    if (this.#record?.ended) return terminated(this.#record, this.#record.ended);
    return { running: { startedAt: seconds(this.#record?.startedAt ?? '') } };
  }

  #wait(reason: string, message?: string): void {
    if (this.#record?.ended) this.#lastEnded = terminated(this.#record, this.#record.ended);
    this.#waiting = { reason, ...(message !== undefined && { message }) };
    this.#host.changed();
  }

  /** Undefined when it was stopped before it could start. */
  async #attempt(): Promise<Ended | undefined> {
    const spec = await this.#prepare();
    if (spec === undefined || this.#isStopped) return undefined;
    if (this.#record?.ended) this.#lastEnded = terminated(this.#record, this.#record.ended);
    const record = this.#host.newRecord(this.#container);
    this.#record = record;
    if (this.#waiting.reason === '') this.#waiting = { reason: 'ContainerCreating' };
    let exitCode = 128;
    let problem = '';
    try {
      if (spec instanceof ContainerProblem) throw spec;
      record.process = await this.#host.start(spec, record.log);
      exitCode = await this.#watch(record, record.process);
    } catch (thrown) {
      problem = messageOf(thrown);
      this.#host.event('Warning', 'Failed', `Error: ${problem}`);
    }
    this.#isReady = false;
    this.#hasStarted = false;
    this.#waiting = { reason: '' };
    const reason = problem !== '' ? 'StartError' : exitCode === 0 ? 'Completed' : 'Error';
    record.ended = { exitCode, reason, message: problem, finishedAt: nanoTime() };
    this.#host.changed();
    return record.ended;
  }

  /** From the start of a process to its end. */
  async #watch(record: ContainerRecord, process: PodProcess): Promise<number> {
    const { name } = this.#container;
    record.startedAt = nanoTime();
    this.#waiting = { reason: '' };
    this.#host.event('Normal', 'Started', `Started container ${name}`);
    if (this.#isStopped || this.#isReplaced) process.signal('SIGKILL');
    const life = new AbortController();
    void watchHealth({
      container: this.#container,
      clock: this.#host.clock,
      signal: life.signal,
      check: async (probe) => await this.#host.check(this.#container, probe, life.signal),
      onStarted: () => {
        this.#hasStarted = true;
        this.#host.changed();
      },
      onReady: (ready) => {
        if (ready === this.#isReady) return;
        this.#isReady = ready;
        this.#host.changed();
      },
      onFailure: (kind, why) => {
        const title = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
        this.#host.event('Warning', 'Unhealthy', `${title} probe failed: ${why}`);
      },
      onUnhealthy: (kind, probe) => {
        this.#host.event('Normal', 'Killing', `Container ${name} failed ${kind} probe, will be restarted`);
        void this.#end(probe.terminationGracePeriodSeconds ?? this.#host.graceS());
      },
    });
    try {
      return await process.exited;
    } finally {
      life.abort();
    }
  }

  /** What to start, as soon as it is there; undefined when the container was stopped before. */
  async #prepare(): Promise<ProcessSpec | ContainerProblem | undefined> {
    for (let delayMs = retryMs; !this.#isStopped; delayMs = Math.min(delayMs * 2, imageCapMs)) {
      this.#isReplaced = false;
      try {
        const spec = await this.#host.prepare(this.#container);
        if (!this.#isReplaced) return spec;
      } catch (thrown) {
        const reason = thrown instanceof ContainerProblem ? thrown.reason : 'CreateContainerConfigError';
        if (reason === 'StartError') return thrown as ContainerProblem;
        const message = messageOf(thrown);
        this.#host.event('Warning', 'Failed', `Error: ${reason}: ${message}`);
        this.#wait(reason, message);
        if (reason !== 'ErrImagePull') await this.#sleep(retryMs);
        else await this.#waitForImage(delayMs, message);
      }
    }
    return undefined;
  }

  /** The kubelet shows the failed pull until it looks at the pod again, then the wait. */
  async #waitForImage(delayMs: number, message: string): Promise<void> {
    await this.#sleep(retryMs / 2);
    this.#wait('ImagePullBackOff', `Back-off pulling image "${this.#container.image}": ${message}`);
    await this.#sleep(delayMs - retryMs / 2);
  }

  async #waitBackOff(): Promise<void> {
    const endedMs = this.#host.clock.monotonicMs();
    const leftMs = this.#backOff.startAtMs(endedMs) - endedMs;
    if (leftMs <= 0 || this.#isStopped) return;
    const message = `back-off restarting failed container=${this.#container.name}`;
    this.#host.event('Warning', 'BackOff', message);
    this.#wait('CrashLoopBackOff', message);
    await this.#sleep(leftMs);
  }

  /** Cut short by `stop`, a new image and `forgetBackOff`. */
  async #sleep(ms: number): Promise<void> {
    if (this.#isStopped || this.#isReplaced) return;
    this.#wake = new AbortController();
    await this.#host.clock.sleep(Math.max(0, ms), this.#wake.signal).catch(() => undefined);
  }

  async #end(graceS: number): Promise<void> {
    const process = this.#record?.ended ? undefined : this.#record?.process;
    if (!process) return;
    process.signal(graceS > 0 ? 'SIGTERM' : 'SIGKILL');
    const timer = new AbortController();
    const late = this.#host.clock.sleep(graceS * 1_000, timer.signal).then(
      () => process.signal('SIGKILL'),
      () => undefined,
    );
    await Promise.race([process.exited, late]);
    await process.exited;
    timer.abort();
  }
}

function restarts(policy: string, exitCode: number): boolean {
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function containerId({ id }: ContainerRecord): string {
  return `blackstart://${id}`;
}

function terminated(record: ContainerRecord, { exitCode, reason, message, finishedAt }: Ended): ContainerState {
  return {
    terminated: {
      exitCode,
      reason,
      ...(message !== '' && { message }),
      startedAt: seconds(record.startedAt === '' ? finishedAt : record.startedAt),
      finishedAt: seconds(finishedAt),
      containerID: containerId(record),
    },
  };
}

/** The API's times have no fraction. */
function seconds(time: string): string {
  return `${time.slice(0, 19)}Z`;
}
