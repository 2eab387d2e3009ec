import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { BlackstartError } from '../../core/errors.ts';
import type { ClientOptions } from './types.ts';

type Named = { readonly name: string } & Readonly<
  Partial<Record<'context' | 'cluster' | 'user', Readonly<Record<string, string>>>>
>;
type Kubeconfig = { readonly 'current-context'?: string } & Readonly<
  Partial<Record<'contexts' | 'clusters' | 'users', readonly Named[]>>
>;

/** Server and credentials of a kubeconfig's current context; only `*-data` fields and tokens. Throws `cluster`. */
export function readKubeconfig(file: string): Omit<ClientOptions, 'userAgent' | 'timeoutMs'> {
  const config = parse(readFileSync(file, 'utf8')) as Kubeconfig;
  const context = config.contexts?.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config.clusters?.find(({ name }) => name === context?.['cluster'])?.cluster;
  const user = config.users?.find(({ name }) => name === context?.['user'])?.user;
  const server = cluster?.['server'];
  if (server === undefined || !user) throw new BlackstartError('cluster', `${file} has no usable current context`);
  return {
    server,
    ca: decode(cluster?.['certificate-authority-data']) ?? '',
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
    token: user['token'],
  };
}

function decode(base64: string | undefined): string | undefined {
  return base64 && Buffer.from(base64, 'base64').toString();
}
