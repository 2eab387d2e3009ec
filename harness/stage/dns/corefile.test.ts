import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CorefileError, parseCorefile } from './corefile.ts';
import { durationMs, integer } from './options.ts';

const directive = { name: 'it', args: [], options: [], line: 7 };

function problem(text: string): string {
  try {
    parseCorefile(text, {});
  } catch (thrown) {
    if (thrown instanceof CorefileError) return `${thrown.line}: ${thrown.message}`;
    throw thrown;
  }
  return 'none';
}

describe('a Corefile', () => {
  it('has a server block with plugins, their arguments and their options', () => {
    const text = `
# the cluster
Cluster.local.:1053 { # all of it
    errors   # no arguments
    kubernetes cluster.local {
        pods insecure
        ttl 30
    }
}`;
    expect(parseCorefile(text, {})).toEqual({
      zone: 'cluster.local',
      port: 1_053,
      plugins: [
        { name: 'errors', args: [], options: [], line: 4 },
        {
          name: 'kubernetes',
          args: ['cluster.local'],
          line: 5,
          options: [
            { name: 'pods', args: ['insecure'], options: [], line: 6 },
            { name: 'ttl', args: ['30'], options: [], line: 7 },
          ],
        },
      ],
    });
  });

  it('takes values from the environment, in zones too; what is not set is empty', () => {
    const block = parseCorefile('.:{$PORT} {\n bind {$IP} x{$NONE}y\n}', { PORT: '5353', IP: '127.0.0.9' });
    expect(block).toMatchObject({ zone: '.', port: 5_353, plugins: [{ args: ['127.0.0.9', 'xy'] }] });
  });

  it('is on port 53 when it names none', () => {
    expect(parseCorefile('example.org {\n}', {})).toEqual({ zone: 'example.org', port: 53, plugins: [] });
  });

  it.each([
    ['', '1: The file has no server block'],
    ['.:53\nerrors\n', "1: Expected '{' at the end of the line with the zone"],
    ['\n. {\n errors\n', "2: The block that begins here has no '}'"],
    ['. {\n cache {\n success 1\n }\n', "1: The block that begins here has no '}'"],
    ['. {\n health { lameduck 5s }\n}', "2: Unexpected '{'"],
    ['. {\n} errors', "2: Unexpected '}'"],
    ['. {\n}\n}', "3: Unexpected '}'"],
    ['. {\n log "a"\n}', `2: Unexpected '"a"'`],
    ['. {\n}\na {\n}', '3: There may be only one server block here'],
    ['(snippet) {\n}', "1: '(snippet)' is not a zone that this server takes: write zone:port, as in .:53"],
    ['tls://. {\n}', "1: 'tls://.' is not a zone that this server takes: write zone:port, as in .:53"],
    ['10.0.0.0/24 {\n}', "1: '10.0.0.0/24' is not a zone that this server takes: write zone:port, as in .:53"],
    ['.:99999 {\n}', "1: '.:99999' is not a zone that this server takes: write zone:port, as in .:53"],
    ['a b {\n}', "1: 'a b' is not a zone that this server takes: write zone:port, as in .:53"],
    ['{\n}', "1: Unexpected '{'"],
  ])('is refused with its line: %j', (text, message) => {
    expect(problem(text)).toBe(message);
  });

  it('of the node caches is one', () => {
    const file = join(import.meta.dirname, '../../../manifests/node-dns-cache/configmap.yaml');
    const { data } = parse(readFileSync(file, 'utf8')) as { data: { Corefile: string } };
    const text = data.Corefile.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => (name.endsWith('PORT') ? '1053' : name));
    const names = parseCorefile(text, {}).plugins.map(({ name }) => name);
    expect(names).toEqual(['bind', 'errors', 'cache', 'forward', 'prometheus']);
  });
});

describe('a value', () => {
  it.each([
    ['0', 0],
    ['50ms', 50],
    ['5s', 5_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
  ])('%s is a duration', (text, ms) => {
    expect(durationMs(directive, text)).toBe(ms);
  });

  it.each(['', '5', '-5s', 's', '5 s', '5d'])('%j is none', (text) => {
    expect(() => durationMs(directive, text)).toThrow("'it' takes a duration");
  });

  it('is a whole number that is large enough, or refused', () => {
    expect(integer(directive, 1, '12')).toBe(12);
    for (const text of ['0', '1.5', 'x', '', undefined])
      expect(() => integer(directive, 1, text)).toThrow(CorefileError);
  });
});
