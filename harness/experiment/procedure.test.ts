import { expect, it } from 'vitest';
import { readProcedure } from './procedure.ts';

const read = (rungs: unknown) => readProcedure({ path: 'mine.yaml', document: { rungs } });
const superAdmin = { name: 'super-admin', way: 'call', credential: 'break-glass', promises: ['read'], within: '10s' };

it('reads rungs, with defaults for what is left out', () => {
  expect(read([superAdmin, { name: 'script', way: 'command', argv: ['./x.sh'], within: '1m' }])).toEqual([
    { ...superAdmin, via: 'address', kubeconfig: null, dependsOn: [], optional: false },
    {
      name: 'script',
      way: 'command',
      argv: ['./x.sh'],
      credential: 'break-glass',
      promises: [],
      within: '1m',
      dependsOn: [],
      optional: false,
    },
  ]);
});

it('lists every problem of the shape, each with its path', () => {
  const rungs = [
    { ...superAdmin, within: 'soon', way: 'call', credential: 'root' },
    { name: 'x', way: 'pray' },
  ];
  expect(() => read(rungs)).toThrow(/^mine\.yaml is no procedure:/);
  expect(() => read(rungs)).toThrow(/rungs\[0\]\.within: expected a duration/);
  expect(() => read(rungs)).toThrow(/rungs\[0\]\.credential: /);
  expect(() => read(rungs)).toThrow(/rungs\[1\]\.way: /);
});

it('lists every problem of the content', () => {
  const rungs = [
    { ...superAdmin, promises: ['read', 'remove'] },
    { ...superAdmin, within: '2h' },
    { ...superAdmin, name: 'Not A Name', within: '0s' },
  ];
  expect(() => read(rungs)).toThrow("rungs[0].promises[1]: 'call' cannot promise to remove; it can: read, write");
  expect(() => read(rungs)).toThrow("rungs[1].name: a rung named 'super-admin' already stands at rungs[0].name");
  expect(() => read(rungs)).toThrow('rungs[1].within: 2h is too long');
  expect(() => read(rungs)).toThrow("rungs[2].name: 'Not A Name' is no DNS label");
  expect(() => read(rungs)).toThrow('rungs[2].within: 0s is impossible');
});

it.each([[undefined], [[]], ['all of them']])('refuses %j as a ladder', (rungs) => {
  expect(() => read(rungs)).toThrow('mine.yaml is no procedure:\n  rungs: ');
});

it('refuses a command without words, and fields that nobody knows', () => {
  expect(() => read([{ name: 'x', way: 'command', argv: [], within: '1s' }])).toThrow(
    'rungs[0].argv: there is no command',
  );
  expect(() => read([{ ...superAdmin, shell: true }])).toThrow(/rungs\[0\].*shell/);
});
