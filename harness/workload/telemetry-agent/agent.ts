import { createServer, type Server } from 'node:http';
import { createSecureContext } from 'node:tls';
import { ApiConnection, type ApiAccess } from './api-connection.ts';
import { Counters } from './counters.ts';
import { metricsText } from './metrics-text.ts';
import { impersonatedNodes, listPath } from './paths.ts';
import { startPolling, type NodeAgent } from './polling.ts';
import { startReporting } from './reporting.ts';
import type { AgentSettings } from './settings.ts';
import { startWatching } from './watching.ts';

export interface TelemetryAgent {
  /** GET /metrics; not yet listening. */
  readonly metrics: Server;
  stop(): void;
}

const logEveryMs = 1_000;

/** The agents of all nodes that the program stands for. `log` gets one line at a time. */
export function startAgent(settings: AgentSettings, log: (line: string) => void): TelemetryAgent {
  const { config, account, apiServer, pod, node, prober } = settings;
  const { mode, nodes } = config;
  const counters = new Counters();
  const access: ApiAccess = {
    server: apiServer.replace(/\/+$/, ''),
    secureContext: createSecureContext({ ca: account.ca }),
    token: () => account.token(),
  };
  const say = (what: object): void => log(JSON.stringify({ at: new Date().toISOString(), mode, ...what }));
  // Hundreds of agents would write hundreds of lines per second: together they write one.
  const onCycle: NodeAgent['onCycle'] = nodes === 1 ? say : () => undefined;
  const stops = impersonatedNodes(node, nodes).map((name) => {
    const connection = new ApiConnection(access, config.concurrency);
    return startNode({ config, node: name, connection, counters, random: Math.random, onCycle });
  });
  stops.push(startReporting(prober, () => ({ pod, node, mode, nodes, ...counters.counts() })));
  const logging = nodes === 1 ? undefined : setInterval(() => say({ nodes, ...counters.counts() }), logEveryMs);
  return {
    metrics: metricsServer(() => metricsText(counters, { mode, nodes })),
    stop: () => {
      clearInterval(logging);
      for (const stop of stops) stop();
    },
  };
}

function startNode(agent: NodeAgent): () => void {
  const { config, node, connection } = agent;
  const stop = config.mode === 'watch' ? startWatching(agent) : startPolling(agent, listPath(config, node));
  return () => {
    stop();
    connection.close();
  };
}

function metricsServer(text: () => string): Server {
  return createServer((request, response) => {
    if (request.url !== '/metrics') return void response.writeHead(404).end('Only /metrics\n');
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text());
  });
}
