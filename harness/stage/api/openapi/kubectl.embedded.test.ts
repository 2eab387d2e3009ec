/** The real kubectl against the patch functions, tables and OpenAPI documents; skipped where it is not installed. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../client/types.ts';
import type { ManagedFields } from '../patch/managed-fields.ts';
import { openTinyServer, type TinyServer } from './testing/tiny-server.ts';

const installed = spawnSync('kubectl', ['version', '--client']).status === 0;

let server: TinyServer;
let folder: string;
beforeEach(async () => {
  server = await openTinyServer();
  folder = mkdtempSync(join(tmpdir(), 'blackstart-kubectl-'));
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Outcome {
  readonly code: number;
  readonly output: string;
}

async function kubectl(...args: string[]): Promise<Outcome> {
  const common = [`--server=${server.url}`, `--cache-dir=${join(folder, 'cache')}`];
  const env = { PATH: process.env['PATH'], HOME: folder };
  return new Promise((resolve) => {
    const child = execFile('kubectl', [...common, ...args], { env }, (_, out, err) => {
      resolve({ code: child.exitCode ?? -1, output: out + err });
    });
  });
}

function file(object: unknown): string {
  const path = join(folder, 'object.json');
  writeFileSync(path, JSON.stringify(object));
  return path;
}

const service = (...ports: number[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: ports.map((port) => ({ name: `p${port}`, port, protocol: 'TCP' })) },
});
const servicePath = '/api/v1/namespaces/default/services/web';
const stored = (): KubeObject | undefined => server.objects.get(servicePath);
const storedPorts = (): number[] => {
  const { ports } = (stored()?.['spec'] ?? { ports: [] }) as { ports: { port: number }[] };
  return ports.map(({ port }) => port);
};

const chaos = (mode: string): KubeObject => ({
  apiVersion: 'chaos-mesh.org/v1alpha1',
  kind: 'PodChaos',
  metadata: { name: 'kill' },
  spec: { action: 'pod-kill', mode },
});

describe.skipIf(!installed)('kubectl', () => {
  test('client-side apply creates, and merges later changes by the keys of its built-in types', async () => {
    expect(await kubectl('apply', '-f', file(service(80, 81)))).toEqual({ code: 0, output: 'service/web created\n' });
    expect(await kubectl('apply', '-f', file(service(80, 81)))).toEqual({ code: 0, output: 'service/web unchanged\n' });
    await kubectl('patch', 'service', 'web', '-p', '{"spec":{"ports":[{"port":99,"name":"p99"}]}}');
    expect(await kubectl('apply', '-f', file(service(80, 82)))).toEqual({
      code: 0,
      output: 'service/web configured\n',
    });
    expect(storedPorts()).toEqual([99, 80, 82]);
    expect(server.requests.at(-1)).toBe(`PATCH ${servicePath} application/strategic-merge-patch+json`);
  });

  test('client-side apply of a custom resource sends a merge patch', async () => {
    await kubectl('apply', '-f', file(chaos('one')));
    expect(await kubectl('apply', '-f', file(chaos('all')))).toMatchObject({ code: 0 });
    expect(server.requests.at(-1)).toContain('application/merge-patch+json');
  });

  test('server-side apply: conflicts name the manager and the field, force takes the field', async () => {
    expect(await kubectl('apply', '--server-side', '--field-manager=a', '-f', file(service(80)))).toEqual({
      code: 0,
      output: 'service/web serverside-applied\n',
    });
    const changed = { ...service(80), spec: { selector: { app: 'other' } } };
    const refused = await kubectl('apply', '--server-side', '--field-manager=b', '-f', file(changed));
    expect(refused.code).toBe(1);
    expect(refused.output).toContain('Apply failed with 1 conflict: conflict with "a": .spec.selector');
    const forced = await kubectl(
      'apply',
      '--server-side',
      '--field-manager=b',
      '--force-conflicts',
      '-f',
      file(changed),
    );
    expect(forced.code).toBe(0);
    expect(stored()?.['spec']).toMatchObject({ selector: { app: 'other' }, ports: [{ port: 80 }] });
  });

  test('an object of client-side apply can be taken over by server-side apply', async () => {
    await kubectl('apply', '-f', file(service(80, 81)));
    const taken = await kubectl('apply', '--server-side', '-f', file(service(80)));
    expect(taken).toEqual({ code: 0, output: 'service/web serverside-applied\n' });
    expect(storedPorts()).toEqual([80]);
    const managers = stored()?.metadata.managedFields as ManagedFields[];
    expect(managers.map(({ manager, operation }) => `${manager} ${operation}`)).toEqual([
      'kubectl Apply',
      'kubectl-last-applied Apply',
    ]);
  });

  test('all patch types, label and annotate', async () => {
    await kubectl('create', '-f', file(service(80)));
    await kubectl(
      'patch',
      'service',
      'web',
      '--type=json',
      '-p',
      '[{"op":"add","path":"/spec/ports/-","value":{"port":81}}]',
    );
    await kubectl('patch', 'service', 'web', '--type=merge', '-p', '{"spec":{"selector":{"tier":"front"}}}');
    await kubectl('patch', 'service', 'web', '-p', '{"spec":{"ports":[{"port":80,"$patch":"delete"}]}}');
    await kubectl('label', 'service', 'web', 'a=1');
    await kubectl('annotate', 'service', 'web', 'b=2');
    expect(stored()).toMatchObject({
      metadata: { labels: { a: '1' }, annotations: { b: '2' } },
      spec: { selector: { app: 'web', tier: 'front' }, ports: [{ port: 81 }] },
    });
    const failed = await kubectl(
      'patch',
      'service',
      'web',
      '--type=json',
      '-p',
      '[{"op":"test","path":"/kind","value":"x"}]',
    );
    expect(failed).toMatchObject({ code: 1, output: expect.stringContaining('testing value /kind failed') as string });
  });

  test('a list in a file needs version 2 as protobuf: kubectl takes nothing else', async () => {
    const list = file({ apiVersion: 'v1', kind: 'List', items: [service(80)] });
    server.hasOpenApiV2 = false;
    expect((await kubectl('create', '-f', list)).output).toContain('error validating data');
    server.hasOpenApiV2 = true;
    expect(await kubectl('create', '-f', list)).toEqual({ code: 0, output: 'service/web created\n' });
  });

  test('get prints the columns of the kind, more of them when wide', async () => {
    await kubectl('create', '-f', file(service(80)));
    expect((await kubectl('get', 'svc')).output).toMatch(
      /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nweb .* 80\/TCP/,
    );
    expect((await kubectl('get', 'svc', '-o', 'wide')).output).toMatch(/AGE +SELECTOR\n.*app=web\n$/);
  });
});
