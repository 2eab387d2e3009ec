import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isMirror } from './pod.ts';
import { staticPod, StaticPodSource } from './static-pod-source.ts';

const manifest = `
apiVersion: v1
kind: Pod
metadata: { name: api, namespace: kube-system, labels: { component: api } }
spec: { hostNetwork: true, containers: [{ name: api, image: node:24 }] }
`;

let folder: string;
let told: string[][];
let problems: string[];
let source: StaticPodSource;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-static-'));
  told = [];
  problems = [];
  const onProblem = (problem: string): void => void problems.push(problem);
  source = new StaticPodSource({ name: 'n1', folder, onProblem }, (pods) => {
    told.push(pods.map(({ metadata }) => metadata.name));
  });
});

afterEach(() => {
  source.stop();
  rmSync(folder, { recursive: true });
});

const write = (text: string, name = 'api.yaml'): void => writeFileSync(join(folder, 'manifests', name), text);

test('a static pod is named after its node; its uid is a hash of what the manifest says', () => {
  const pod = staticPod(manifest, 'n1');
  expect(pod.metadata).toMatchObject({
    name: 'api-n1',
    namespace: 'kube-system',
    labels: { component: 'api' },
    annotations: { 'kubernetes.io/config.source': 'file', 'kubernetes.io/config.mirror': pod.metadata.uid },
  });
  expect(pod.spec).toMatchObject({ nodeName: 'n1', tolerations: [{ operator: 'Exists', effect: 'NoExecute' }] });
  expect(isMirror(pod)).toBe(true);
  expect(staticPod(manifest, 'n1').metadata.uid).toBe(pod.metadata.uid);
  expect(staticPod(manifest, 'n2').metadata.uid).not.toBe(pod.metadata.uid);
  expect(staticPod(`${manifest}# changed`, 'n1').metadata.uid).not.toBe(pod.metadata.uid);
});

test.each([
  '',
  'kind: Service',
  'just text',
  'a: [',
  'apiVersion: v1\nkind: Pod\nmetadata: { name: x }\nspec: { containers: [] }',
])('no pod: %j', (text) => {
  expect(() => staticPod(text, 'n1')).toThrow(/not a manifest of a pod|Flow sequence/);
});

describe('the folder', () => {
  test('is told only when something has changed', () => {
    source.scan();
    expect(told).toEqual([]);
    write(manifest);
    source.scan();
    source.scan();
    expect(told).toEqual([['api-n1']]);
    expect(source.podOf('api')?.metadata.name).toBe('api-n1');
    write(manifest.replace('name: api,', 'name: other,'));
    source.scan();
    expect(told).toEqual([['api-n1'], ['other-n1']]);
  });

  test('is watched', async () => {
    source.start();
    write(manifest);
    await vi.waitFor(() => expect(told).toEqual([['api-n1']]), { timeout: 10_000 });
  });

  test('holds manifests and other files', () => {
    write(manifest, 'README.md');
    write(manifest, '.api.yaml.swp');
    source.scan();
    expect(told).toEqual([]);
  });

  test('a manifest that is half written counts as it was before', () => {
    write(manifest);
    source.scan();
    write(manifest.slice(0, 60));
    source.scan();
    expect(told).toEqual([['api-n1']]);
    expect(problems).toEqual([expect.stringContaining('api.yaml: ')]);
  });
});

test('parking moves a manifest away and restoring moves it back, both also twice', () => {
  write(manifest);
  source.scan();
  const { hash } = source.inspect('api');
  expect(hash).toMatch(/^[0-9a-f]{64}$/);
  source.park('api');
  expect(told.at(-1)).toEqual([]);
  expect(source.inspect('api')).toEqual({ hash: '', parked: [join(folder, 'parked', 'api.yaml')] });
  source.park('api');
  source.restore('api');
  expect(told.at(-1)).toEqual(['api-n1']);
  source.restore('api');
  expect(source.inspect('api')).toEqual({ hash, parked: [] });
});

test('another manifest is another pod, and restoring brings the first one back, also twice', () => {
  write(manifest);
  source.scan();
  const { hash } = source.inspect('api');
  const uid = source.podOf('api')?.metadata.uid;
  source.replace('api', `${manifest}# changed`);
  expect(source.podOf('api')?.metadata.uid).not.toBe(uid);
  expect(source.inspect('api').parked).toEqual([join(folder, 'parked', 'api.yaml')]);
  source.restore('api');
  source.restore('api');
  expect(source.inspect('api')).toEqual({ hash, parked: [] });
  expect(source.podOf('api')?.metadata.uid).toBe(uid);
});

test('neither a park nor another manifest loses the one that is put away', () => {
  write(manifest);
  source.scan();
  const { hash } = source.inspect('api');
  source.replace('api', `${manifest}# changed`);
  expect(() => source.replace('api', `${manifest}# again`)).toThrow('api.yaml is parked already');
  expect(() => source.park('api')).toThrow('api.yaml is parked already');
  source.restore('api');
  expect(source.inspect('api')).toEqual({ hash, parked: [] });
});

test('a manifest that somebody else moved is seen', () => {
  write(manifest);
  source.scan();
  renameSync(join(folder, 'manifests', 'api.yaml'), join(folder, 'api.yaml'));
  source.scan();
  expect(told.at(-1)).toEqual([]);
  expect(existsSync(join(folder, 'parked', 'api.yaml'))).toBe(false);
});
