import { resourcePath } from '../client/paths.ts';
import { resources } from '../client/resources.ts';
import type { KubeObject, StageClient } from '../client/types.ts';
import type { Pod } from './pod.ts';

/** What pods read from the API when they start. */
export interface Lookup {
  /** The keys of a ConfigMap; undefined when there is none. */
  configMap(namespace: string, name: string): Promise<Map<string, Buffer> | undefined>;
  secret(namespace: string, name: string): Promise<Map<string, Buffer> | undefined>;
  /** A new token of the pod's service account. */
  token(pod: Pod, options: { audience?: string | undefined; expirationS: number }): Promise<string>;
}

export function apiLookup(client: StageClient): Lookup {
  return {
    configMap: async (namespace, name) => {
      const found = await client.get(resources.configMaps, namespace, name);
      return found && new Map([...decode(found['data'], 'utf8'), ...decode(found['binaryData'], 'base64')]);
    },
    secret: async (namespace, name) => {
      const found = await client.get(resources.secrets, namespace, name);
      return found && new Map(decode(found['data'], 'base64'));
    },
    token: async (pod, options) => await requestToken(client, pod, options),
  };
}

function decode(data: unknown, encoding: 'utf8' | 'base64'): [string, Buffer][] {
  const entries = Object.entries((data ?? {}) as Record<string, string>);
  return entries.map(([key, value]) => [key, Buffer.from(value, encoding)]);
}

async function requestToken(
  client: StageClient,
  { metadata, spec }: Pod,
  { audience, expirationS }: { audience?: string | undefined; expirationS: number },
): Promise<string> {
  const account = spec.serviceAccountName ?? 'default';
  const path = resourcePath(resources.serviceAccounts, metadata.namespace, account, 'token');
  const { status, body } = await client.raw('POST', path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      ...(audience !== undefined && { audiences: [audience] }),
      expirationSeconds: expirationS,
      boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: metadata.name, uid: metadata.uid },
    },
  });
  const token = status < 300 ? (JSON.parse(body) as KubeObject & { status?: { token?: string } }).status?.token : '';
  if (!token) throw new Error(`no token for service account ${metadata.namespace}/${account}: HTTP ${status}`);
  return token;
}
