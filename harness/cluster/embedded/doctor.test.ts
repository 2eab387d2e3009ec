import { expect, test } from 'vitest';
import { folderCheck, platformCheck } from './doctor.ts';

test('embedded clusters need Linux, and elsewhere say what to do', () => {
  expect(platformCheck('linux')).toMatchObject({ status: 'ok', hint: '' });
  expect(platformCheck('darwin')).toMatchObject({ status: 'missing', hint: expect.stringContaining('--backend kind') });
});

test('a folder whose path leaves no room for the names of runs is told, with what to do', () => {
  expect(folderCheck('/tmp/blackstart-0')).toMatchObject({ status: 'ok', hint: '' });
  const [enough, long] = [`/${'x'.repeat(37)}`, `/${'x'.repeat(38)}`];
  expect(folderCheck(enough)).toMatchObject({ status: 'ok', found: expect.stringContaining('17 characters') });
  expect(folderCheck(long)).toMatchObject({
    status: 'missing',
    found: `${long}: names of clusters have at most 16 characters`,
    hint: expect.stringContaining('BLACKSTART_EMBEDDED_DIR'),
  });
});
