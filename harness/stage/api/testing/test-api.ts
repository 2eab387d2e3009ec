/** An API server on a free port with a PKI of its own, and a client that says exactly what it is told to. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text as readText } from 'node:stream/consumers';
import { systemClock } from '../../../core/clock.ts';
import type { KubeObject, WatchEvent } from '../../client/types.ts';
import { clientCertificate, createPki, type KeyPair } from '../../pki/pki.ts';
import type { ServerOptions } from '../serve/options.ts';
import { startApiServer, type ApiServer } from '../serve/server.ts';

/** `object` is the body as an object; empty when it is none. */
export type Answer = { status: number; headers: IncomingHttpHeaders; text: string; object: KubeObject };

/** The body is sent as JSON unless it is text or bytes. */
interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestClient {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Events as they come; ends with the watch or with `signal`. */
  watch(path: string, signal: AbortSignal): AsyncGenerator<WatchEvent>;
  close(): void;
}

export interface TestCluster {
  readonly dataDir: string;
  readonly options: ServerOptions;
  readonly ca: KeyPair;
  /** In group system:masters. */
  readonly admin: KeyPair;
  remove(): void;
}

/** A data folder with a PKI, without a server. */
export async function makeTestCluster(options: Partial<ServerOptions> = {}): Promise<TestCluster> {
  const dataDir = mkdtempSync(join(tmpdir(), 'blackstart-api-'));
  const ca = await createPki(join(dataDir, 'pki'), { apiAddress: '127.0.0.1', serviceAddress: '127.9.200.1' });
  const admin = await clientCertificate(ca, { user: 'kubernetes-admin', groups: ['system:masters'] });
  const defaults = { address: '127.0.0.1', port: 0, servicePrefix: '127.9.200.', priorityAndFairness: true };
  const limits = { registers: true, maxRequestsInflight: 400, maxMutatingInflight: 200, keptChanges: 4_000 };
  const remove = (): void => rmSync(dataDir, { recursive: true, force: true });
  return { dataDir, ca, admin, options: { dataDir, ...defaults, ...limits, ...options }, remove };
}

export interface TestApi extends TestClient {
  readonly cluster: TestCluster;
  readonly server: ApiServer;
  end(): Promise<void>;
}

/** A cluster with a ready server inside this process, as its administrator sees it; `default` can have pods. */
export async function startTestApi(options: Partial<ServerOptions> = {}): Promise<TestApi> {
  const cluster = await makeTestCluster(options);
  const server = await startApiServer(cluster.options, systemClock);
  await server.ready;
  const client = openTestClient(server.url, cluster.ca.cert, cluster.admin);
  await client.call('POST', '/api/v1/namespaces/default/serviceaccounts', { body: { metadata: { name: 'default' } } });
  const end = async (): Promise<void> => {
    client.close();
    await server.close();
    cluster.remove();
  };
  return { ...client, cluster, server, end };
}

export function openTestClient(url: string, ca: string, identity?: KeyPair): TestClient {
  const agent = new Agent({ ca, keepAlive: true, ...identity });
  const send = async (method: string, path: string, { body, headers }: CallOptions): Promise<IncomingMessage> => {
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const bytes = body === undefined ? undefined : Buffer.from(raw ? (body as string) : JSON.stringify(body));
    // Node frames the body of a DELETE only when it is told its length.
    const type = bytes && { 'content-type': 'application/json', 'content-length': String(bytes.length) };
    const sent = httpsRequest(`${url}${path}`, { method, agent, headers: { ...type, ...headers } });
    // The answer may come before all of the request is gone.
    sent.on('error', () => undefined);
    sent.end(bytes);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return answer;
  };
  return {
    call: async (method, path, options = {}) => {
      const answer = await send(method, path, options);
      const text = await readText(answer);
      return { status: answer.statusCode ?? 0, headers: answer.headers, text, object: objectOf(text) };
    },
    watch: async function* (path, signal) {
      const answer = await send('GET', path, {});
      const stop = (): void => void answer.destroy();
      signal.addEventListener('abort', stop);
      try {
        for await (const line of createInterface({ input: answer })) yield JSON.parse(line) as WatchEvent;
      } catch (problem) {
        if (!signal.aborted) throw problem;
      } finally {
        signal.removeEventListener('abort', stop);
        answer.destroy();
      }
    },
    close: () => agent.destroy(),
  };
}

/** Metrics, health and the lines of a watch are no objects. */
function objectOf(text: string): KubeObject {
  try {
    return JSON.parse(text) as KubeObject;
  } catch {
    return {} as KubeObject;
  }
}
