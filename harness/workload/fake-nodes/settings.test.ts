import { expect, it } from 'vitest';
import { readSettings } from './settings.ts';

const numbers = ['nodes must be a whole number from 1 to 9999', 'podsPerNode must be a whole number from 0 to 500'];

it.each([
  ['{"nodes":300,"podsPerNode":30}', []],
  ['{"nodes":300,"podsPerNode":0,"podBytes":10000}', []],
  ['', ['FAKE_CONFIG is not JSON', ...numbers.map((text) => `FAKE_CONFIG: ${text}; it is missing`)]],
  ['{"nodes":"3","podsPerNode":1}', [`FAKE_CONFIG: ${numbers[0]}; it is "3"`]],
  ['{"nodes":9999,"podsPerNode":500}', ['FAKE_CONFIG: 4999500 pods are too many; there may be 200000']],
])('for %s says %j', (config, expected) => {
  const env = { API_SERVER: 'https://127.0.0.1:6443', POD_IP: '127.0.0.1', SA_DIR: '/nonexistent' };
  const read = readSettings({ ...env, FAKE_CONFIG: config });
  const problems = 'problems' in read ? read.problems : [];
  expect(problems.filter((problem) => problem.startsWith('FAKE_CONFIG'))).toEqual(expected);
});
