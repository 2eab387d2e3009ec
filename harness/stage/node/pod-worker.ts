import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { resources } from '../client/resources.ts';
import { ContainerRunner } from './container-runner.ts';
import { containerEnv, expand, rewritePaths, serviceAccountEnv, type PodFacts } from './environment.ts';
import { openHostPorts } from './host-ports.ts';
import { keepTrying } from './keep-trying.ts';
import type { Node } from './node.ts';
import { startProcess, type ProcessSpec } from './pod-process.ts';
import { conditionsOf, phaseOf, type PodStatus } from './pod-status.ts';
import { podVariable } from './proc.ts';
import { graceS, isMirror, type Container, type Pod } from './pod.ts';
import { checkOnce } from './probe-check.ts';
import { programArgv, refuseUnknown } from './programs.ts';
import { StatusReporter } from './status-reporter.ts';
import { apiTime } from './time.ts';
import { inside, Volumes } from './volumes.ts';

/** Waits between tries to set a pod up (the kubelet's). */
const setUpRetry = { firstMs: 500, capMs: 122_000 };
/** How often volumes take over what changed (the kubelet's syncFrequency). */
const refreshMs = 60_000;

/** Runs one pod, from the moment the node took it on until nothing of it is left. */
export class PodWorker {
  /** Resolves when the pod was told to end and nothing of it is left. Never rejects. */
  readonly ended: Promise<void>;
  readonly #node: Node;
  readonly #startTime: string;
  readonly #folder: string;
  readonly #containers: ContainerRunner[];
  readonly #reporter: StatusReporter;
  /** Aborted when the pod shall end; and when the API does not have it any more. */
  readonly #ending = new AbortController();
  readonly #gone = new AbortController();
  #graceS = Infinity;
  #pod: Pod;
  /** The object in the API; undefined for a static pod without mirror. */
  #target: Pod | undefined;
  #conditions: PodStatus['conditions'];
  /** Undefined until the pod is set up. */
  #podIp: string | undefined;
  #volumes: Volumes | undefined;
  #closePorts = (): void => undefined;

  constructor(pod: Pod, node: Node) {
    this.#pod = pod;
    this.#target = isMirror(pod) ? undefined : pod;
    this.#node = node;
    this.#startTime = pod.status?.startTime ?? apiTime(node.clock.now());
    this.#conditions = pod.status?.conditions ?? [];
    this.#folder = inside(join(node.folder, 'pods'), pod.metadata.uid ?? '');
    this.#reporter = new StatusReporter(
      node.client,
      { clock: node.clock, signal: this.#gone.signal },
      () => this.#target && { target: this.#target, status: this.#status() },
    );
    this.#containers = pod.spec.containers.map((container) => this.#runnerOf(container));
    this.ended = this.#run();
  }

  get pod(): Pod {
    return this.#pod;
  }

  get isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  /** The object in the API came or changed: the pod itself, or the mirror of a static one. */
  see(object: Pod): void {
    this.#target = object;
    this.#reporter.see(object);
    if (isMirror(object)) return;
    this.#pod = object;
    for (const [index, { name, image }] of object.spec.containers.entries()) {
      const runner = this.#containers[index];
      if (!runner || runner.container.image === image) continue;
      this.#event('Killing', `Container ${name} definition changed, will be restarted`);
      runner.stop(graceS(object));
    }
    if (object.metadata.deletionTimestamp !== undefined) this.terminate();
  }

