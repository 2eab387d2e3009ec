import { expect, it } from 'vitest';
import { samplePlan } from '../verdict/testing/sample-plan.ts';
import { repeatCommand } from './repeat-command.ts';

it('gives backend, seed, time scale and every setting', () => {
  expect(repeatCommand(samplePlan)).toEqual([
    '  npm run -s experiment -- dns-cache-expiry --backend a-backend --seed 42 --time-scale 60 \\',
    '    --set hold=5m outage=15m cause=restart',
  ]);
});

it('gives sabotage and the service of the user, quoted for a shell', () => {
  const plan = {
    ...samplePlan,
    parameters: { note: "it's", none: '' },
    service: { manifests: 'my service', namespace: 'shop', name: 'checkout', port: 8080 },
    method: samplePlan.method.map((step) => (step.kind === 'inject' ? { ...step, sabotaged: true } : step)),
  };
  const command = repeatCommand(plan)
    .join('\n')
    .replaceAll(/ \\\n +/g, ' ');
  expect(command).toContain(
    "--set 'note=it'\\''s' --sabotage=coredns-pod-kill,apiserver-kill,apiserver-down,coredns-restart",
  );
  expect(command).toContain("--manifests 'my service' --service shop/checkout:8080");
  expect(command).not.toContain('none=');
});
