import { readFileSync } from 'node:fs';
import { informer } from '../../client/informer.ts';
import { openClient } from '../../client/open-client.ts';
import { resources } from '../../client/resources.ts';
import { StatusError } from '../../client/status-error.ts';
import type { ClientOptions } from '../../client/types.ts';
import type { PluginContext } from '../plugin.ts';
import { namesOf, type Names } from './names.ts';

/** What the kubernetes plugin knows of the cluster. */
export interface ClusterStore {
  /** True for ever once all lists have been there. What is known is answered before that too. */
  readonly hasSynced: () => boolean;
  readonly names: Names;
}

const userAgent = 'CoreDNS/blackstart';

/**
 * A store that follows the API while the process runs, and keeps what it has while the API is away. Throws when
 * files or the environment do not say where the API is.
 */
export function openClusterStore(
  endpoint: string | undefined,
  { env, metrics }: Pick<PluginContext, 'env' | 'metrics'>,
): ClusterStore {
  const options = endpoint === undefined ? inCluster(env) : { server: endpoint, ca: '', userAgent };
  const client = openClient(options);
  const { host } = new URL(options.server);
  let names: Names | undefined;
  const told = {
    onChange: () => {
      names = undefined;
    },
    onError: (problem: unknown) => {
      const code = problem instanceof StatusError ? problem.code : undefined;
      metrics.kubernetesFailures.inc({ code: String(code ?? '<error>'), method: 'GET', host });
    },
  };
  const namespaces = informer(client, resources.namespaces, told);
  const services = informer(client, resources.services, told);
  const slices = informer(client, resources.endpointSlices, told);
  return {
    hasSynced: () => [namespaces, services, slices].every((one) => one.hasSynced()),
    get names() {
      return (names ??= namesOf(namespaces.objects.keys(), services.objects.values(), slices.objects.values()));
    },
  };
}

/** What every pod is given. The stage says where the files really are: its pods have no file system of their own. */
function inCluster(env: PluginContext['env']): ClientOptions {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const folder = env['BLACKSTART_SERVICE_ACCOUNT'] ?? '/var/run/secrets/kubernetes.io/serviceaccount';
  if (!host || !port) {
    throw new Error('plugin/kubernetes: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined');
  }
  const read = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8').trim();
  return { server: `https://${host}:${port}`, ca: read('ca.crt'), token: read('token'), userAgent };
}
