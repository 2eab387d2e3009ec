import type { Plan, PlannedLane, PlannedStep } from '../../plan/plan.ts';

/** A plan in small: a hold of 5 s, ten samples a second, four faults. For tests only. */
export const samplePlan: Plan = {
  schemaVersion: 1,
  experiment: 'dns-cache-expiry',
  title: 'DNS cache expiry while the control plane is gone',
  hypothesis: 'Protected services keep resolving',
  backend: 'a-backend',
  seed: 42,
  timeScale: 60,
  parameters: { hold: '5m', outage: '15m', cause: 'restart' },
  cluster: { workers: 2, coreDns: 'workers', telemetry: null },
  service: { manifests: null, namespace: 'blackstart', name: 'model-server', port: 80 },
  lanes: [
    lane('direct', 'reference', { kind: 'core-dns' }),
    lane('control', 'control', cache('off', 0)),
    lane('subject', 'subject', cache('verify', 1)),
    lane('api', 'reference', { kind: 'api-server' }),
    lane('loopback', 'reference', { kind: 'loopback' }),
  ],
  steadyState: { healthyForMs: 8_000 },
  method: [
    fault('coredns-pod-kill', 'pod-kill'),
    fault('apiserver-kill', 'container-kill'),
    fault('apiserver-down', null),
    fault('coredns-restart', null),
    { kind: 'observe', forMs: 15_000, forIncidentMs: 900_000 },
  ],
  recovery: { lanes: ['direct', 'control'], atMostMs: 6_000, healthyForMs: 3_000 },
  limitsMs: {
    prepare: 10_000,
    'steady-state': 60_000,
    inject: 20_000,
    observe: 20_000,
    heal: 5_000,
    recover: 20_000,
    teardown: 10_000,
  },
  budgets: [
    { kind: 'availability', lane: 'subject', atLeast: 0.99, minSamples: 300 },
    { kind: 'longest-outage', lane: 'subject', atMostMs: 1_000 },
    { kind: 'latency', lane: 'subject', quantile: 0.99, atMostMs: 50 },
  ],
  expectations: [
    {
      kind: 'breaks-at-expiry',
      lane: 'control',
      holdMs: 5_000,
      withinMs: 500,
      hop: 'resolve',
      share: 0.5,
      otherwise: 'The fault had no teeth.',
    },
    {
      kind: 'breaks',
      lane: 'direct',
      before: 'control',
      outcome: 'resolve:SERVFAIL',
      otherwise: 'CoreDNS never lost the control plane.',
    },
    { kind: 'answers-stale', lane: 'subject', share: 0.5, otherwise: 'The protection was not needed.' },
  ],
};

function lane(name: string, role: PlannedLane['role'], probe: PlannedLane['probe']): PlannedLane {
  return { name, role, probe, rateHz: 10, deadlineMs: 2_000 };
}

function cache(serveStale: 'off' | 'verify', index: number): PlannedLane['probe'] {
  return {
    kind: 'node-dns-cache',
    holdMs: 5_000,
    holdIncidentMs: 300_000,
    serveStale,
    forward: 'tcp',
    upstream: 'ready',
    dnsPort: 9510 + index,
    metricsPort: 9520 + index,
  };
}

function fault(name: string, action: 'pod-kill' | 'container-kill' | null): PlannedStep {
  const select = { namespace: 'kube-system', labels: { component: name } };
  return {
    kind: 'inject',
    name,
    fault:
      action === null
        ? { kind: name === 'apiserver-down' ? 'api-server-down' : 'core-dns-restart' }
        : { kind: 'pod-chaos', action, select, mode: 'one', containerNames: [], duration: null },
    sabotaged: false,
    when: null,
    description: { does: 'harm', targets: 'one', confirmedBy: ['crictl', 'prober'], undo: 'none' },
  };
}
