import { describe, expect, test } from 'vitest';
import { loadExperiment } from '../experiment/load.ts';
import { experimentsFolder, planInputs } from '../test/plan-inputs.ts';
import { buildPlan, type PlanInputs } from './build.ts';
import { describePlan } from './describe.ts';
import { maxColumns } from './layout.ts';

/** Renew with `npm run golden` and look at the difference. */
const variants: readonly {
  readonly golden: string;
  readonly experiment: string;
  readonly settings?: readonly string[];
  readonly change?: Partial<PlanInputs>;
}[] = [
  { golden: 'dns-cache-expiry', experiment: 'dns-cache-expiry' },
  { golden: 'dns-cache-expiry-expiring', experiment: 'dns-cache-expiry', settings: ['restartAt=expiring'] },
  { golden: 'dns-cache-expiry-twice', experiment: 'dns-cache-expiry', settings: ['restartAt=twice'] },
  { golden: 'dns-cache-expiry-down', experiment: 'dns-cache-expiry', settings: ['cause=down'] },
  { golden: 'dns-cache-expiry-colocated', experiment: 'dns-cache-expiry', settings: ['cause=colocated'] },
  {
    golden: 'dns-cache-expiry-unprotected-over-udp',
    experiment: 'dns-cache-expiry',
    settings: ['lanes.subject.serveStale=off', 'lanes.subject.forward=udp', 'hold=10m'],
    change: { timeScale: 1, sabotage: ['apiserver-down'] },
  },
  { golden: 'dns-cache-expiry-overload', experiment: 'dns-cache-expiry', settings: ['cause=overload'] },
  { golden: 'telemetry-overload', experiment: 'telemetry-overload' },
  { golden: 'api-load', experiment: 'api-load' },
  { golden: 'break-glass', experiment: 'break-glass' },
  { golden: 'apiserver-kill', experiment: 'apiserver-kill' },
  { golden: 'apiserver-kill-pod-kill', experiment: 'apiserver-kill', settings: ['action=pod-kill'] },
  {
    golden: 'apiserver-kill-hang',
    experiment: 'apiserver-kill',
    settings: ['action=hang'],
    change: {
      sabotage: 'all',
      service: { manifests: 'manifests/my-service', namespace: 'shop', name: 'checkout', port: 8080 },
    },
  },
];

async function text({ experiment, settings = [], change = {} }: (typeof variants)[number]): Promise<string> {
  const loaded = await loadExperiment(experimentsFolder, experiment);
  return describePlan(buildPlan({ ...planInputs(experiment, loaded, ...settings), ...change }));
}

describe.each(variants)('$golden', (variant) => {
  test('is described as before', async () => {
    await expect(await text(variant)).toMatchFileSnapshot(`golden/${variant.golden}.txt`);
  });

  test('fits on the screen', async () => {
    const lines = (await text(variant)).split('\n');
    expect(lines.filter((line) => line.length > maxColumns)).toEqual([]);
    expect(lines.filter((line) => line !== line.trimEnd())).toEqual([]);
  });
});
