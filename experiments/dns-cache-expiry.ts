import {
  answersStale,
  apiServerDown,
  availability,
  breaks,
  breaksAtExpiry,
  cached,
  coreDns,
  coreDnsRestart,
  defineExperiment,
  duration,
  inject,
  latency,
  locksOut,
  longestOutage,
  nodeDnsCache,
  nodePause,
  observe,
  oneOf,
  operator,
  podChaos,
  pods,
  scaled,
  telemetryAgent,
  telemetryRollout,
  timeToRecover,
  type ExpectationSpec,
  type StepSpec,
} from '#harness';

type Cause = 'restart' | 'down' | 'colocated' | 'overload';
type RestartAt = 'fresh' | 'expiring' | 'twice';

export default defineExperiment({
  title: 'DNS cache expiry while the control plane is gone',
  hypothesis:
    'Protected services keep resolving although DNS lost the control plane for longer than any cache holds an answer',
  parameters: {
    hold: duration(scaled('20m'), 'how long the node caches hold an answer; at least 5 s of wall time'),
    outage: duration(scaled('40m'), 'how long the control plane stays away after the last fault'),
    cause: oneOf(
      ['restart', 'down', 'colocated', 'overload'],
      'restart',
      'how DNS loses the control plane: CoreDNS restarts without it; it is only down; it shares its paused node; telemetry drowns it',
    ),
    restartAt: oneOf(
      ['fresh', 'expiring', 'twice'],
      'fresh',
      'age of the cached entries when CoreDNS restarts: just refreshed; 2 s left; fresh, and again when all is stale',
    ),
    'lanes.subject.serveStale': oneOf(
      ['verify', 'immediate', 'off'],
      'verify',
      'what the protected cache does with an expired answer while CoreDNS fails',
    ),
    'lanes.subject.forward': oneOf(['tcp', 'udp'], 'tcp', 'how the protected cache asks CoreDNS'),
    'lanes.control.serveStale': oneOf(
      ['off', 'verify'],
      'off',
      'on only to prove that a control lane that does not break is noticed',
    ),
  },
  define: (p) => ({
    cluster: {
      workers: 2,
      coreDns: p.cause === 'colocated' ? 'control-plane' : 'workers',
      ...(p.cause === 'overload' && { telemetry: crowded }),
    },
    lanes: {
      ...(p.cause === 'overload' && { admin: operator('admin', 'patch') }),
      direct: coreDns(),
      control: nodeDnsCache({
        hold: p.hold,
        serveStale: p['lanes.control.serveStale'],
        forward: 'tcp',
        upstream: upstreamOf(p.cause),
      }),
      subject: nodeDnsCache({
        hold: p.hold,
        serveStale: p['lanes.subject.serveStale'],
        forward: p['lanes.subject.forward'],
        upstream: upstreamOf(p.cause),
      }),
    },
    steadyState: { beyondHold: '3s' },
    method: [...loseControlPlane(p.cause, p.restartAt), observe(p.outage)],
    budgets: { subject: [availability(0.999, { minSamples: 3_000 }), longestOutage('1s'), latency({ p99: '50ms' })] },
    recovery: timeToRecover('120s', { lanes: ['direct', 'control'], healthyFor: '10s' }),
    expectations: expectationsOf(p.cause),
  }),
});

const crowded = { fakeNodes: 200, podsPerNode: 20, agent: telemetryAgent('watch'), fairness: 'shared' } as const;

/** With the API up, kube-dns loses a CoreDNS that cannot sync, and the protected cache loses what it could ask. */
const upstreamOf = (cause: Cause) => (cause === 'overload' ? 'all' : 'ready');

function loseControlPlane(cause: Cause, restartAt: RestartAt): StepSpec[] {
  if (cause === 'colocated') return [inject('node-pause', nodePause())];
  if (cause === 'overload') {
    const justRefreshed = cached('control', { from: 'refresh', offset: '300ms' });
    return [
      inject('telemetry-rollout', telemetryRollout(telemetryAgent('full-list-quorum'))),
      inject('coredns-restart', coreDnsRestart(), { when: justRefreshed }),
    ];
  }
  const killAPod = inject('coredns-pod-kill', podChaos({ action: 'pod-kill', select: pods.coreDns }));
  const killTheApi = inject(
    'apiserver-container-kill',
    podChaos({ action: 'container-kill', select: pods.apiServer, containerNames: ['kube-apiserver'] }),
  );
  if (cause === 'down') return [killAPod, killTheApi, inject('apiserver-down', apiServerDown())];
  return [killAPod, killTheApi, ...restartWithoutApi(restartAt)];
}

/**
 * The API goes away shortly before an entry runs out: CoreDNS still answers from its own store, so one more refresh
 * comes. What is left of that entry when CoreDNS restarts decides how hard the run is.
 */
function restartWithoutApi(restartAt: RestartAt): StepSpec[] {
  if (restartAt === 'expiring') {
    return [
      inject('apiserver-down', apiServerDown(), { when: cached('control', { from: 'expiry', offset: '-7s' }) }),
      inject('coredns-restart', coreDnsRestart(), { when: cached('control', { from: 'expiry', offset: '-2s' }) }),
    ];
  }
  const steps = [
    inject('apiserver-down', apiServerDown(), { when: cached('control', { from: 'expiry', offset: '-4s' }) }),
    inject('coredns-restart', coreDnsRestart(), { when: cached('control', { from: 'refresh', offset: '300ms' }) }),
  ];
  if (restartAt === 'fresh') return steps;
  const allStale = cached('control', { from: 'expiry', offset: '2s' });
  return [...steps, inject('coredns-restart-again', coreDnsRestart(), { when: allStale })];
}

function expectationsOf(cause: Cause): ExpectationSpec[] {
  const onlyDown =
    'With only the API gone, a synced CoreDNS keeps answering from its own store: no cache was ever needed, so nothing ' +
    'was tested. Use --set cause=restart.';
  const down = cause === 'down';
  return [
    ...(cause === 'overload'
      ? [locksOut('admin', { atLeast: '30s', otherwise: 'The API server was not overloaded.' })]
      : []),
    breaksAtExpiry('control', {
      within: '500ms',
      hop: 'resolve',
      share: 0.5,
      otherwise: down
        ? onlyDown
        : 'The unprotected cache did not break when its entry ran out, so the fault had no teeth and a pass would prove nothing.',
    }),
    breaks('direct', {
      before: 'control',
      // A paused node is silent; with the API up, kube-dns loses the endpoints that are not ready, so nobody is asked.
      ...(cause === 'colocated' || cause === 'overload' ? {} : { outcome: 'resolve:SERVFAIL' }),
      otherwise: down ? onlyDown : 'CoreDNS itself never lost the control plane, so the caches masked nothing.',
    }),
    answersStale('subject', {
      share: 0.5,
      otherwise: down
        ? onlyDown
        : 'The protected cache hardly answered from stale entries: its protection was not needed.',
    }),
  ];
}
