import type { ContainerLog } from './container-log.ts';
import type { ContainerRecord, ContainerRecords } from './container-records.ts';
import type { MirrorPods } from './mirror-pods.ts';
import type { PodProcess } from './pod-process.ts';
import type { PodManager } from './pod-manager.ts';
import { processesOf, readProcess } from './proc.ts';
import type { StaticPodSource } from './static-pod-source.ts';
import { UndoTimers } from './undo-timers.ts';

/** A request on the control socket that cannot be met. */
export class ControlError extends Error {
  /** HTTP status. */
  readonly status: 400 | 404;

  constructor(status: ControlError['status'], message: string) {
    super(message);
    this.status = status;
  }
}

/** One container on the wire: newest first, at most five of each. */
export interface ContainerInfo {
  readonly id: string;
  readonly name: string;
  readonly pod: string;
  readonly namespace: string;
  readonly attempt: number;
  readonly state: 'created' | 'running' | 'exited';
  /** RFC 3339 with nanoseconds; empty when it never ran. */
  readonly startedAt: string;
  readonly createdAt: string;
  /** 0 unless it runs. */
  readonly pid: number;
}

interface Parts {
  readonly records: ContainerRecords;
  readonly source: StaticPodSource;
  readonly pods: PodManager;
  readonly mirrors: MirrorPods;
  readonly timersFolder: string;
}

/** What can be done to a node from outside, without the API. */
export class NodeControl {
  readonly #parts: Parts;
  readonly #timers: UndoTimers;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#timers = new UndoTimers(parts.timersFolder, async ({ kind, target }) => {
      if (kind === 'thaw') this.#resume(target);
      else await this.restore(target);
    });
  }

  /** Call it when the static pods are known. */
  loadTimers(): void {
    this.#timers.load();
  }

  stopTimers(): void {
    this.#timers.stop();
  }

  containers(name: string | undefined): ContainerInfo[] {
    return this.#parts.records.find(name === undefined ? {} : { name }).map((record) => ({
      id: record.id,
      name: record.name,
      pod: record.pod,
      namespace: record.namespace,
      attempt: record.attempt,
      state: record.ended ? 'exited' : record.startedAt === '' ? 'created' : 'running',
      startedAt: record.startedAt,
      createdAt: record.createdAt,
      pid: record.ended ? 0 : (record.process?.pid ?? 0),
    }));
  }

  /** SIGKILL at once; resolves when it has ended. The agent starts it again. 404 when it does not run. */
  async stopContainer(id: string): Promise<void> {
    const process = this.#running(id);
    process.signal('SIGKILL');
    await process.exited;
  }

  freeze(id: string, withinMs: number, timer: string): void {
    const process = this.#running(id);
    this.#timers.arm(timer, withinMs, { kind: 'thaw', target: id });
    process.signal('SIGSTOP');
  }

  /** Also when it does not run any more. */
  thaw(id: string, timer: string | undefined): void {
    this.#resume(id);
    if (timer !== undefined) this.#timers.disarm(timer);
  }

  /** What does not run is not frozen. */
  isFrozen(id: string): { frozen: boolean } {
    const [record] = this.#parts.records.find({ id });
    return { frozen: !record?.ended && readProcess(record?.process?.pid ?? 0)?.state === 'T' };
  }

  /** Moves a manifest away and kills what ran of it; resolves when it has ended. */
  async park(name: string, withinMs: number, timer: string): Promise<void> {
    const { source, pods } = this.#parts;
    const pod = source.podOf(name);
    if (!pod) throw new ControlError(404, `there is no static pod ${name}`);
    this.#timers.arm(timer, withinMs, { kind: 'restore', target: name });
    source.park(name);
    await pods.kill(pod);
  }

  /** Moves a manifest back, when it is away. What still runs of the old pod is killed, or the new one would wait for it. */
  async restore(name: string, timer?: string): Promise<void> {
    const { source, pods } = this.#parts;
    source.restore(name);
    const pod = source.podOf(name);
    if (pod) await pods.kill(pod);
    if (timer !== undefined) this.#timers.disarm(timer);
  }

  staticPod(name: string): { hash: string; parked: string[] } {
    return this.#parts.source.inspect(name);
  }

  timers(): string[] {
    return this.#timers.names();
  }

  /** What ran into its back-off starts now, and mirror pods that are missing are written. */
  renew(): void {
    this.#parts.pods.forgetBackOffs();
    this.#parts.mirrors.renew();
  }

  /** Counts the agent, too. */
  stats(): { pods: number; processes: number; rssBytes: number } {
    const running = this.#parts.records.find({}).filter(({ ended }) => !ended);
    const groups = new Set(running.map(({ process }) => process?.pid ?? 0).filter((pid) => pid > 0));
    const own = readProcess(process.pid);
    const all = [...processesOf(groups), ...(own ? [own] : [])];
    return {
      pods: this.#parts.pods.count,
      processes: all.length,
      rssBytes: all.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    };
  }

  /** The log of a container's newest attempt, or of the one before. */
  log(namespace: string, pod: string, container: string | undefined, previous: boolean): ContainerLog {
    const { records } = this.#parts;
    const names = new Set(
      records
        .find({})
        .filter((one) => one.namespace === namespace && one.pod === pod)
        .map(nameOf),
    );
    const name = container ?? (names.size === 1 ? [...names][0] : undefined);
    if (name === undefined && names.size > 1) {
      throw new ControlError(
        400,
        `a container name must be specified for pod ${pod}, choose one of: [${[...names].join(' ')}]`,
      );
    }
    const record = records.attemptsOf(namespace, pod, name ?? '')[previous ? 1 : 0];
    if (record) return record.log;
    const what = previous ? 'previous terminated container' : 'container';
    throw new ControlError(404, `${what} "${name ?? ''}" in pod "${pod}" not found`);
  }

  #resume(id: string): void {
    for (const { process } of this.#parts.records.find({ id })) process?.signal('SIGCONT');
  }

  #running(id: string): PodProcess {
    const [record] = /^[0-9a-f]{12,64}$/.test(id) ? this.#parts.records.find({ id }) : [];
    if (record?.process && !record.ended) return record.process;
    throw new ControlError(404, `there is no running container ${id}`);
  }
}

function nameOf({ name }: ContainerRecord): string {
  return name;
}
