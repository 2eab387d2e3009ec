import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { BlackstartError } from '../../core/errors.ts';
import type { ClientOptions } from './types.ts';

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly { readonly name: string; readonly context: { cluster: string; user: string } }[];
  readonly clusters?: readonly {
    readonly name: string;
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data'?: string };
  }[];
  readonly users?: readonly {
    readonly name: string;
    readonly user: {
      readonly 'client-certificate-data'?: string;
      readonly 'client-key-data'?: string;
      readonly token?: string;
    };
  }[];
}

/** Server and credentials of a kubeconfig's current context; only `*-data` fields and tokens. Throws `cluster`. */
export function readKubeconfig(file: string): Omit<ClientOptions, 'userAgent' | 'timeoutMs'> {
  const config = parse(readFileSync(file, 'utf8')) as Kubeconfig;
  const context = config.contexts?.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users?.find(({ name }) => name === context?.user)?.user;
  if (!cluster || !user) throw new BlackstartError('cluster', `${file} has no usable current context`);
  const { 'client-certificate-data': cert, 'client-key-data': key, token } = user;
  return {
    server: cluster.server,
    ca: decode(cluster['certificate-authority-data'] ?? ''),
    ...(cert !== undefined && { cert: decode(cert) }),
    ...(key !== undefined && { key: decode(key) }),
    ...(token !== undefined && { token }),
  };
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
