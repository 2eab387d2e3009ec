import { expect, it } from 'vitest';
import { chaosStatus } from '../testing/chaos-mesh-acts.ts';
import { readStatus } from './status.ts';

const chaos = (status?: Readonly<Record<string, unknown>>) => ({
  apiVersion: 'chaos-mesh.org/v1alpha1',
  kind: 'PodChaos',
  metadata: { name: 'x' },
  ...(status && { status }),
});

it.each(['injected', 'failed', 'selected-nothing'] as const)('reads %s as Chaos Mesh writes it', (said) => {
  expect(readStatus(chaos(chaosStatus(said))).said).toBe(said);
});

it('is pending before the controller has looked', () => {
  expect(readStatus(chaos())).toEqual({ said: 'pending', text: 'no condition yet' });
  expect(readStatus(chaos({ conditions: [{ type: 'Selected', status: 'False' }] })).said).toBe('pending');
});

it('does not take AllRecovered=True for an injection', () => {
  const status = {
    conditions: [
      { type: 'AllRecovered', status: 'True' },
      { type: 'AllInjected', status: 'False' },
    ],
  };
  expect(readStatus(chaos(status)).said).toBe('pending');
});

it('has the message of a failure', () => {
  expect(readStatus(chaos(chaosStatus('failed', 'cannot find daemonIP'))).text).toBe(
    'Selected=True AllInjected=False (cannot find daemonIP)',
  );
});
