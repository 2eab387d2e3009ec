import { expect, test } from 'vitest';
import { usefulLines } from './bring-up-failure.ts';

test('the reason comes first, without progress, stack trace and repetitions', () => {
  const stderr = [
    'Creating cluster "blackstart-a" ...',
    ' • Starting control-plane',
    ' ✗ Starting control-plane',
    ...Array.from({ length: 40 }, (_, i) => `I1122 line ${i}`),
    '[kubelet-check] The kubelet is not healthy after 4m0s',
    ...Array.from({ length: 40 }, (_, i) => `I1122 more ${i}`),
    'ERROR: failed to create cluster: failed to init node',
    'Stack Trace:',
    'sigs.k8s.io/kind/pkg/errors.WithStack',
    '\tsigs.k8s.io/kind/pkg/errors/errors.go:59',
    'runtime.goexit',
  ].join('\n');
  const lines = usefulLines({ stdout: '', stderr });
  expect(lines[0]).toContain('[kubelet-check]');
  expect(lines[1]).toContain('ERROR: failed to create cluster');
  expect(lines.length).toBeLessThanOrEqual(12);
  expect(lines.join('\n')).not.toMatch(/•|Stack Trace|errors\.go|goexit/);
});
