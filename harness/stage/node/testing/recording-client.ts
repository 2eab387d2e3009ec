import type { KubeObject, ObjectName, Resource, StageClient } from '../../client/types.ts';

/** Records every write; `answer` may reject to make one fail. */
export interface RecordingClient extends StageClient {
  readonly calls: string[];
  readonly patches: unknown[];
  answer: (call: string) => Promise<void>;
}

const never = async (): Promise<never> => await Promise.reject(new Error('not expected'));

export function recordingClient(): RecordingClient {
  const object: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', uid: 'node-uid' } };
  const record = async (verb: string, { plural }: Resource, { namespace, name }: ObjectName): Promise<KubeObject> => {
    const call = `${verb} ${plural} ${namespace}/${name}`;
    client.calls.push(call);
    await client.answer(call);
    return object;
  };
  const client: RecordingClient = {
    calls: [],
    patches: [],
    answer: async () => {},
    get: async () => object,
    list: never,
    create: async (resource, { metadata }) => await record('create', resource, metadata),
    update: never,
    patch: async (resource, ref, patch) => {
      client.patches.push(patch);
      return await record('patch', resource, ref);
    },
    delete: async (resource, ref) => {
      await record('delete', resource, ref);
    },
    raw: never,
    watch: never,
    close: () => undefined,
  };
  return client;
}
