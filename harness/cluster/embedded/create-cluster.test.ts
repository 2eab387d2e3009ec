import { expect, test } from 'vitest';
import { createCluster } from './create-cluster.ts';
import { longestName, stateFolder } from './state-folder.ts';

/** What the kernel takes as the path of a Unix socket. */
const maxPath = 107;

test.each(['/t', '/tmp/blackstart-0', '/tmp/blackstart-10', `/${'ä'.repeat(20)}`])(
  'the longest name under %s is the longest whose sockets can be opened',
  (root) => {
    const longest = longestName(root);
    const bytes = (length: number): number => {
      const name = 'n'.repeat(length);
      const folder = stateFolder(root, name);
      const nodes = ['control-plane', 'worker', 'worker100'].map((node) => folder.nodeSocket(`${name}-${node}`));
      const sockets = [folder.hostSocket, ...nodes];
      return Math.max(...sockets.map((path) => Buffer.byteLength(path)));
    };
    expect(bytes(longest)).toBeLessThanOrEqual(maxPath);
    expect(bytes(longest + 1)).toBeGreaterThan(maxPath);
  },
);

test('a cluster whose sockets could not be opened is refused, with the length that its folder allows', () => {
  const root = '/tmp/blackstart-0';
  const create = (length: number) => {
    const name = `blackstart-${'a'.repeat(length - 'blackstart-'.length)}`;
    const context = { signal: new AbortController().signal };
    const spec = { name, workers: 1, coreDns: 'workers', nodePorts: [] } as const;
    return createCluster({ spec, folder: stateFolder(root, name), context, ownerPid: undefined });
  };
  expect(() => create(27)).not.toThrow();
  expect(() => create(28)).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: expect.stringContaining(`under ${root} the name of a cluster has at most 27 characters`),
    }),
  );
});
