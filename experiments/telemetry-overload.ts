import {
  alarms,
  apiServerCpu,
  answersStale,
  availability,
  breaks,
  breaksAtExpiry,
  cached,
  coreDns,
  coreDnsRestart,
  defineExperiment,
  duration,
  getsThrough,
  inject,
  integer,
  latency,
  locksOut,
  longestOutage,
  nodeDnsCache,
  observe,
  oneOf,
  operate,
  operator,
  scaled,
  staysQuiet,
  telemetryAgent,
  telemetryRollout,
  timeToRecover,
  type ExpectationSpec,
} from '#harness';

const modes = ['full-list-quorum', 'full-list-rv0', 'node-list-quorum', 'node-list-rv0', 'watch'] as const;

/** What an on-call team would be paged for: the API's own objective is p99 ≤ 1 s for a single object. */
const alarm = { atLeast: 0.99, p99: '1s', over: '15s' } as const;

const expectationsOf = (mechanism: 'seats' | 'cpu'): readonly ExpectationSpec[] => [
  staysQuiet('admin-get', {
    before: 'telemetry-rollout',
    rule: alarm,
    otherwise: 'The harmless twin already set off the alarm: the alarm says nothing about the change.',
  }),
  locksOut('admin-patch', {
    atLeast: '30s',
    otherwise: 'The operator could still act, so nothing here shows what happens when nobody can.',
  }),
  // An API server without CPU serves nobody well; how far the exempt credential gets is a finding there.
  ...(mechanism === 'seats'
    ? [
        getsThrough('break-glass-patch', {
          share: 0.9,
          otherwise: 'The exempt credential was out as well: the API server was down or starved, not its queues full.',
        }),
      ]
    : []),
  alarms('admin-get', {
    rule: alarm,
    otherwise: 'The alarm did not come before the damage: nobody could have acted on it.',
  }),
  breaks('direct', {
    // Not always with SERVFAIL: the API is up, so kube-dns loses the endpoints that are not ready within seconds.
    before: 'control',
    otherwise: 'CoreDNS synced in spite of the overload, so the caches masked nothing.',
  }),
  breaksAtExpiry('control', {
    within: '500ms',
    share: 0.5,
    otherwise: 'The unprotected cache did not break when its entry ran out, so a pass would prove nothing.',
  }),
  answersStale('subject', {
    share: 0.5,
    otherwise: 'The protected cache hardly answered from stale entries: its protection was not needed.',
  }),
];

export default defineExperiment({
  title: 'A telemetry rollout drowns the API server',
  hypothesis:
    'Protected services keep resolving while a telemetry agent on every node takes the API away from operators and DNS',
  timeScale: 20,
  parameters: {
    mechanism: oneOf(
      ['seats', 'cpu'],
      'seats',
      'what runs out: the seats of a priority level (set fairness), or the CPU of the API server (set apiCpu; not on embedded)',
    ),
    apiCpu: integer(300, 'thousandths of a core for the API server, with mechanism=cpu', { min: 10, max: 64_000 }),
    mode: oneOf(modes, 'full-list-quorum', 'what the agents ask for after the rollout; before it they only watch'),
    agents: integer(1_000, 'how many nodes have an agent; the workers stand for them', { min: 1, max: 5_000 }),
    nodes: integer(200, 'fake nodes in the cluster', { min: 0, max: 5_000 }),
    podsPerNode: integer(20, 'fake pods on each of them', { min: 0, max: 110 }),
    fairness: oneOf(
      ['shared', 'by-user', 'default'],
      'shared',
      'API Priority and Fairness: agent, CoreDNS and admins in one flow; in a flow each; as the cluster has it',
    ),
    retry: oneOf(
      ['none', 'after', 'at-once'],
      'none',
      'what an agent does after a 429: asks again at its next turn; waits as Retry-After says; asks again at once',
    ),
    hold: duration(scaled('10m'), 'how long the node caches hold an answer'),
    outage: duration(scaled('15m'), 'how long the overload goes on after CoreDNS was restarted'),
    'lanes.subject.serveStale': oneOf(
      ['verify', 'off'],
      'verify',
      'what the protected cache does with expired answers',
    ),
    upstream: oneOf(
      ['all', 'ready'],
      'all',
      'whom the caches ask: all CoreDNS pods, or those that are ready (the Service kube-dns)',
    ),
  },
  define: (p) => ({
    cluster: {
      workers: 2,
      telemetry: {
        fakeNodes: p.nodes,
        podsPerNode: p.podsPerNode,
        agent: telemetryAgent('watch', { nodes: p.agents, retry: p.retry }),
        fairness: p.mechanism === 'cpu' ? 'default' : p.fairness,
      },
    },
    lanes: {
      'admin-patch': operator('admin', 'patch'),
      'admin-get': operator('admin', 'get'),
      'break-glass-patch': operator('break-glass', 'patch'),
      direct: coreDns(),
      control: nodeDnsCache({ hold: p.hold, upstream: p.upstream }),
      subject: nodeDnsCache({
        hold: p.hold,
        serveStale: p['lanes.subject.serveStale'],
        upstream: p.upstream,
      }),
    },
    steadyState: { beyondHold: '3s' },
    method: [
      ...(p.mechanism === 'cpu' ? [inject('small-api-server', apiServerCpu(p.apiCpu))] : []),
      // The harmless twin: the same rollout, the same image, another configuration.
      inject('telemetry-twin', telemetryRollout(telemetryAgent('watch', { nodes: p.agents, retry: p.retry }))),
      observe(scaled('5m')),
      inject('telemetry-rollout', telemetryRollout(telemetryAgent(p.mode, { nodes: p.agents, retry: p.retry }))),
      inject('coredns-restart', coreDnsRestart(), { when: cached('control', { from: 'refresh', offset: '300ms' }) }),
      observe(p.outage),
      operate('remove-the-offender', ['delete', '-n', 'blackstart', 'daemonset/telemetry-agent'], { timeout: '30s' }),
    ],
    budgets: { subject: [availability(0.999, { minSamples: 3_000 }), longestOutage('1s'), latency({ p99: '50ms' })] },
    recovery: timeToRecover('120s', {
      lanes: ['direct', 'control', 'admin-get', 'admin-patch'],
      healthyFor: '10s',
    }),
    expectations: expectationsOf(p.mechanism),
  }),
});
