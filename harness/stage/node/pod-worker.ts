import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { messageOf } from '../../core/errors.ts';
import type { AddressPool } from './addresses.ts';
import type { ContainerRecords } from './container-records.ts';
import { ContainerRunner, type ContainerHost } from './container-runner.ts';
import { containerEnv, expand } from './environment.ts';
import type { EventRecorder } from './event-recorder.ts';
import { openHostPorts } from './host-ports.ts';
import type { Lookup } from './lookup.ts';
import { rewritePaths, serviceAccountEnv } from './mounts.ts';
import type { PidFolder } from './pid-folder.ts';
import type { PodFacts } from './pod-facts.ts';
import { runOnce, startProcess, type ProcessSpec } from './pod-process.ts';
import { podStatus } from './pod-status.ts';
import { graceS, type Container, type Pod, type PodStatus } from './pod.ts';
import { checkOnce } from './probe-check.ts';
import { findProgram, programArgv, type Program } from './programs.ts';
import { apiTime } from './time.ts';
import { inside, Volumes } from './volumes.ts';

/** What all pods of a node share. */
export interface NodeServices {
  readonly clock: Clock;
  readonly nodeName: string;
  readonly nodeAddress: string;
  /** Folder of the pods' own folders. */
  readonly podsFolder: string;
  readonly allocatable: Readonly<Record<string, string>>;
  /** In every container's environment. */
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly programs: readonly Program[];
  readonly addresses: AddressPool;
  readonly records: ContainerRecords;
  readonly pids: PidFolder;
  readonly events: EventRecorder;
  readonly lookup: Lookup;
}

/** Waits between tries to set a pod up (kubelet: 500 ms, doubled up to 2 min 2 s). */
const firstRetryMs = 500;
const retryCapMs = 122_000;
/** How often volumes take over what changed (the kubelet's syncFrequency). */
const refreshMs = 60_000;

/** Runs one pod, from the moment the node took it on until nothing of it is left. */
export class PodWorker {
  readonly #node: NodeServices;
  readonly #onChange: (worker: PodWorker) => void;
  readonly #startTime: string;
  readonly #folder: string;
  readonly #init: ContainerRunner[];
  readonly #containers: ContainerRunner[];
  /** Aborted when the pod shall end. */
  readonly #ending = new AbortController();
  #pod: Pod;
  #conditions: PodStatus['conditions'];
  #facts: PodFacts | undefined;
  #volumes: Volumes | undefined;