  /** Ends the pod within a grace period; again with a shorter one to be quicker. 0: at once. */
  terminate(withinS = graceS(this.#pod)): void {
    if (withinS >= this.#graceS) return;
    this.#graceS = withinS;
    if (!this.isEnding) this.#event('Killing', 'Stopping the containers of the pod');
    this.#ending.abort();
    for (const container of this.#containers) container.stop(withinS);
  }

  /** Ends the pod, and tells the API nothing more. */
  abandon(withinS: number): void {
    this.#gone.abort();
    this.terminate(withinS);
  }

  forgetBackOff(): void {
    for (const container of this.#containers) container.forgetBackOff();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    // One that is being deleted is told so now.
    await Promise.resolve();
    if (!signal.aborted) await this.#live(signal);
    this.#closePorts();
    if (this.#podIp !== undefined && !this.#pod.spec.hostNetwork) this.#node.freeAddresses.push(this.#podIp);
    // A process that left its group may still write there; then it stays until the cluster goes.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    if (!isMirror(this.#pod)) await this.#remove();
  }

  /** Until all containers have ended for good. */
  async #live(signal: AbortSignal): Promise<void> {
    const { clock } = this.#node;
    const onFailure = (problem: unknown): void =>
      this.#event('FailedMount', `Pod could not be set up: ${messageOf(problem)}`, 'Warning');
    this.#reporter.changed();
    const retry = { clock, signal, ...setUpRetry, onFailure };
    await keepTrying(async () => await this.#setUp(), retry).catch(() => undefined);
    this.#reporter.changed();
    void this.#refreshVolumes(signal);
    await Promise.all(this.#containers.map(async (_, index) => await this.#keepRunning(index, signal)));
  }

  /** With a new runner for every image that a container gets. */
  async #keepRunning(index: number, signal: AbortSignal): Promise<void> {
    await this.#containers[index]?.run();
    const asked = this.#pod.spec.containers[index];
    if (signal.aborted || !asked) return;
    this.#containers[index] = this.#runnerOf(asked);
    await this.#keepRunning(index, signal);
  }

  /** The last status, and then the object, when the API still has it. */
  async #remove(): Promise<void> {
    const { client, clock, records } = this.#node;
    const { metadata } = this.#pod;
    records.forgetPod(this.#pod);
    const end = async (): Promise<void> => {
      if (this.#volumes) await this.#reporter.write();
      // With the uid, a new pod of the same name is spared.
      await client.delete(resources.pods, metadata, { gracePeriodSeconds: 0, uid: metadata.uid });
    };
    await keepTrying(end, { clock, signal: this.#gone.signal }).catch(() => undefined);
  }

  #status(): PodStatus {
    const { address: hostIP, clock } = this.#node;
    const containers = this.#containers.map((one) => one.status());
    this.#conditions = conditionsOf(containers, this.#volumes !== undefined, this.#conditions, apiTime(clock.now()));
    const podIP = this.#podIp ?? (this.#pod.spec.hostNetwork ? hostIP : undefined);
    return {
      phase: phaseOf(containers),
      conditions: this.#conditions,
      hostIP,
      hostIPs: [{ ip: hostIP }],
      ...(podIP !== undefined && { podIP, podIPs: [{ ip: podIP }] }),
      startTime: this.#startTime,
      containerStatuses: containers,
    };
  }

  /** Address, volumes and host ports. */
  async #setUp(): Promise<void> {
    const { freeAddresses, address, client } = this.#node;
    const { hostNetwork, containers } = this.#pod.spec;
    this.#podIp ??= hostNetwork ? address : freeAddresses.shift();
    if (this.#podIp === undefined) throw new Error('no pod address is left on this node');
    mkdirSync(this.#folder, { recursive: true });
    const volumes = new Volumes(join(this.#folder, 'volumes'), this.#facts(), client);
    await volumes.write();
    this.#volumes = volumes;
    const ports = hostNetwork ? [] : containers.flatMap((one) => one.ports ?? []);
    const onProblem = (why: string): void => this.#event('FailedHostPort', why, 'Warning');
    this.#closePorts = openHostPorts(ports, address, this.#podIp, onProblem);
  }

  async #refreshVolumes(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#node.clock.sleep(refreshMs, signal).catch(() => undefined);
      // With the API away, the files stay as they are.
      if (!signal.aborted) await this.#volumes?.write().catch(() => undefined);
    }
  }

  #runnerOf(container: Container): ContainerRunner {
    const { clock, records } = this.#node;
    return new ContainerRunner(container, {
      clock,
      graceS: () => graceS(this.#pod),
      prepare: () => this.#prepare(container),
      newRecord: () => records.add(this.#pod, container.name),
      start: startProcess,
      check: async (probe, signal) => await checkOnce(probe, container, this.#podIp ?? '', signal),
      event: (...event) => this.#event(...event),
      changed: () => this.#reporter.changed(),
    });
  }

  #prepare(container: Container): ProcessSpec {
    const { metadata, spec } = this.#pod;
    const { name: nodeName, baseEnv, programs } = this.#node;
    refuseUnknown(spec, container);
    const mounts = this.#volumes?.mountsOf(container) ?? [];
    const real = (text: string): string => rewritePaths(text, mounts);
    const hostname = spec.hostNetwork ? nodeName : metadata.name;
    const env = containerEnv(container, this.#facts(), { ...baseEnv, HOSTNAME: hostname, HOME: this.#folder });
    for (const [name, value] of Object.entries(env)) env[name] = real(value);
    Object.assign(env, serviceAccountEnv(mounts), { [podVariable]: this.#folder });
    const words = (list: readonly string[] = []): string[] => list.map((word) => expand(real(word), env));
    const { image, command, args } = container;
    return { argv: programArgv(programs, image, words(command), words(args)), env, cwd: this.#folder };
  }

  #facts(): PodFacts {
    return { pod: this.#pod, podIp: this.#podIp ?? '', hostIp: this.#node.address };
  }

  #event(reason: string, message: string, type?: 'Warning'): void {
    this.#node.record('kubelet', this.#pod, reason, message, type);
  }
}
