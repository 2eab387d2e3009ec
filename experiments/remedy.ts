import {
  coreDns,
  coreDnsRestart,
  defineExperiment,
  duration,
  inject,
  integer,
  locksOut,
  observe,
  oneOf,
  operator,
  remedyNames,
  remedyRung,
  scaled,
  telemetryAgent,
  telemetryRollout,
  timeToRecover,
  tryRungs,
} from '#harness';

export default defineExperiment({
  title: 'One remedy for a telemetry rollout that drowned the API server',
  hypothesis: 'The normal admin is locked out, so that what the remedy does can be measured',
  timeScale: 20,
  parameters: {
    remedy: oneOf(remedyNames, 'none', 'what is done; none is the control'),
    agents: integer(1_000, 'how many nodes have an agent; the workers stand for them', { min: 1, max: 5_000 }),
    // Half of what the other experiments have: the crowd is made anew for every remedy.
    nodes: integer(100, 'fake nodes in the cluster', { min: 0, max: 5_000 }),
    podsPerNode: integer(20, 'fake pods on each of them', { min: 0, max: 110 }),
    fairness: oneOf(
      ['shared', 'by-user', 'default'],
      'shared',
      'API Priority and Fairness: agent, CoreDNS and admins in one flow; in a flow each; as the cluster has it',
    ),
    overload: duration(scaled('5m'), 'from the rollout to the restart of CoreDNS'),
    within: duration('60s', 'how long the remedy is given, and the normal admin tries'),
  },
  define: (p) => {
    const bad = telemetryAgent('full-list-quorum', { nodes: p.agents });
    return {
      cluster: {
        workers: 2,
        telemetry: {
          fakeNodes: p.nodes,
          podsPerNode: p.podsPerNode,
          agent: telemetryAgent('watch', { nodes: p.agents }),
          fairness: p.fairness,
        },
      },
      lanes: {
        'admin-patch': operator('admin', 'patch'),
        'break-glass-patch': operator('break-glass', 'patch'),
        direct: coreDns(),
      },
      steadyState: { beyondHold: '3s' },
      method: [
        inject('telemetry-rollout', telemetryRollout(bad)),
        observe(p.overload),
        // Under load it cannot sync: the data plane is broken, too. The race looks whether it was.
        inject('coredns-restart', coreDnsRestart()),
        ...tryRungs([remedyRung(p.remedy, p.within)], { level: `${p.agents} agents`, load: bad, quiet: '10s' }),
      ],
      budgets: {},
      recovery: timeToRecover('120s', { lanes: ['admin-patch', 'direct'], healthyFor: '3s' }),
      expectations: [
        locksOut('admin-patch', {
          atLeast: '10s',
          otherwise: 'The normal admin could still act, so no remedy was needed.',
        }),
      ],
    };
  },
});
