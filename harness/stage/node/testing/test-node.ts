import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { startFakeApi, type FakeApi } from '../../client/fake-api.ts';
import { openClient } from '../../client/open-client.ts';
import { startAgent } from '../agent.ts';
import { callSocket } from '../call-socket.ts';
import type { ContainerInfo } from '../control.ts';
import type { PodStatus } from '../pod-status.ts';
import type { Container, Pod, PodSpec } from '../pod.ts';
import { stagePrograms, type Program } from '../programs.ts';

/** Beside the images of the stage: the shell, which starts quickly. */
const shell: Program = { images: ['sh'], name: 'sh', argv: ['/bin/sh', '-c'] };
const patience = { timeout: 15_000, interval: 20 };

/** A node agent against the fake API. Addresses are 127.C.… with a C below those of clusters. */
export class TestNode {
  readonly folder = mkdtempSync(join(tmpdir(), 'blackstart-node-'));
  readonly api: FakeApi;
  readonly cluster = 1 + (process.pid % 15);
  readonly name = 'n1';
  readonly address = `127.${this.cluster}.0.2`;
  #stop: (() => Promise<void>) | undefined;

  static async create(): Promise<TestNode> {
    return new TestNode(await startFakeApi());
  }

  constructor(api: FakeApi) {
    this.api = api;
    mkdirSync(join(this.folder, 'manifests'));
  }

  async start(): Promise<void> {
    this.#stop = await startAgent({
      name: this.name,
      role: 'worker',
      address: this.address,
      folder: this.folder,
      client: openClient(this.api.client),
      clock: systemClock,
      onProblem: () => undefined,
      programs: [...stagePrograms, shell],
    });
  }

  async stop(): Promise<void> {
    await this.#stop?.();
    await this.api.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** Writes a static pod of namespace `default` with one container, `main`. */
  writeStatic(name: string, container: Partial<Container>): void {
    const spec = { hostNetwork: true, containers: [{ name: 'main', image: 'sh', ...container }] };
    const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
    writeFileSync(join(this.folder, 'manifests', `${name}.yaml`), JSON.stringify(manifest));
  }

  /** A pod of namespace `default` that is bound to the node, with one container, `main`, that runs a shell script. */
  addPod(name: string, script: string, container: Partial<Container> = {}, spec: Partial<PodSpec> = {}): Pod {
    const containers = [{ name: 'main', image: 'sh', args: [script], ...container }];
    return this.api.store.create('v1/pods', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'default', name },
      spec: { nodeName: this.name, containers, ...spec },
    }) as Pod;
  }

  pod(name: string): Pod | undefined {
    return this.api.store.list('v1/pods').find(({ metadata }) => metadata.name === name) as Pod | undefined;
  }

  /** Waits until the API has a status that matches. */
  async status(name: string, expected: object): Promise<PodStatus> {
    await vi.waitFor(() => assert.partialDeepStrictEqual(this.pod(name)?.status, expected), patience);
    return this.pod(name)?.status as PodStatus;
  }

  async gone(name: string): Promise<void> {
    await vi.waitFor(() => assert.equal(this.pod(name), undefined), patience);
  }

  async events(reason: string): Promise<string[]> {
    return await vi.waitFor(() => {
      const found = this.api.store.list('v1/events').filter((event) => event['reason'] === reason);
      assert.notEqual(found.length, 0);
      return found.map((event) => String(event['message']));
    }, patience);
  }

  /** One call on the control socket. */
  async control(method: string, path: string, body?: object): Promise<{ status: number; body: string }> {
    return await callSocket(join(this.folder, 'control.sock'), method, path, body && { body: JSON.stringify(body) });
  }

  /** What a container has written, once it matches. */
  async log(pod: string, expected: RegExp, query = ''): Promise<string> {
    return await vi.waitFor(async () => {
      const { body } = await this.control('GET', `/logs?namespace=default&pod=${pod}&container=main${query}`);
      assert.match(body, expected);
      return body;
    }, patience);
  }

  /** The newest attempt of the containers named `main` of a pod, once it runs and is another one than before. */
  async running(pod: string, otherThan?: ContainerInfo): Promise<ContainerInfo> {
    return await vi.waitFor(async () => {
      const newest = (await this.containers()).find((one) => one.pod === pod);
      assert.equal(newest?.state, 'running');
      assert.notEqual(newest.id, otherThan?.id);
      return newest;
    }, patience);
  }

  async containers(): Promise<ContainerInfo[]> {
    return JSON.parse((await this.control('GET', '/containers?name=main')).body) as ContainerInfo[];
  }
}
