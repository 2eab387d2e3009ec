import {
  apiServer,
  apiServerHang,
  availability,
  breaks,
  coreDns,
  defineExperiment,
  inject,
  latency,
  longestOutage,
  observe,
  oneOf,
  podChaos,
  pods,
  scaled,
  timeToRecover,
  yamlFile,
  type FaultSpec,
} from '#harness';

export default defineExperiment({
  title: 'The API server is killed',
  hypothesis: 'The data plane keeps resolving and serving while the API server does not answer',
  parameters: {
    action: oneOf(
      ['container-kill', 'pod-kill', 'hang'],
      'container-kill',
      'what happens to kube-apiserver; pod-kill only deletes its mirror pod, and must be noticed as unconfirmed',
    ),
    file: yamlFile('a PodChaos of your own, instead of action'),
  },
  define: ({ action, file }) => ({
    cluster: { workers: 2 },
    lanes: { control: apiServer(), subject: coreDns() },
    steadyState: { beyondHold: '5s' },
    method: [inject('apiserver-kill', file ? podChaos({ file }) : faultOf(action)), observe(scaled('10m'))],
    budgets: { subject: [availability(0.999, { minSamples: 500 }), longestOutage('1s'), latency({ p99: '50ms' })] },
    recovery: timeToRecover('120s', { lanes: ['control', 'subject'], healthyFor: '10s' }),
    expectations: [
      breaks('control', {
        otherwise:
          'The API server kept answering, so the data plane was never without it and a pass would prove nothing.',
      }),
    ],
  }),
});

function faultOf(action: 'container-kill' | 'pod-kill' | 'hang'): FaultSpec {
  switch (action) {
    case 'hang':
      return apiServerHang();
    case 'pod-kill':
      return podChaos({ action, select: pods.apiServer });
    case 'container-kill':
      return podChaos({ action, select: pods.apiServer, containerNames: ['kube-apiserver'] });
  }
}
