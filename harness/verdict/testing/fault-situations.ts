import { drop, inTurn, judged } from './edits.ts';
import { subjectFails, unknown, type Situation } from './situation.ts';

const kept = 'crictl: container 1a2b kept its id and start time';
const faults = ['coredns-pod-kill', 'apiserver-kill', 'apiserver-down', 'coredns-restart'] as const;

export const badFaults: readonly Situation[] = [
  ...faults.map((name): Situation => ({
    name: `fault ${name} is unconfirmed`,
    ...unknown('unconfirmed-fault'),
    says: new RegExp(`^Fault ${name} was not confirmed on \\S+: container 1a2b kept its id and start time\\.$`),
    events: judged(name, 'unconfirmed', kept),
  })),
  {
    name: 'two faults are unconfirmed and both are named',
    ...unknown('unconfirmed-fault'),
    says: /Fault apiserver-kill was not confirmed.* Fault coredns-restart was not confirmed/,
    events: inTurn(judged('apiserver-kill', 'unconfirmed', kept), judged('coredns-restart', 'unconfirmed', kept)),
  },
  {
    name: 'a fault has no confirmation at all',
    ...unknown('unconfirmed-fault'),
    says: /^Fault apiserver-down was not confirmed on control-plane\/kube-apiserver: nothing was observed/,
    events: drop((event) => event.type === 'fault-confirmed' && event.fault === 'apiserver-down'),
  },
  {
    name: 'a fault was never injected',
    ...unknown('unconfirmed-fault'),
    says: /^Never injected: coredns-restart\.$/,
    events: drop((event) => 'fault' in event && event.fault === 'coredns-restart'),
  },
  {
    name: 'a fault selected nothing',
    ...unknown('unconfirmed-fault'),
    says: /^Fault coredns-pod-kill was not confirmed: it selected nothing\.$/,
    events: (events) =>
      events.map((event) =>
        (event.type === 'fault-started' || event.type === 'fault-confirmed') && event.fault === 'coredns-pod-kill'
          ? { ...event, targets: [] }
          : event,
      ),
  },
  {
    name: 'a fault killed more often than asked',
    ...unknown('mismatch'),
    says: /^Fault apiserver-kill did something else than asked on control-plane\/kube-apiserver: 3 kills, 1 asked/,
    events: judged('apiserver-kill', 'mismatch', 'crictl: 3 kills, 1 asked for'),
  },
  {
    name: 'the hypothesis is refuted, but a fault is unconfirmed',
    ...unknown('unconfirmed-fault'),
    says: /^Fault coredns-restart was not confirmed/,
    sample: subjectFails(14_000),
    events: judged('coredns-restart', 'unconfirmed', kept),
  },
];
