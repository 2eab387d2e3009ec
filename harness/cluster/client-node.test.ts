import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { callAs, openApiClient, signInOf } from './client-node.ts';

const secret = 'c2VjcmV0';
const call = { method: 'GET', path: '/readyz' } as const;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-kubeconfig-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Every way of reading a file says the same of it. */
async function problems(text?: string): Promise<readonly string[]> {
  const path = join(folder, 'mine.conf');
  if (text !== undefined) writeFileSync(path, text);
  const tries = [
    async () => await callAs(path, call, { deadlineMs: 100 }),
    async () => await signInOf(path),
    async () => await openApiClient(path).get({ apiVersion: 'v1', kind: 'Pod', name: 'a' }),
  ];
  return await Promise.all(
    tries.map(
      async (one) =>
        await one().then(
          () => 'none',
          (problem: unknown) => (problem as Error).stack?.split('\n')[0] ?? '',
        ),
    ),
  );
}

it('a kubeconfig that is no YAML is not quoted: the lines before the mistake hold keys and tokens', async () => {
  const text = `users:\n- name: a\n  user:\n    client-key-data: ${secret}\n    token: ${secret}\n   oops: [\n`;
  for (const problem of await problems(text)) {
    expect(problem).toMatch(/mine\.conf cannot be read \(YAMLException\)$/);
    expect(problem).not.toContain(secret);
  }
});

it('one that is missing is told without its folder', async () => {
  for (const problem of await problems()) {
    expect(problem).toMatch(/mine\.conf cannot be read \(ENOENT\)$/);
    expect(problem).not.toContain(folder);
  }
});

it('nor is the path of a certificate told that it names', async () => {
  const text = `
clusters: [{ name: c, cluster: { server: 'https://127.0.0.1:1' } }]
users: [{ name: u, user: { client-certificate: ${folder}/none.crt, client-key: ${folder}/none.key } }]
contexts: [{ name: x, context: { cluster: c, user: u } }]
current-context: x
`;
  for (const problem of await problems(text)) {
    expect(problem).toMatch(/cannot be read \(ENOENT\)$/);
    expect(problem).not.toContain(folder);
  }
});
