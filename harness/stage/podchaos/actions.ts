import { join } from 'node:path';
import { resources } from '../client/resources.ts';
import type { StageClient } from '../client/types.ts';
import { callSocket } from '../node/call-socket.ts';
import type { Container, Pod } from '../node/pod.ts';
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
export async function inject(chaos: PodChaos, id: string, { client, dataDir }: ActionTools): Promise<void> {
  const [namespace = '', name = '', container = ''] = id.split('/');
  const { action, gracePeriod: gracePeriodSeconds = 0 } = chaos.spec;
  const pod = (await client.get(resources.pods, namespace, name)) as Pod | undefined;
  if (!pod) throw new InjectionError(`pods "${name}" not found`);
  if (action === 'pod-kill') await client.delete(resources.pods, { namespace, name }, { gracePeriodSeconds });
  else if (action === 'container-kill') await killContainer(pod, container, dataDir);
  else if (pod.metadata.annotations?.[imagesAnnotation(chaos)] === undefined) {
    const images = pod.spec.containers.map((one) => [one.name, one.image]);
    await setImages(
      pod,
      () => pauseImage,
      { [imagesAnnotation(chaos)]: JSON.stringify(Object.fromEntries(images)) },
      client,
    );
  }
}

/** Takes back what `inject` did, where there is something to take back. */
export async function recover(chaos: PodChaos, id: string, { client }: ActionTools): Promise<void> {
  if (chaos.spec.action !== 'pod-failure') return;
  const [namespace = '', name = ''] = id.split('/');
  const pod = (await client.get(resources.pods, namespace, name)) as Pod | undefined;
  const saved = pod?.metadata.annotations?.[imagesAnnotation(chaos)];
  if (!pod || saved === undefined) return;
  const images = JSON.parse(saved) as Record<string, string>;
  await setImages(pod, (one) => images[one.name] ?? one.image, { [imagesAnnotation(chaos)]: null }, client);
}

/**
 * By the container's id in the pod's status, which is as old as the node's last word: after an API outage it may name a
 * container that is gone.
 */
async function killContainer({ spec, status }: Pod, name: string, dataDir: string): Promise<void> {
  const { nodeName } = spec;
  const found = status?.containerStatuses?.find((one) => one.name === name);
  if (found?.containerID === undefined || nodeName === undefined) {
    throw new InjectionError(`container ${name} has not started`);
  }
  const id = found.containerID.replace(/^[a-z]+:\/\//, '');
  const socket = join(dataDir, 'nodes', nodeName, 'control.sock');
  const call = callSocket(socket, 'POST', `/containers/${id}/stop`, { timeoutMs: killTimeoutMs });
  const answer = await call.catch(() => {
    throw new InjectionError(`cannot find daemonIP on node ${nodeName}`);
  });
  const why = answer.status === 404 ? `no running task found: task ${id} not found: not found` : answer.body.trim();
  if (answer.status >= 300) throw new InjectionError(`rpc error: code = Unknown desc = ${why}`);
}

async function setImages(
  { metadata, spec }: Pod,
  imageOf: (container: Container) => string,
  annotations: Readonly<Record<string, string | null>>,
  client: StageClient,
): Promise<void> {
  const containers = spec.containers.map((one) => ({ ...one, image: imageOf(one) }));
  await client.patch(resources.pods, metadata, { metadata: { annotations }, spec: { containers } });
}

/** Where the images of a failing pod are kept, apart for each PodChaos. */
function imagesAnnotation({ metadata }: PodChaos): string {
  return `chaos-mesh.org/images-${metadata.uid ?? ''}`;
}
