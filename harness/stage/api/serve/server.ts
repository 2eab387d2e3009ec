import { once, setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../../core/clock.ts';
import { apiMetrics, type StoredCount } from '../../metrics/api-metrics.ts';
import { openTokens } from '../auth/tokens.ts';
import { defaultFlowSchemas, defaultPriorityLevels } from '../flow/defaults.ts';
import { flowControl } from '../flow/flow-control.ts';
import type { FlowConfiguration } from '../flow/types.ts';
import { parseServiceRange } from '../kinds/service-ip.ts';
import { builtIn, openRegistry, storageKey, type Registry } from '../resources.ts';
import type { Api } from '../rest/api.ts';
import { openObjectStore, type ObjectStore } from '../store/object-store.ts';
import { bootstrap } from './bootstrap.ts';
import { expireEvents } from './expire-events.ts';
import type { Frontend } from './frontend.ts';
import { handle } from './handle.ts';
import type { ServerOptions } from './options.ts';

export interface ApiServer {
  /** `https://ADDRESS:PORT`. */
  readonly url: string;
  /** Resolves when /readyz answers 200; rejects when the store cannot be read. */
  readonly ready: Promise<void>;
  /** Stops listening, ends watches, lets requests finish for a while, closes the store. */
  close(): Promise<void>;
}

/** How long requests may take to finish when the server ends; as kind's API server was seen to. */
const drainMs = 30_000;
/** Go's server closes idle connections after this. */
const idleMs = 90_000;

/** Listens at once and resolves then; until it is ready it answers 403, later 429 and, on /readyz, 500. */
export async function startApiServer(options: ServerOptions, clock: Clock): Promise<ApiServer> {
  const pki = (name: string): string => readFileSync(join(options.dataDir, 'pki', name), 'utf8');
  const server = createServer({
    key: pki('apiserver.key'),
    cert: pki('apiserver.crt'),
    ca: pki('ca.crt'),
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    keepAliveTimeout: idleMs,
    requestTimeout: options.requestTimeoutMs,
    noDelay: true,
  });
  server.listen(options.port, options.address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stopping = new AbortController();
  // Every watch listens.
  setMaxListeners(0, stopping.signal);
  const frontend = openFrontend(options, clock, `${options.address}:${port}`);
  server.on('request', (incoming, response) => void handle(frontend, { incoming, response }));
  const ready = open(frontend, options, port, stopping.signal);
  return {
    url: `https://${options.address}:${port}`,
    ready: ready.then(() => undefined),
    close: async () => {
      frontend.phase = 'stopping';
      stopping.abort();
      await closeServer(server);
      const store = await ready.catch(() => undefined);
      store?.close();
    },
  };
}

/** From here on the server knows more and more: who may come in, then all objects. Gives the store. */
async function open(
  frontend: Frontend,
  options: ServerOptions,
  port: number,
  stopping: AbortSignal,
): Promise<ObjectStore> {
  await setImmediate();
  frontend.tokens = openTokens(readFileSync(join(options.dataDir, 'pki/sa.key'), 'utf8'));
  const store = openObjectStore(join(options.dataDir, 'store.sqlite'), options.keptChanges);
  await setImmediate();
  advance(frontend, 'loading');
  await store.load();
  frontend.api = openApi(options, frontend, store, stopping);
  bootstrap(frontend.api, { address: options.address, port });
  advance(frontend, 'ready');
  const { api } = frontend;
  const sweep = setInterval(() => expireEvents(api), 60_000);
  stopping.addEventListener('abort', () => clearInterval(sweep));
  return store;
}

/** A server that is told to end while it starts stays one that ends. */
function advance(frontend: Frontend, phase: 'loading' | 'ready'): void {
  if (frontend.phase !== 'stopping') frontend.phase = phase;
}

function openFrontend(options: ServerOptions, clock: Clock, address: string): Frontend {
  const registry = openRegistry();
  const metrics = apiMetrics(() => storedCounts(registry, frontend.api?.store));
  const { maxRequestsInflight, maxMutatingInflight, priorityAndFairness: enabled } = options;
  const source = (): FlowConfiguration => flowConfiguration(frontend.api?.store);
  const observer = metrics.flow;
  const frontend: Frontend = {
    phase: 'starting',
    tokens: undefined,
    api: undefined,
    registry,
    flow: flowControl({ maxRequestsInflight, maxMutatingInflight, enabled, source, clock, observer }),
    metrics,
    clock,
    server: address,
    requestTimeoutMs: options.requestTimeoutMs,
  };
  return frontend;
}

/** Until the store is read the defaults hold. */
function flowConfiguration(store: ObjectStore | undefined): FlowConfiguration {
  if (!store) return { flowSchemas: defaultFlowSchemas, priorityLevels: defaultPriorityLevels };
  return {
    flowSchemas: store.list(storageKey(builtIn('flowschemas'))),
    priorityLevels: store.list(storageKey(builtIn('prioritylevelconfigurations'))),
  };
}

function storedCounts(registry: Registry, store: ObjectStore | undefined): StoredCount[] {
  const kinds = new Map(registry.all().map((type) => [storageKey(type), type]));
  return [...kinds].map(([key, { group, plural }]) => ({ group, resource: plural, count: store?.count(key) ?? 0 }));
}

function openApi(
  options: ServerOptions,
  { registry, tokens, clock }: Frontend,
  store: ObjectStore,
  stopping: AbortSignal,
): Api {
  if (!tokens) throw new Error('Tokens come before the caches');
  const definitions = storageKey(builtIn('customresourcedefinitions'));
  const refresh = (): void => registry.setCustom(store.list(definitions));
  refresh();
  store.subscribe(definitions, refresh);
  return {
    store,
    registry,
    tokens,
    services: parseServiceRange(options.serviceRange),
    dataDir: options.dataDir,
    admitsServiceAccounts: options.admitsServiceAccounts,
    now: () => clock.now(),
    stopping,
  };
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  // A connection that was in use becomes idle when its answer is written; Node closes only those that are idle now.
  const sweep = setInterval(() => server.closeIdleConnections(), 20);
  await Promise.race([closed, delay(drainMs, undefined, { ref: false })]);
  clearInterval(sweep);
  server.closeAllConnections();
}