  constructor(pod: Pod, node: NodeServices, onChange: (worker: PodWorker) => void) {
    this.#pod = pod;
    this.#node = node;
    this.#onChange = onChange;
    this.#startTime = pod.status?.startTime ?? apiTime(node.clock.now());
    this.#conditions = pod.status?.conditions ?? [];
    this.#folder = inside(node.podsFolder, pod.metadata.uid ?? '');
    const { initContainers = [], containers, restartPolicy = 'Always' } = pod.spec;
    const reason = initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating';
    const make = (policy: ContainerHost['restartPolicy']) => (container: Container) =>
      new ContainerRunner(container, this.#hostOf(container, policy), reason);
    this.#init = initContainers.map(make(restartPolicy === 'Always' ? 'OnFailure' : restartPolicy));
    this.#containers = containers.map(make(restartPolicy));
  }

  get pod(): Pod {
    return this.#pod;
  }

  get isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  /** Resolves when the pod was told to end and nothing of it is left. Never rejects. */
  async run(): Promise<void> {
    const { signal } = this.#ending;
    const closePorts = await this.#setUp();
    this.#onChange(this);
    if (this.#volumes?.canChange) void this.#refreshVolumes(this.#volumes);
    if (await this.#initialize()) await Promise.all(this.#containers.map((container) => container.run()));
    this.#onChange(this);
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    closePorts?.();
    if (this.#facts && !this.#pod.spec.hostNetwork) this.#node.addresses.giveBack(this.#facts.podIp);
    removeFolder(this.#folder);
  }

  /** Takes labels, annotations, images and the like from a newer version of the same pod. */
  update(pod: Pod): void {
    this.#pod = pod;
    pod.spec.containers.forEach((container, index) => this.#containers[index]?.update(container));
  }

  /** Ends the pod within a grace period; again with a shorter one to be quicker. 0: at once. */
  terminate(withinS: number): void {
    if (!this.isEnding) {
      this.#ending.abort();
      const hooks = this.#pod.spec.containers.filter(({ lifecycle }) => lifecycle?.preStop !== undefined);
      for (const { name } of hooks) this.#event('Warning', 'FailedPreStopHook', `${name}: this stage has no hooks`);
      this.#event('Normal', 'Killing', 'Stopping the containers of the pod');
    }
    for (const runner of [...this.#init, ...this.#containers]) void runner.stop(withinS);
  }

  forgetBackOff(): void {
    for (const runner of [...this.#init, ...this.#containers]) runner.forgetBackOff();
  }

  status(): PodStatus {
    const status = podStatus({
      pod: this.#pod,
      hostIp: this.#node.nodeAddress,
      podIp: this.#facts?.podIp,
      isSetUp: this.#volumes !== undefined,
      initContainers: this.#init.map((one) => one.status()),
      containers: this.#containers.map((one) => one.status()),
      startTime: this.#startTime,
      now: apiTime(this.#node.clock.now()),
      conditions: this.#conditions,
    });
    this.#conditions = status.conditions;
    return status;
  }

  /** True when every init container succeeded. */
  async #initialize(): Promise<boolean> {
    for (const runner of this.#init) {
      await runner.run();
      if (this.isEnding || runner.exitCode !== 0) return false;
      this.#onChange(this);
    }
    return !this.isEnding;
  }

  /** Address, volumes and host ports, tried until they are there; gives what closes the ports. */
  async #setUp(): Promise<(() => void) | undefined> {
    const { clock, addresses, nodeAddress, allocatable, lookup } = this.#node;
    for (let delayMs = firstRetryMs; !this.isEnding; delayMs = Math.min(delayMs * 2, retryCapMs)) {
      try {
        const podIp = this.#facts?.podIp ?? (this.#pod.spec.hostNetwork ? nodeAddress : addresses.take());
        this.#facts = { pod: this.#pod, podIp, hostIp: nodeAddress, allocatable };
        mkdirSync(this.#folder, { recursive: true });
        const volumes = new Volumes(join(this.#folder, 'volumes'), this.#facts, lookup);
        await volumes.write();
        this.#volumes = volumes;
        const ports = this.#pod.spec.hostNetwork ? [] : this.#pod.spec.containers.flatMap((one) => one.ports ?? []);
        return openHostPorts(ports, nodeAddress, podIp, (why) => this.#event('Warning', 'FailedHostPort', why));
      } catch (problem) {
        this.#event('Warning', 'FailedMount', `Pod could not be set up: ${messageOf(problem)}`);
        await clock.sleep(delayMs, this.#ending.signal).catch(() => undefined);
      }
    }
    return undefined;
  }

  async #refreshVolumes(volumes: Volumes): Promise<void> {
    while (!this.isEnding) {
      await this.#node.clock.sleep(refreshMs, this.#ending.signal).catch(() => undefined);
      // With the API away, the files stay as they are.
      if (!this.isEnding) await volumes.write().catch(() => undefined);
    }
  }

  #hostOf(container: Container, restartPolicy: ContainerHost['restartPolicy']): ContainerHost {
    const { clock, records, pids } = this.#node;
    return {
      clock,
      restartPolicy,
      graceS: () => graceS(this.#pod),
      prepare: async (current) => await this.#prepare(current),
      start: async (spec, log) => await startProcess(spec, pids, log),
      newRecord: ({ name }) => records.add(this.#pod, name),
      check: async (current, probe, signal) => {
        const exec = async (command: readonly string[], execSignal: AbortSignal): Promise<number> =>
          await runOnce(await this.#prepare({ ...current, command: [...command], args: [] }), execSignal);
        return await checkOnce(probe, { container: current, podIp: this.#facts?.podIp ?? '', exec }, signal);
      },
      event: (type, reason, message) => this.#event(type, reason, message, container.name),
      changed: () => this.#onChange(this),
    };
  }

  async #prepare(container: Container): Promise<ProcessSpec> {
    const program = findProgram(this.#node.programs, container.image);
    if (!this.#facts || !this.#volumes) throw new Error('the pod is not set up');
    const mounts = this.#volumes.mountsOf(container);
    const real = (text: string): string => rewritePaths(text, mounts);
    const { metadata, spec } = this.#pod;
    const hostname = spec.hostNetwork ? this.#node.nodeName : metadata.name;
    const base = { ...this.#node.baseEnv, HOSTNAME: hostname, HOME: this.#folder };
    const facts = { ...this.#facts, pod: this.#pod };
    const asked = await containerEnv(container, facts, this.#node.lookup, base);
    const env = {
      ...Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, real(value)])),
      ...serviceAccountEnv(mounts),
    };
    const words = (list: readonly string[] = []): string[] => list.map((word) => expand(real(word), env));
    const folder = real(container.workingDir ?? '');
    return {
      argv: programArgv(program, words(container.command), words(container.args)),
      env,
      // A folder of the image is not there; only one of a volume is.
      cwd: folder === (container.workingDir ?? '') ? this.#folder : folder,
    };
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string, container?: string): void {
    this.#node.events.record(this.#pod, { type, reason, message, container });
  }
}

/** A process that left its group may still write there; then it is done when the next agent starts. */
function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    // See above.
  }
}
