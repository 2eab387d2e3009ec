import { KubeConfig } from '@kubernetes/client-node';
import type { RequestOptions } from 'node:https';
import { basename } from 'node:path';
import {
  openConnection,
  sendOnce,
  type ApiAnswer,
  type ApiCall,
  type ApiEndpoint,
  type SendCall,
} from './api-connection.ts';
import { ApiError } from './api-error.ts';
import { openApiResources } from './api-resources.ts';
import type { ApiClient, KubeObject } from './client.ts';

export interface ApiClientOptions {
  /** Wall milliseconds for each call. Default 5,000. */
  readonly deadlineMs?: number;
}

/**
 * A client with the credentials of a kubeconfig file. `@kubernetes/client-node` reads the file and signs in; the calls
 * are our own, because its generated ones (2.0.x) open a connection pool per call, turn timestamps into dates and drop
 * the fields that they do not know.
 */
export function openApiClient(kubeconfigPath: string, options: ApiClientOptions = {}): ApiClient {
  const config = loadKubeconfig(kubeconfigPath);
  let sender: Promise<SendCall> | undefined;
  const send: SendCall = async (call) => {
    sender ??= endpointOf(config, options.deadlineMs ?? 5_000).then(openConnection);
    return await (
      await sender
    )(call);
  };
  return apiClient(send);
}

/** Where a kubeconfig leads and what it signs in with, as PEM texts. Reads no token: ours have client certificates. */
export async function signInOf(kubeconfigPath: string): Promise<SignIn> {
  const config = loadKubeconfig(kubeconfigPath);
  const { server, tls } = await endpointOf(config, 0);
  return { server, tls: { ca: pem(tls.ca), cert: pem(tls.cert), key: pem(tls.key) } };
}

/** Where a kubeconfig leads, whoever signs in. */
export function serverOf(kubeconfigPath: string): string {
  return currentServer(loadKubeconfig(kubeconfigPath));
}

/** One call as whom a kubeconfig names, to its server or to another one, on a connection of its own. */
export async function callAs(
  kubeconfigPath: string,
  call: ApiCall,
  options: { readonly deadlineMs: number; readonly server?: string | undefined },
): Promise<ApiAnswer> {
  const config = loadKubeconfig(kubeconfigPath);
  const endpoint = await endpointOf(config, options.deadlineMs);
  return await sendOnce({ ...endpoint, server: options.server ?? endpoint.server }, call);
}

function loadKubeconfig(path: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(path);
  } catch (problem) {
    throw unreadable(basename(path), problem);
  }
  return config;
}

/** What went wrong, in one word: the parser's message quotes the file, keys and tokens too, and the system's has its path. */
function unreadable(what: string, problem: unknown): ApiError {
  const { code, name } = problem as NodeJS.ErrnoException;
  return new ApiError(`${what} cannot be read (${code ?? name})`, undefined);
}

function pem(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  throw new ApiError('The kubeconfig has no client certificate', undefined);
}

export interface SignIn {
  /** For example `https://127.0.0.1:6443`. */
  readonly server: string;
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
}

function currentServer(config: KubeConfig): string {
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new ApiError('The kubeconfig names no current cluster', undefined);
  return cluster.server.replace(/\/$/, '');
}

async function endpointOf(config: KubeConfig, deadlineMs: number): Promise<ApiEndpoint> {
  const server = currentServer(config);
  const auth: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(auth);
  } catch (problem) {
    throw unreadable('What the kubeconfig signs in with', problem);
  }
  const { ca, cert, key, rejectUnauthorized, servername } = auth;
  const headers = Object.entries(auth.headers ?? {}).map(([name, value]) => [name, String(value)]);
  return {
    server,
    tls: {
      ca,
      cert,
      key,
      ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
      ...(servername !== undefined && { servername }),
    },
    headers: Object.fromEntries(headers),
    deadlineMs,
  };
}

function apiClient(send: SendCall): ApiClient {
  const resources = openApiResources(send);
  const call = async (what: ApiCall): Promise<KubeObject> => parse(what, await send(what));
  return {
    ready: async () => {
      try {
        return (await send({ method: 'GET', path: '/readyz' })).status === 200;
      } catch {
        return false;
      }
    },
    get: async (ref) => {
      const path = await resources.path(ref);
      return path === undefined ? undefined : await unlessMissing(call({ method: 'GET', path }));
    },
    list: async ({ apiVersion, kind, namespace, labelSelector, fieldSelector }) => {
      const path = await resources.path({ apiVersion, kind, namespace });
      // What the API server does not serve, it cannot hold.
      if (path === undefined) return [];
      const query = new URLSearchParams({
        ...(labelSelector !== undefined && { labelSelector }),
        ...(fieldSelector !== undefined && { fieldSelector }),
      });
      const list = await call({ method: 'GET', path: query.size === 0 ? path : `${path}?${query.toString()}` });
      // Items of a list carry neither apiVersion nor kind.
      return itemsOf(list).map((item) => ({ ...item, apiVersion, kind }));
    },
    create: async (object) => {
      const { apiVersion, kind, metadata } = object;
      const path = await resources.path({ apiVersion, kind, namespace: metadata.namespace, name: metadata.name });
      const collection = mustBeServed(path, apiVersion).replace(/\/[^/]+$/, '');
      return await call({ method: 'POST', path: collection, body: object });
    },
    delete: async (ref) => {
      const path = await resources.path(ref);
      if (path !== undefined) await unlessMissing(call({ method: 'DELETE', path }));
    },
    apply: async (object, fieldManager) => {
      const { apiVersion, kind, metadata } = object;
      const where = await resources.path({ apiVersion, kind, namespace: metadata.namespace, name: metadata.name });
      const query = new URLSearchParams({ fieldManager, force: 'true' });
      const path = `${mustBeServed(where, apiVersion)}?${query.toString()}`;
      return await call({ method: 'PATCH', path, body: object, contentType: 'application/apply-patch+yaml' });
    },
    patch: async (ref, patch) => {
      const path = mustBeServed(await resources.path(ref), ref.apiVersion);
      return await call({ method: 'PATCH', path, body: patch, contentType: 'application/merge-patch+json' });
    },
  };
}

function mustBeServed(path: string | undefined, apiVersion: string): string {
  if (path === undefined) throw new ApiError(`The API server does not serve ${apiVersion}`, 404);
  return path;
}

function parse({ method, path }: ApiCall, { status, body }: ApiAnswer): KubeObject {
  if (status >= 200 && status < 300) return JSON.parse(body) as KubeObject;
  throw new ApiError(`${method} ${path}: ${status}${reasonIn(body)}`, status);
}

/** The message of a Kubernetes Status, if the body is one. */
function reasonIn(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === 'string' ? ` ${message}` : '';
  } catch {
    return '';
  }
}

async function unlessMissing(answer: Promise<KubeObject>): Promise<KubeObject | undefined> {
  try {
    return await answer;
  } catch (problem) {
    if (problem instanceof ApiError && problem.status === 404) return undefined;
    throw problem;
  }
}

function itemsOf(list: KubeObject): readonly KubeObject[] {
  return (list as unknown as { readonly items?: readonly KubeObject[] }).items ?? [];
}
