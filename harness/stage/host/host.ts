import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock as clock } from '../../core/clock.ts';
import { BlackstartError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import { readKubeconfig } from '../client/kubeconfig.ts';
import { openClient } from '../client/open-client.ts';
import type { StageClient } from '../client/types.ts';
import { readProcess } from '../node/proc.ts';
import { startProxy, type Proxy } from '../proxy/proxy.ts';
import { apiReady, clusterReady, postAddOns } from './bring-up.ts';
import { serveHost } from './host-server.ts';
import { NodeProcess } from './node-process.ts';
import { planCluster, type ClusterPlan, type HostSpec } from './plan.ts';
import { writeStaticPods } from './static-pods.ts';
import { takeSubnet } from './subnet.ts';

const credentialsProgram = fileURLToPath(new URL('credentials.ts', import.meta.url));
const ownerLookMs = 1_000;

/** The machine that a cluster runs on: its nodes, its network, its power switch. */
export class Host {
  readonly plan: ClusterPlan;
  /** Resolves when everything has ended. */
  readonly off: Promise<void>;
  readonly #powerOff = new AbortController();
  readonly #isOff = Promise.withResolvers<void>();
  readonly #nodes: NodeProcess[] = [];
  readonly #log = (message: string): void => {
    appendFileSync(join(this.plan.dataDir, 'host.log'), `${new Date().toISOString()} ${message}\n`, { mode: 0o600 });
  };
  #owner: NodeJS.Timeout | undefined;
  #proxy: Proxy | undefined;
  #server: Server | undefined;

  /** Prepares the data folder; nothing runs yet. */
  static async create(spec: HostSpec): Promise<Host> {
    const plan = planCluster(spec, await takeSubnet());
    mkdirSync(plan.dataDir, { recursive: true, mode: 0o700 });
    if (existsSync(join(plan.dataDir, 'host.json'))) {
      throw new BlackstartError('cluster', `${plan.dataDir} is already the folder of a cluster`);
    }
    const { startTicks } = readProcess(process.pid) ?? {};
    const facts = { pid: process.pid, startTicks, name: plan.name, subnet: plan.subnet };
    writeFileSync(join(plan.dataDir, 'host.json'), `${JSON.stringify(facts)}\n`, { mode: 0o600 });
    return new Host(plan);
  }

  constructor(plan: ClusterPlan) {
    this.plan = plan;
    this.off = this.#isOff.promise;
  }

  /** Switches the cluster on. Resolves when it is ready; rejects with `timeout`, or `interrupted` when switched off. */
  async powerOn(ownerPid?: number): Promise<void> {
    const { plan } = this;
    const { signal } = this.#powerOff;
    this.#log(`power on: ${plan.nodes.length} nodes, subnet 127.${plan.subnet}`);
    if (ownerPid !== undefined) this.#watchOwner(ownerPid);
    writeStaticPods(plan);
    await promisify(execFile)(process.execPath, [credentialsProgram, JSON.stringify(plan)]);
    signal.throwIfAborted();
    this.#log('credentials written');
    this.#nodes.push(...plan.nodes.map((node) => new NodeProcess(node, plan.dataDir, this.#log)));
    this.#server = await serveHost(join(plan.dataDir, 'host.sock'), this.#nodes, () => clearInterval(this.#owner));
    // API Priority and Fairness lets it through.
    const client = this.#open('super-admin.conf');
    await apiReady(client, signal);
    this.#log('API ready');
    // The service proxy, for one, is let in by one of them.
    await postAddOns(plan, client, signal);
    // Pods reach the API by the ClusterIP of the Service `kubernetes`.
    this.#proxy = startProxy({
      client: this.#open('kube-proxy.conf'),
      clock,
      random: seededRandom(randomInt(2 ** 32)),
      onProblem: (message) => this.#log(`proxy: ${message}`),
    });
    await Promise.all([this.#proxy.synced, clusterReady(plan, client, signal)]);
    this.#log('cluster ready');
  }

  /** Ends every process of the cluster, now, and takes away its sockets. */
  powerOff(reason: string): void {
    if (this.isOff) return;
    this.#powerOff.abort();
    this.#log(`power off: ${reason}`);
    this.#switchOff().then(this.#isOff.resolve, this.#isOff.reject);
  }

  get isOff(): boolean {
    return this.#powerOff.signal.aborted;
  }

  /** The owner has ended when nobody has its number, or another process. */
  #watchOwner(pid: number): void {
    const startTicks = readProcess(pid)?.startTicks;
    this.#owner = setInterval(() => {
      const owner = readProcess(pid);
      const isThere = owner && owner.startTicks === startTicks && owner.state !== 'Z';
      if (!isThere) this.powerOff(`the owner, process ${pid}, is gone`);
    }, ownerLookMs);
  }

  async #switchOff(): Promise<void> {
    clearInterval(this.#owner);
    this.#proxy?.stop();
    this.#server?.close();
    this.#server?.closeAllConnections();
    await Promise.all(this.#nodes.map(async (node) => await node.powerOff()));
    const ours = ['host.sock', 'host.json'].map((name) => join(this.plan.dataDir, name));
    for (const file of [...this.plan.nodes.map(({ socket }) => socket), ...ours]) rmSync(file, { force: true });
  }

  #open(file: string): StageClient {
    const connection = readKubeconfig(join(this.plan.dataDir, file));
    return openClient({ ...connection, userAgent: `blackstart-host (${file})` });
  }
}
