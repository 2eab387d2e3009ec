import {
  coreDns,
  defineExperiment,
  duration,
  inject,
  integer,
  locksOut,
  operator,
  oneOf,
  procedure,
  rung,
  telemetryAgent,
  telemetryRollout,
  timeToRecover,
  tryRungs,
  yamlFile,
  type RungSpec,
} from '#harness';

/** What a team would have in its runbook, from the weakest way in to the one that ends it. `--set procedure=FILE`: your own. */
const usualProcedure: readonly RungSpec[] = [
  // It promises nothing: it is the control that must fail.
  rung(
    'normal-admin',
    { way: 'call', credential: 'admin', via: 'address', kubeconfig: null },
    { within: '10s', dependsOn: ['API', 'address', 'a seat in its queues', 'RBAC'] },
  ),
  rung(
    'super-admin',
    { way: 'call', credential: 'break-glass', via: 'address', kubeconfig: null },
    { promises: ['read', 'write'], within: '15s', dependsOn: ['API', 'address'] },
  ),
  rung(
    'super-admin-on-the-node',
    { way: 'call', credential: 'break-glass', via: 'loopback', kubeconfig: null },
    { promises: ['read', 'write'], within: '30s', dependsOn: ['API', 'node shell'] },
  ),
  rung(
    'second-api-server',
    { way: 'second-api-server' },
    { promises: ['read', 'write'], within: '60s', dependsOn: ['node shell', 'etcd'] },
  ),
  rung(
    'restart-api-server',
    { way: 'restart-api-server' },
    { promises: ['read', 'write'], within: '120s', dependsOn: ['node shell', 'etcd'] },
  ),
  rung(
    'take-rights',
    { way: 'take-rights' },
    { promises: ['relieve'], within: '60s', dependsOn: ['API', 'address', 'RBAC'] },
  ),
  // Not every backend has nodes with a packet filter of their own: one that cannot says so.
  rung(
    'block-agents',
    { way: 'block-agents' },
    { promises: ['relieve'], within: '60s', dependsOn: ['shells on all nodes'], optional: true },
  ),
  rung(
    'stop-agents',
    { way: 'stop-agents' },
    {
      promises: ['relieve', 'remove'],
      within: '90s',
      dependsOn: ['shells on all nodes', 'controllers'],
    },
  ),
];

/** LISTs of everything, by so many nodes. */
function badAgent(nodes: number) {
  return telemetryAgent('full-list-quorum', { nodes });
}

export default defineExperiment({
  title: 'Break-glass: every way back in, tried under live overload',
  hypothesis: 'Every rung of the break-glass procedure keeps its promise while the normal path is down',
  timeScale: 20,
  parameters: {
    procedure: yamlFile("your own procedure instead of the usual one: 'rungs: [...]'"),
    agents: integer(1_000, 'nodes with an agent at the first load level', { min: 1, max: 5_000 }),
    moreAgents: integer(4_000, 'nodes with an agent at the second level; 0: only one level', { min: 0, max: 5_000 }),
    nodes: integer(200, 'fake nodes in the cluster', { min: 0, max: 5_000 }),
    podsPerNode: integer(20, 'fake pods on each of them', { min: 0, max: 110 }),
    fairness: oneOf(
      ['shared', 'by-user', 'default'],
      'shared',
      'API Priority and Fairness: agent and admins in one flow; in a flow each; as the cluster has it',
    ),
    quiet: duration('60s', 'how long no agent may send a request to count as removed'),
  },
  define: (p) => {
    const rungs = procedure(p.procedure, usualProcedure);
    const levels = [...new Set([p.agents, p.moreAgents])].filter((nodes) => nodes > 0);
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
        'admin-get': operator('admin', 'get'),
        'break-glass-patch': operator('break-glass', 'patch'),
        direct: coreDns(),
      },
      steadyState: { beyondHold: '5s' },
      method: [
        inject('telemetry-rollout', telemetryRollout(badAgent(p.agents))),
        ...levels.flatMap((nodes) =>
          tryRungs(rungs, { level: `${nodes} agents`, load: badAgent(nodes), quiet: p.quiet }),
        ),
      ],
      budgets: {},
      recovery: timeToRecover('120s', { lanes: ['admin-patch', 'admin-get', 'direct'], healthyFor: '10s' }),
      expectations: [
        locksOut('admin-patch', {
          atLeast: '10s',
          otherwise: 'The normal admin could still act, so no rung was needed.',
        }),
      ],
    };
  },
});
