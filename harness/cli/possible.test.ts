import { expect, test } from 'vitest';
import type { PlannedStep } from '../plan/plan.ts';
import { assertPossible } from './possible.ts';

const step = (kind: 'api-server-cpu' | 'api-server-hang'): PlannedStep => ({
  kind: 'inject',
  name: 'small-api-server',
  fault: kind === 'api-server-cpu' ? { kind, millicores: 100 } : { kind },
  sabotaged: false,
  when: null,
  description: { does: '', targets: '', confirmedBy: [], undo: '' },
});

const check = (kind: 'api-server-cpu' | 'api-server-hang', limitsCpu: boolean) => () =>
  assertPossible({ method: [step(kind)] }, { name: 'miniature', limitsCpu });

test('a CPU limit is refused where there are no cgroups, naming the fault and the backend', () => {
  expect(check('api-server-cpu', false)).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringMatching(/^Fault small-api-server .*miniature/) }),
  );
  expect(check('api-server-cpu', true)).not.toThrow();
  expect(check('api-server-hang', false)).not.toThrow();
});
