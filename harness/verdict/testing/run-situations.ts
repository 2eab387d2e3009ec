import { add, cutAt, drop, inTurn, phaseEnds } from './edits.ts';
import { pass, unknown, type Situation } from './situation.ts';

export const brokenRuns: readonly Situation[] = [
  {
    name: 'the steady state is never reached',
    ...unknown('not-run', 3),
    says: /^The steady state was never reached: subject on node-1 fails\. No fault was injected\.$/,
    events: inTurn(
      drop((event) => 'fault' in event),
      phaseEnds('steady-state', 'timeout', 'subject on node-1 fails'),
    ),
  },
  {
    name: 'the run is interrupted',
    ...unknown('interrupted', 130),
    says: /^The run was interrupted by SIGINT in phase observe\.$/,
    events: add(20_000, { type: 'interrupted', signal: 'SIGINT' }),
  },
  {
    name: 'the run is terminated',
    ...unknown('interrupted', 143),
    says: /SIGTERM/,
    events: add(20_000, { type: 'interrupted', signal: 'SIGTERM' }),
  },
  {
    name: 'something is left behind',
    ...pass,
    exitCode: 4,
    says: /The undo left 1 thing behind\.$/,
    events: inTurn(
      drop((event) => event.type === 'undo-verified'),
      add(39_800, {
        type: 'undo-verified',
        clean: false,
        leftovers: [{ what: 'a PodChaos', command: 'kubectl delete' }],
      }),
    ),
  },
  {
    name: 'an undo fails and nobody verifies',
    ...unknown('harness-error', 4),
    says: /boom.* The undo left 1 thing behind\.$/,
    events: inTurn(
      drop((event) => event.type === 'undo-verified'),
      add(39_700, { type: 'undo', change: 'create cluster', outcome: 'failed' }),
      add(39_750, { type: 'problem', code: 'internal', message: 'boom' }),
    ),
  },
  {
    name: 'the log ends before the undo was verified',
    ...unknown('torn-log'),
    says: /^The event log ends before the undo was verified/,
    events: cutAt(39_500),
  },
  {
    name: 'the harness meets a problem',
    ...unknown('harness-error'),
    says: /^The harness met a problem: docker went away\.$/,
    events: add(25_000, { type: 'problem', code: 'command-failed', message: 'docker went away' }),
  },
  {
    name: 'a phase fails',
    ...unknown('harness-error'),
    says: /^Phase heal ended with failed: no way\.$/,
    events: phaseEnds('heal', 'failed', 'no way'),
  },
  {
    name: 'a phase does not end within its limit',
    ...unknown('phase-timeout'),
    says: /^Phase observe did not end within its limit of 20 s: Interrupted while waiting\.$/,
    events: phaseEnds(
      'observe',
      'timeout',
      'Phase observe did not end within its limit of 20 s: Interrupted while waiting',
    ),
  },
  {
    name: 'the limit of a phase keeps a fault from being confirmed',
    ...unknown('phase-timeout'),
    says: /^Phase inject did not end within its limit of 20 s\.$/,
    events: inTurn(
      drop((event) => event.type === 'fault-confirmed' && event.fault === 'coredns-restart'),
      phaseEnds('inject', 'timeout', 'Phase inject did not end within its limit of 20 s'),
    ),
  },
  {
    name: 'the undo at the heal does not end within its limit',
    ...unknown('phase-timeout'),
    says: /^Phase heal did not end within its limit of 5 s\.$/,
    events: phaseEnds('heal', 'timeout', 'Phase heal did not end within its limit of 5 s'),
  },
  {
    name: 'the cluster does not come up within the limit of prepare',
    ...unknown('not-run', 3),
    says: /^The steady state was never reached: Phase prepare did not end within its limit of 10 s\. No fault was injected\.$/,
    events: inTurn(
      cutAt(1_000),
      add(11_000, {
        type: 'phase-ended',
        phase: 'prepare',
        outcome: 'timeout',
        message: 'Phase prepare did not end within its limit of 10 s',
      }),
      add(11_500, { type: 'undo-verified', clean: true, leftovers: [] }),
    ),
  },
  {
    name: 'an event is not what it should be',
    ...unknown('judge-error'),
    says: /^The judge could not read this run: /,
    events: (events) =>
      // What a log of a broken writer holds, against the type.
      events.map((event) => (event.type === 'samples' ? { ...event, rows: null as unknown as [] } : event)),
  },
];
