import { expect, test } from 'vitest';
import { platformCheck } from './doctor.ts';

test('embedded clusters need Linux, and elsewhere say what to do', () => {
  expect(platformCheck('linux')).toMatchObject({ status: 'ok', hint: '' });
  expect(platformCheck('darwin')).toMatchObject({ status: 'missing', hint: expect.stringContaining('--backend kind') });
});
