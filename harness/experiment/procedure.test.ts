import { expect, it } from 'vitest';
import { readProcedure } from './procedure.ts';

const read = (rungs: unknown) => readProcedure({ path: 'mine.yaml', document: { rungs } });
const superAdmin = { name: 'super-admin', way: 'call', credential: 'break-glass', promises: ['read'], within: '10s' };

it('reads rungs, with defaults for what is left out', () => {
  expect(
    read([superAdmin, { name: 'script', way: 'command', argv: ['./x.sh'], promises: ['relieve'], within: '1m' }]),
  ).toEqual([
    { ...superAdmin, via: 'address', kubeconfig: null, dependsOn: [], optional: false },
    {
      name: 'script',
      way: 'command',
      argv: ['./x.sh'],
      credential: 'break-glass',
      promises: ['relieve'],
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

it('refuses a kubeconfig on the node, where it would not be used', () => {
  const own = { ...superAdmin, kubeconfig: 'mine.conf' };
  expect(read([own])).toHaveLength(1);
  expect(() => read([{ ...own, via: 'loopback' }])).toThrow('rungs[0].via: a kubeconfig of your own');
});

const together = (ways: readonly string[]) =>
  read([{ name: 'all', way: 'remedies', ways, promises: ['relieve'], within: '1m' }]);

it('refuses ways that cannot be taken together', () => {
  expect(together(['raise-limits', 'flow-schema'])).toHaveLength(1);
  expect(() => together(['raise-limits', 'restart-api-server'])).toThrow('rungs[0].ways: ');
  expect(() => together(['raise-limits', 'raise-limits'])).toThrow("rungs[0].ways[1]: 'raise-limits' already stands");
});

it('lets only the control promise nothing, and not alone', () => {
  const control = { name: 'normal-admin', way: 'call', credential: 'admin', within: '10s' };
  expect(read([control, superAdmin])).toHaveLength(2);
  expect(() => read([control])).toThrow('rungs: no rung promises anything');
  for (const way of [
    { way: 'call', credential: 'break-glass' },
    { way: 'take-rights' },
    { way: 'remedies' },
    { way: 'command', argv: ['./x.sh'], credential: 'admin' },
  ]) {
    expect(() => read([superAdmin, { name: 'idle', within: '10s', ...way }])).toThrow(
      'rungs[1].promises: it promises nothing',
    );
  }
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
