import {
  availability,
  defineExperiment,
  duration,
  inject,
  integer,
  latency,
  observe,
  oneOf,
  operator,
  scaled,
  telemetryAgent,
  telemetryRollout,
  timeToRecover,
  underLoad,
} from '#harness';

const modes = ['full-list-quorum', 'full-list-rv0', 'node-list-quorum', 'node-list-rv0'] as const;

export default defineExperiment({
  title: 'What a telemetry rollout costs the API server at this size',
  hypothesis: 'The API server answers a single GET within its objective while every node has an agent that polls it',
  timeScale: 20,
  parameters: {
    mode: oneOf(modes, 'full-list-quorum', 'what the agents ask for'),
    nodes: integer(50, 'fake nodes in the cluster', { min: 1, max: 5_000 }),
    agents: integer(50, 'how many nodes have an agent; the workers stand for them', { min: 1, max: 5_000 }),
    podsPerNode: integer(20, 'fake pods on each node', { min: 0, max: 110 }),
    interval: duration('10s', 'from one request of an agent to its next'),
    readBytesPerS: integer(0, 'bytes per second that an agent takes in, 0 for all there are', { min: 0 }),
    fairness: oneOf(
      ['default', 'by-user', 'shared'],
      'default',
      'API Priority and Fairness: as the cluster has it; agent, CoreDNS and admins in a flow each; all in one flow',
    ),
    observe: duration(scaled('10m'), 'how long the load is watched, one interval of it until all agents are at work'),
  },
  define: ({ mode, nodes, agents, podsPerNode, interval, readBytesPerS, fairness, observe: time }) => {
    const options = { nodes: agents, interval, readBytesPerS };
    return {
      cluster: {
        workers: 2,
        telemetry: { fakeNodes: nodes, podsPerNode, agent: telemetryAgent('watch', options), fairness },
      },
      lanes: {
        subject: operator('admin', 'get', { rateHz: 5 }),
        'admin-patch': operator('admin', 'patch'),
      },
      // What the API server uses without the load is measured in this time.
      steadyState: { beyondHold: '10s' },
      method: [inject('telemetry-rollout', telemetryRollout(telemetryAgent(mode, options))), observe(time)],
      // The objective of Kubernetes itself for a single object.
      budgets: { subject: [availability(0.99, { minSamples: 100 }), latency({ p99: '1s' })] },
      recovery: timeToRecover('120s', { lanes: ['subject'], healthyFor: '3s' }),
      expectations: [
        underLoad('subject', {
          share: 0.5,
          otherwise: 'The agents did not ask as often as they should, so nothing was tried.',
        }),
      ],
    };
  },
});
