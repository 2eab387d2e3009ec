import { defineStudy, integer, number, scaleSweep } from '#harness';

export default defineStudy({
  title: 'Would staging have caught it?',
  question: 'From what a telemetry rollout costs on small clusters: at which size does it drown the API server?',
  parameters: {
    start: integer(30, 'nodes of the smallest cluster: your staging', { min: 5, max: 2_000 }),
    to: integer(5_000, 'nodes of the cluster that is extrapolated to: your production', { min: 10, max: 100_000 }),
    most: integer(500, 'no cluster is made larger than this', { min: 10, max: 5_000 }),
    podsPerNode: integer(20, 'fake pods on each node', { min: 1, max: 110 }),
    interval: integer(10, 'seconds from one request of an agent to its next', { min: 1, max: 600 }),
    saturation: integer(1_000, 'agents on the smallest cluster that ask for more than its API server can give', {
      min: 10,
      max: 5_000,
    }),
    tolerance: number(0.25, 'share of the measured tipping size by which the prediction may be wrong', {
      min: 0.01,
      max: 1,
    }),
  },
  define: ({ start, to, most, podsPerNode, interval, saturation, tolerance }) =>
    scaleSweep({
      experiment: 'api-load',
      set: [],
      podsPerNode,
      intervalS: interval,
      start,
      saturation,
      most,
      to,
      tolerance,
    }),
});
