import type { FaultDescriber } from '../plan/plan.ts';

/** Describes faults in plans made by tests. The real descriptions stand with the faults. */
export const testFaultDescriber: FaultDescriber = (spec) => ({
  does:
    spec.kind === 'pod-chaos'
      ? `${spec.action} by Chaos Mesh${spec.containerNames.map((name) => `, container ${name}`).join('')}`
      : `what ${spec.kind} does`,
  targets: spec.kind === 'pod-chaos' ? `${spec.mode} of ${Object.values(spec.select.labels).join()}` : 'its targets',
  confirmedBy: [
    'the container id and start time on the node, read out-of-band before and after',
    'refused connections seen by the prober on every worker',
  ],
  undo: 'an argv that stands in the undo log before the fault is injected',
});
