import { toMs } from '../core/duration.ts';
import type { TelemetryAgentSpec } from '../experiment/spec.ts';

/** The annotation of the agents' pod template that holds their configuration, and becomes their environment. */
export const agentConfigAnnotation = 'blackstart.dev/agent-config';

/** The DaemonSet of the telemetry agents. */
export const agentDaemonSet = { namespace: 'blackstart', name: 'telemetry-agent' } as const;

/** The configuration as the agents read it: JSON, with the nodes divided among the workers. */
export function agentConfig(agent: TelemetryAgentSpec, workers: number): string {
  const { mode, resource, interval, jitter, concurrency, timeout, retry, readBytesPerS, nodes } = agent;
  return JSON.stringify({
    mode,
    resource,
    intervalMs: toMs(interval),
    jitter,
    concurrency,
    timeoutMs: toMs(timeout),
    retry,
    readBytesPerS,
    nodes: Math.ceil(nodes / workers),
  });
}
