import type { SampleChange } from './log-builder.ts';
import { between, unknown, type Situation } from './situation.ts';
import { usualEnding, when } from './usual-world.ts';

/** The control lane behaves like the protected one, on all nodes or on one. */
function controlHolds(node?: string): SampleChange {
  return (at) => {
    const isHit = at.lane === 'control' && (node ?? at.node) === at.node;
    return isHit ? usualEnding({ ...at, lane: 'subject' }) : undefined;
  };
}

export const badControl: readonly Situation[] = [
  {
    name: 'the API server comes back before the heal',
    ...unknown('expectation'),
    says: /answered again before the heal/,
    sample: (at) => (at.lane === 'api' && between(at, 27_000, when.heal) ? { outcome: 'ok' } : undefined),
  },
  {
    name: 'the control lane never breaks',
    ...unknown('control-lane-held'),
    says: /node-1: did not fail; node-2: did not fail\. The fault had no teeth\./,
    sample: controlHolds(),
  },
  {
    name: 'the control lane breaks on one node only',
    ...unknown('control-lane-held'),
    says: /node-2: did not fail\./,
    sample: controlHolds('node-2'),
  },
  {
    name: 'the control lane breaks too early',
    ...unknown('expectation'),
    says: /node-1: first failed 3 s after its last refresh/,
    sample: (at) => (at.lane === 'control' && at.ms === 18_000 ? { outcome: 'resolve:SERVFAIL' } : undefined),
  },
  {
    name: 'the control lane breaks too late',
    ...unknown('expectation'),
    says: /node-1: first failed 6 s after its last refresh/,
    sample: (at) =>
      at.lane === 'control' && between(at, when.expiry, 21_000) ? { outcome: 'ok', ttlS: 0 } : undefined,
  },
  {
    name: 'the control lane breaks at the wrong hop',
    ...unknown('expectation'),
    says: /with connect:refused/,
    sample: (at) => (at.lane === 'control' && at.ms === when.expiry ? { outcome: 'connect:refused' } : undefined),
  },
  {
    name: 'the control lane is soon well again',
    ...unknown('expectation'),
    says: /then 20 % of the time to the heal/,
    sample: (at) =>
      at.lane === 'control' && between(at, 22_000, when.dnsBack) ? { outcome: 'ok', ttlS: 0 } : undefined,
  },
  {
    name: 'CoreDNS never answers SERVFAIL',
    ...unknown('expectation'),
    says: /node-1: failed with resolve:refused, never with resolve:SERVFAIL/,
    sample: (at) =>
      at.lane === 'direct' && between(at, when.dnsUnsynced, when.dnsBack) ? { outcome: 'resolve:refused' } : undefined,
  },
  {
    name: 'CoreDNS breaks after the control lane',
    ...unknown('expectation'),
    says: /node-1: first failed 300 ms after control/,
    sample: (at) => (at.lane === 'direct' && between(at, when.dnsRestarted, 20_300) ? { outcome: 'ok' } : undefined),
  },
  {
    name: 'the subject never needs its stale entries',
    ...unknown('expectation'),
    says: /node-1: stale for 0 % of the time.* The protection was not needed\./,
    isStale: () => false,
  },
];
