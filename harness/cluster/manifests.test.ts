import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadManifests, parseManifests } from './manifests.ts';

const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n';

describe('placeholders', () => {
  const text = `${pod}spec:\n  port: \${PORT}\n  text: '\${PORT}'\n  name: cache-\${LANE}\n`;

  it('are replaced; a number stays one only where it stands alone without quotes', () => {
    const [object] = parseManifests(text, 'a.yaml', { PORT: 9510, LANE: 'control' });
    expect(object?.spec).toEqual({ port: 9510, text: '9510', name: 'cache-control' });
  });

  it('cannot break the YAML, whatever their value is', () => {
    const value = "'}: \n- [";
    expect(parseManifests(text, 'a.yaml', { PORT: 1, LANE: value })[0]?.spec?.['name']).toBe(`cache-${value}`);
  });

  it('that are unknown are an error with file and line', () => {
    expect(() => parseManifests(text, 'a.yaml', { PORT: 1 })).toThrow('a.yaml, line 7: unknown placeholder ${LANE}');
  });

  it('stay as they are in manifests of the user', () => {
    expect(parseManifests(text, 'a.yaml')[0]?.spec?.['name']).toBe('cache-${LANE}');
  });
});

describe('documents', () => {
  it('are all read; empty ones are left out, lists are opened', () => {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: parseManifests(pod, 'a.yaml') });
    const text = `${pod}---\n# nothing\n---\n${list}\n`;
    expect(parseManifests(text, 'a.yaml').map((object) => object.metadata.name)).toEqual(['a', 'a']);
  });

  it.each([
    ['kind: Pod\nmetadata:\n  name: [a}\n', 'line 3'],
    [`${pod}---\nkind: [\n`, 'line 6'],
    [`${pod}---\nkind: Pod\nmetadata: { name: b }\n`, 'line 5: a Kubernetes object needs apiVersion'],
    ['apiVersion: v1\nmetadata: { name: b }\n', 'line 1: a Kubernetes object needs kind'],
    ['apiVersion: v1\nkind: Pod\n', 'line 1: a Kubernetes object needs metadata.name'],
    ['just text\n', 'line 1: not a Kubernetes object'],
    [`${pod}a: *unknown\n`, 'Unresolved alias'],
  ])('that do not hold up are an error with the line: %j', (text, said) => {
    expect(() => parseManifests(text, 'web.yaml')).toThrow(said);
    expect(() => parseManifests(text, 'web.yaml')).toThrow(expect.objectContaining({ code: 'invalid-experiment' }));
  });
});

describe('a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('gives the objects of its files by name', () => {
    writeFileSync(join(folder, 'b.yml'), pod.replace('name: a', 'name: b'));
    writeFileSync(join(folder, 'a.yaml'), pod);
    writeFileSync(join(folder, 'README.md'), '# no manifest');
    expect(loadManifests(folder).map((object) => object.metadata.name)).toEqual(['a', 'b']);
    expect(loadManifests(join(folder, 'b.yml')).map((object) => object.metadata.name)).toEqual(['b']);
  });

  it('names the file in an error', () => {
    writeFileSync(join(folder, 'bad.yaml'), 'a: [');
    expect(() => loadManifests(folder)).toThrow(`${join(folder, 'bad.yaml')}, line 1`);
  });

  it('with a link that leads out of it is refused', () => {
    const inside = join(folder, 'inside');
    mkdirSync(inside);
    writeFileSync(join(folder, 'outside.yaml'), pod);
    symlinkSync(join(folder, 'outside.yaml'), join(inside, 'link.yaml'));
    expect(() => loadManifests(inside)).toThrow('leads out of its folder');
  });

  it('without manifests, or that is missing, is an error', () => {
    expect(() => loadManifests(folder)).toThrow('no .yaml');
    expect(() => loadManifests(join(folder, 'nowhere'))).toThrow('cannot be read');
  });
});
