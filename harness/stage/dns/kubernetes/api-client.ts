import { readFileSync } from 'node:fs';
import { readKubeconfig } from '../../client/kubeconfig.ts';
import { openClient } from '../../client/open-client.ts';
import { StatusError } from '../../client/status-error.ts';
import type { ClientOptions, StageClient } from '../../client/types.ts';
import type { DnsMetrics } from '../../metrics/dns-metrics.ts';
import type { ApiLocation } from './settings.ts';

const userAgent = 'CoreDNS/blackstart';

type Env = Readonly<Record<string, string | undefined>>;

/** A client for the API that counts what comes back. Throws when files or the environment do not say where it is. */
export function openApiClient(
  location: ApiLocation | undefined,
  env: Env,
  requests: DnsMetrics['kubernetes']['restClientRequests'],
): StageClient {
  const options = clientOptions(location, env);
  const { host } = new URL(options.server);
  const count = async <T>(work: Promise<T>): Promise<T> => {
    let code = '200';
    try {
      return await work;
    } catch (problem) {
      code = problem instanceof StatusError && problem.code !== undefined ? String(problem.code) : '<error>';
      throw problem;
    } finally {
      requests.inc({ code, method: 'GET', host });
    }
  };
  const client = openClient(options);
  return {
    ...client,
    list: async (...args) => await count(client.list(...args)),
    watch: async (...args) => await count(client.watch(...args)),
  };
}

function clientOptions(location: ApiLocation | undefined, env: Env): ClientOptions {
  if (!location) return inCluster(env);
  if ('kubeconfig' in location) return { ...readKubeconfig(location.kubeconfig), userAgent };
  const { endpoint, tls } = location;
  if (!tls) return { server: endpoint, ca: '', userAgent };
  const [cert, key, ca] = [tls.cert, tls.key, tls.ca].map((file) => readFileSync(file, 'utf8')) as [
    string,
    string,
    string,
  ];
  return { server: endpoint, ca, cert, key, userAgent };
}

/** What every pod is given. The stage says where the files really are: its pods have no file system of their own. */
function inCluster(env: Env): ClientOptions {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  const folder = env['BLACKSTART_SERVICE_ACCOUNT'] ?? '/var/run/secrets/kubernetes.io/serviceaccount';
  if (!host || !port) {
    throw new Error('plugin/kubernetes: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined');
  }
  const [ca, token] = ['ca.crt', 'token'].map((name) => readFileSync(`${folder}/${name}`, 'utf8').trim()) as [
    string,
    string,
  ];
  return { server: `https://${host}:${port}`, ca, token, userAgent };
}
