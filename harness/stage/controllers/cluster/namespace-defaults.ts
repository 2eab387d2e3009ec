import { resources } from '../../client/resources.ts';
import type { KubeObject } from '../../client/types.ts';
import { openQueue, type Context, type Controller } from '../base/context.ts';
import { isTerminating } from '../base/pod-state.ts';

const rootCaName = 'kube-root-ca.crt';

/** Gives each namespace its service account `default` and the certificate authority of the API, and keeps them there. */
export function namespaceDefaultsController(context: Context): Controller {
  const { caches, client, rootCa } = context;
  const queue = openQueue(context, 'namespace-defaults', async (name) => {
    const namespace = caches.namespaces.objects.get(name);
    if (!namespace || isTerminating(namespace)) return undefined;
    const account = caches.serviceAccounts.objects.get(`${name}/default`);
    if (!account) await client.create(resources.serviceAccounts, serviceAccount(name));
    const published = caches.rootCas.objects.get(`${name}/${rootCaName}`);
    if (!published) await client.create(resources.configMaps, rootCaMap(name, rootCa));
    else if ((published['data'] as Record<string, string> | undefined)?.['ca.crt'] !== rootCa) {
      await client.patch(resources.configMaps, published.metadata, { data: { 'ca.crt': rootCa } });
    }
    return undefined;
  });
  caches.namespaces.subscribe(({ object }) => queue.add(object.metadata.name));
  for (const cache of [caches.serviceAccounts, caches.rootCas]) {
    cache.subscribe(({ type, object }) => {
      if (type !== 'added') queue.add(object.metadata.namespace ?? '');
    });
  }
  return { start: () => queue.start(), stop: () => queue.stop() };
}

function serviceAccount(namespace: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
}

function rootCaMap(namespace: string, rootCa: string): KubeObject {
  const annotations = {
    'kubernetes.io/description':
      'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints.',
  };
  const metadata = { name: rootCaName, namespace, annotations };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'ca.crt': rootCa } };
}
