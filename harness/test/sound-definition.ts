import { scaled } from '../core/duration.ts';
import * as build from '../experiment/builders.ts';
import * as judge from '../experiment/judgement.ts';
import type { ExperimentDefinition } from '../experiment/spec.ts';
import { findProblems } from '../experiment/validate.ts';

export const limits = { timeScale: 60, maxCaches: 3 };

/** A definition without a problem, for tests that break it in one place. */
export const sound: ExperimentDefinition = {
  cluster: { workers: 2 },
  lanes: {
    direct: build.coreDns(),
    control: build.nodeDnsCache({ hold: scaled('20m') }),
    subject: build.nodeDnsCache({ hold: scaled('20m'), serveStale: 'verify' }),
  },
  steadyState: { beyondHold: '3s' },
  method: [
    build.inject('down', build.apiServerDown(), {
      when: build.cached('control', { from: 'expiry', offset: '-4s' }),
    }),
    build.observe(scaled('40m')),
  ],
  budgets: { subject: [judge.availability(0.999, { minSamples: 100 }), judge.latency({ p99: '50ms' })] },
  recovery: judge.timeToRecover('120s', { lanes: ['direct'], healthyFor: '10s' }),
  expectations: [judge.breaksAtExpiry('control', { within: '500ms', share: 0.5, otherwise: 'no teeth' })],
};

/** What is wrong with the sound definition after this change, as `PATH: MESSAGE`. */
export function problemsAfter(change: object, timeScale = limits.timeScale): string[] {
  const found = findProblems({ ...sound, ...change }, { ...limits, timeScale });
  return found.map(({ path, message }) => `${path}: ${message}`);
}
