import { describe, expect, test } from 'vitest';
import { programArgv, stagePrograms } from './programs.ts';

function argv(image: string, command: string[], args: string[] = []): readonly string[] {
  return programArgv(stagePrograms, image, command, args);
}

test.each([
  'node:24-slim',
  'node',
  'docker.io/library/node:24',
  `node@sha256:${'a'.repeat(64)}`,
  `node:24@sha256:${'a'.repeat(64)}`,
])('%s is Node itself', (image) => {
  expect(argv(image, ['node', '/app/main.ts'])).toEqual([
    process.execPath,
    '--import',
    expect.stringMatching(/^file:.*end-with-stdin\.js$/),
    '/app/main.ts',
  ]);
});

test.each([
  ['registry.k8s.io/kube-apiserver:v1.34.0', 'kube-apiserver', 'stage/api/main.ts'],
  ['registry.k8s.io/kube-controller-manager:v1.34.0', 'kube-controller-manager', 'stage/controllers/main.ts'],
  ['registry.k8s.io/coredns/coredns:v1.12.1', '/coredns', 'stage/dns/main.ts'],
  ['coredns/coredns:1.14.4', 'coredns', 'stage/dns/main.ts'],
])('%s is our program, by its name or without', (image, command, main) => {
  for (const words of [[command], []]) {
    const found = argv(image, words, ['-conf', '/Corefile']);
    expect(found[0]).toBe(process.execPath);
    expect(found.slice(-3)).toEqual([expect.stringContaining(main), '-conf', '/Corefile']);
  }
});

test('a pause image sleeps whatever its arguments are', () => {
  expect(argv('gcr.io/google-containers/pause:latest', [], ['-conf', 'x'])).toEqual([
    '/bin/sh',
    '-c',
    'exec cat',
    '-conf',
    'x',
  ]);
});

describe('refused is', () => {
  test.each(['nginx:1', 'registry.example.com/node:24', 'node-red', ''])(
    'image "%s", with a list of what there is',
    (image) => {
      expect(() => argv(image, [])).toThrow(/not on this stage, which has: .*coredns.*node.*pause/);
    },
  );

  test('a command that the image does not have', () => {
    expect(() => argv('node:24', ['sh', '-c', 'true'])).toThrow('exec: "sh" is not in the image, which has: node');
  });
});
