import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../../core/clock.ts';
import { apiMetrics } from '../../metrics/api-metrics.ts';
import { Authorizer, policyKinds, type Policy } from '../auth/authorizer.ts';
import { bootstrapPolicy } from '../auth/bootstrap-policy.ts';
import { Tokens } from '../auth/tokens.ts';
import { defaultFlowSchemas, defaultPriorityLevels } from '../flow/defaults.ts';
import { flowControl } from '../flow/flow-control.ts';
import type { FlowConfiguration } from '../flow/types.ts';
import { builtIn, builtInTypes, customType, storageKey } from '../resources.ts';
import { ObjectStore } from '../store/object-store.ts';
import { bootstrap } from './bootstrap.ts';
import { handle, type Frontend } from './handle.ts';
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
const policyKeys = policyKinds.map((kind) => [kind, storageKey(builtIn(kind))] as const);

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
    requestTimeout: 60_000,
    noDelay: true,
  });
  server.listen(options.port, options.address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stopping = new AbortController();
  const frontend = openFrontend(options, clock, `${options.address}:${port}`);
  server.on('request', (incoming, response) => void handle(frontend, incoming, response));
  const opened = open(frontend, { ...options, port }, stopping.signal);
  const close = async (): Promise<void> => {
    frontend.phase = 'stopping';
    stopping.abort();
    await closeServer(server);
    await opened.then(
      (store) => store.close(),
      () => undefined,
    );
  };
  return { url: `https://${frontend.server}`, ready: opened.then(() => undefined), close };
}

function openFrontend(options: ServerOptions, clock: Clock, server: string): Frontend {
  const stored = () =>
    frontend.types.map((type) => {
      const count = frontend.api?.store.count(storageKey(type)) ?? 0;
      return { group: type.group, resource: type.plural, count };
    });
  const metrics = apiMetrics(stored);
  const schemas = storageKey(builtIn('flowschemas'));
  const levels = storageKey(builtIn('prioritylevelconfigurations'));
  // Until the store is read the defaults hold.
  const source = (): FlowConfiguration => ({
    flowSchemas: frontend.api?.store.list(schemas) ?? defaultFlowSchemas,
    priorityLevels: frontend.api?.store.list(levels) ?? defaultPriorityLevels,
  });
  const admit = flowControl({ ...options, source, clock, observer: metrics.flow });
  const authorizer = new Authorizer(() => (frontend.api ? policyIn(frontend.api.store) : bootstrapPolicy));
  const starting = { phase: 'starting', api: undefined, types: builtInTypes } as const;
  const frontend: Frontend = { ...starting, admit, authorizer, metrics, clock, server };
  return frontend;
}

/** What any API server has written counts from the next request on. */
function policyIn(store: ObjectStore): Policy {
  store.sync();
  return Object.fromEntries(policyKeys.map(([kind, key]) => [kind, store.list(key)])) as unknown as Policy;
}

/** From here on the server knows more and more: who may come in, then all objects. Gives the store. */
async function open(frontend: Frontend, options: ServerOptions, stopping: AbortSignal): Promise<ObjectStore> {
  // A server that is told to end while it starts stays one that ends.
  const advance = (phase: 'loading' | 'ready'): void => {
    if (frontend.phase !== 'stopping') frontend.phase = phase;
  };
  const { dataDir, servicePrefix } = options;
  await setImmediate();
  const tokens = new Tokens(readFileSync(join(dataDir, 'pki/sa.key'), 'utf8'));
  const store = new ObjectStore(join(dataDir, 'store.sqlite'), options.keptChanges);
  await setImmediate();
  advance('loading');
  await store.load();
  const definitions = storageKey(builtIn('customresourcedefinitions'));
  const serveCustom = (): void => {
    frontend.types = [...builtInTypes, ...store.list(definitions).map(customType)];
  };
  serveCustom();
  store.subscribe(definitions, serveCustom);
  const { authorizer } = frontend;
  frontend.api = { store, tokens, authorizer, servicePrefix, dataDir, stopping };
  bootstrap(frontend.api, options);
  advance('ready');
  return store;
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
