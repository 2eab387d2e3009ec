import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { resources } from '../client/resources.ts';
import type { KubeObject, StageClient } from '../client/types.ts';
import type { PodChaos } from './pod-chaos.ts';

export interface ActionTools {
  readonly client: StageClient;
  /** The cluster's data folder, with the control sockets of its nodes. */
  readonly dataDir: string;
}

/** Why a target could not be injected; it becomes the message of the record's event. */
export class InjectionError extends Error {}

/** Chaos Mesh's default for pod-failure. */
const pauseImage = 'gcr.io/google-containers/pause:latest';
const killTimeoutMs = 30_000;

/** Injects one target. Throws an InjectionError when that failed; any other error is the API's. */
export async function inject(chaos: PodChaos, id: string, tools: ActionTools): Promise<void> {
  const [namespace = '', name = '', container = ''] = id.split('/');
  const pod = await tools.client.get(resources.pods, namespace, name);
  if (!pod) throw new InjectionError(`pods "${name}" not found`);
  switch (chaos.spec.action) {
    case 'pod-kill':
      return await tools.client.delete(
        resources.pods,
        { namespace, name },
        { gracePeriodSeconds: chaos.spec.gracePeriod ?? 0 },
      );
    case 'container-kill':
      return await killContainer(pod, container, tools.dataDir);
    case 'pod-failure':
      return await failPod(chaos, pod, tools.client);
  }
}

/** Takes back what `inject` did, where there is something to take back. */
export async function recover(chaos: PodChaos, id: string, { client }: ActionTools): Promise<void> {
  if (chaos.spec.action !== 'pod-failure') return;
  const [namespace = '', name = ''] = id.split('/');
  const pod = await client.get(resources.pods, namespace, name);
  const saved = pod?.metadata.annotations?.[imagesAnnotation(chaos)];
  if (!pod || saved === undefined) return;
  await patchImages(pod, JSON.parse(saved) as Record<string, string>, { [imagesAnnotation(chaos)]: null }, client);
}

/**
 * By the container's id in the pod's status, which is as old as the node's last word: after an API outage it may name a
 * container that is gone.
 */
async function killContainer(pod: KubeObject, name: string, dataDir: string): Promise<void> {
  const { containerStatuses = [] } = (pod['status'] ?? {}) as {
    containerStatuses?: readonly { readonly name: string; readonly containerID?: string }[];
  };
  const containerId = containerStatuses.find((one) => one.name === name)?.containerID;
  const { nodeName } = pod['spec'] as { nodeName?: string };
  if (containerId === undefined || nodeName === undefined)
    throw new InjectionError(`container ${name} has not started`);
  const id = containerId.replace(/^[a-z]+:\/\//, '');
  const answer = await post(join(dataDir, 'nodes', nodeName, 'control.sock'), `/containers/${id}/stop`).catch(() => {
    throw new InjectionError(`cannot find daemonIP on node ${nodeName}`);
  });
  if (answer.status === 404) {
    throw new InjectionError(`rpc error: code = Unknown desc = no running task found: task ${id} not found: not found`);
  }
  if (answer.status >= 300) throw new InjectionError(`rpc error: code = Unknown desc = ${answer.body.trim()}`);
}

async function failPod(chaos: PodChaos, pod: KubeObject, client: StageClient): Promise<void> {
  const images = Object.fromEntries(containersOf(pod).map(({ name, image }) => [name, image]));
  const paused = Object.fromEntries(Object.keys(images).map((name) => [name, pauseImage]));
  if (pod.metadata.annotations?.[imagesAnnotation(chaos)] !== undefined) return;
  await patchImages(pod, paused, { [imagesAnnotation(chaos)]: JSON.stringify(images) }, client);
}

async function patchImages(
  pod: KubeObject,
  images: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string | null>>,
  client: StageClient,
): Promise<void> {
  const containers = containersOf(pod).map((one) => ({ ...one, image: images[one.name] ?? one.image }));
  await client.patch(resources.pods, pod.metadata, { metadata: { annotations }, spec: { containers } });
}

function containersOf(pod: KubeObject): readonly { readonly name: string; readonly image: string }[] {
  return (pod['spec'] as { containers: readonly { readonly name: string; readonly image: string }[] }).containers;
}

/** Where the images of a failing pod are kept, apart for each PodChaos. */
function imagesAnnotation({ metadata }: PodChaos): string {
  return `chaos-mesh.org/images-${metadata.uid ?? ''}`;
}

async function post(socketPath: string, path: string): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const call = request({ socketPath, path, method: 'POST', signal: AbortSignal.timeout(killTimeoutMs) }, (answer) => {
    text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
  });
  call.on('error', reject).end();
  return await promise;
}
