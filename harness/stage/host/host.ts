import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '../../core/clock.ts';
import { BlackstartError } from '../../core/errors.ts';
import { seededRandom } from '../../core/random.ts';
import { readKubeconfig } from '../client/kubeconfig.ts';
import { openClient } from '../client/open-client.ts';
import type { StageClient } from '../client/types.ts';
import { readProcess } from '../node/proc.ts';
import { startProxy, type Proxy } from '../proxy/proxy.ts';
import { apiReady, clusterReady } from './bring-up.ts';
import { serveHost } from './host-server.ts';
import { NodeProcess } from './node-process.ts';
import { watchOwner } from './owner.ts';
import { planCluster, type ClusterPlan, type HostSpec } from './plan.ts';
import { writeStaticPods } from './static-pods.ts';
import { requireLowPorts, takeSubnet, type TakenSubnet } from './subnet.ts';

const credentialsProgram = fileURLToPath(new URL('credentials.ts', import.meta.url));

/** The machine that a cluster runs on: its nodes, its network, its power switch. */
export class Host {
  readonly plan: ClusterPlan;
  /** Resolves when everything has ended. */
  readonly off: Promise<void>;
  readonly #subnet: TakenSubnet;
  readonly #powerOff = new AbortController();
  readonly #isOff = Promise.withResolvers<void>();
  readonly #nodes: NodeProcess[] = [];
  readonly #clients: StageClient[] = [];
  #proxy: Proxy | undefined;
  #server: Server | undefined;

  /** Prepares the data folder; nothing runs yet. */
  static async create(spec: HostSpec): Promise<Host> {
    const subnet = await takeSubnet(spec.subnet, seededRandom(process.pid));
    const plan = planCluster(spec, subnet.subnet);
    await requireLowPorts(plan.dnsAddress);
    mkdirSync(plan.dataDir, { recursive: true, mode: 0o700 });
    if (existsSync(join(plan.dataDir, 'host.json'))) {
      throw new BlackstartError('cluster', `${plan.dataDir} is already the folder of a cluster`);
    }
    const { startTicks } = readProcess(process.pid) ?? {};
    const facts = { pid: process.pid, startTicks, name: plan.name, subnet: plan.subnet };
    writeFileSync(join(plan.dataDir, 'host.json'), `${JSON.stringify(facts)}\n`, { mode: 0o600 });
    return new Host(plan, subnet);
  }

  constructor(plan: ClusterPlan, subnet: TakenSubnet) {
    this.plan = plan;
    this.#subnet = subnet;
    this.off = this.#isOff.promise;
  }

  /** Switches the cluster on. Resolves when it is ready; rejects with `timeout`, or `interrupted` when it was switched off. */
  async powerOn(ownerPid?: number): Promise<void> {
    const { dataDir, nodes } = this.plan;
    const { signal } = this.#powerOff;
    this.log(`power on: ${nodes.length} nodes, subnet 127.${this.plan.subnet}`);
    const release =
      ownerPid === undefined
        ? () => undefined
        : watchOwner(ownerPid, () => this.powerOff(`the owner, process ${ownerPid}, is gone`));
    signal.addEventListener('abort', release);
    writeStaticPods(this.plan);
    await promisify(execFile)(process.execPath, [credentialsProgram, JSON.stringify(this.plan)]);
    signal.throwIfAborted();
    this.log('credentials written');
    const log = (message: string): void => this.log(message);
    this.#nodes.push(...nodes.map((node) => new NodeProcess({ node, dataDir, log })));
    const path = join(dataDir, 'host.sock');
    this.#server = await serveHost({ path, nodes: this.#nodes, shutdown: () => this.powerOff('asked to'), release });
    const cluster = { plan: this.plan, client: this.#open('super-admin.conf'), clock: systemClock, signal };
    await apiReady(cluster);
    this.log('API ready');
    // Pods reach the API by the ClusterIP of the Service `kubernetes`.
    this.#proxy = startProxy({
      client: this.#open('kube-proxy.conf'),
      clock: systemClock,
      random: seededRandom(Math.floor(Math.random() * 2 ** 32)),
      onProblem: (message) => this.log(`proxy: ${message}`),
    });
    await Promise.all([this.#proxy.synced, clusterReady(cluster)]);
    this.log('cluster ready');
  }

  /** Ends every process of the cluster, now, and takes away its sockets. */
  powerOff(reason: string): void {
    if (this.isOff) return;
    this.#powerOff.abort();
    this.log(`power off: ${reason}`);
    this.#switchOff().then(this.#isOff.resolve, this.#isOff.reject);
  }

  get isOff(): boolean {
    return this.#powerOff.signal.aborted;
  }

  log(message: string): void {
    appendFileSync(join(this.plan.dataDir, 'host.log'), `${new Date().toISOString()} ${message}\n`, { mode: 0o600 });
  }

  async #switchOff(): Promise<void> {
    this.#proxy?.stop();
    this.#server?.close();
    this.#server?.closeAllConnections();
    for (const client of this.#clients) client.close();
    await Promise.all(this.#nodes.map(async (node) => await node.powerOff()));
    const sockets = this.#nodes.map(({ node }) => join(node.folder, 'control.sock'));
    const ours = ['host.sock', 'host.json'].map((name) => join(this.plan.dataDir, name));
    for (const file of [...sockets, ...ours]) rmSync(file, { force: true });
    this.#subnet.release();
  }

  #open(file: string): StageClient {
    const connection = readKubeconfig(join(this.plan.dataDir, file));
    const client = openClient({ ...connection, userAgent: `blackstart-host (${file})` });
    this.#clients.push(client);
    return client;
  }
}
