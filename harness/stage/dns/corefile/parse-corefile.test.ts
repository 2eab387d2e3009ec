import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { CorefileError } from './corefile-error.ts';
import { durationMs, integer } from './option-values.ts';
import { parseCorefile } from './parse-corefile.ts';

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
  it('has server blocks with plugins, their arguments and their options', () => {
    const text = `
# the cluster
cluster.local:1053 In-Addr.arpa.:1053 { # both
    errors   # no arguments
    kubernetes cluster.local {
        pods insecure
        ttl 30
    }
    log "a b \\"c\\"" d
}`;
    expect(parseCorefile(text, {})).toEqual([
      {
        zones: ['cluster.local', 'in-addr.arpa'],
        port: 1_053,
        line: 3,
        directives: [
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
          { name: 'log', args: ['a b "c"', 'd'], options: [], line: 9 },
        ],
      },
    ]);
  });

  it('takes values from the environment, in zones too; what is not set is empty', () => {
    const [block] = parseCorefile('.:{$PORT} {\n bind {$IP} x{%NONE%}y\n}', { PORT: '5353', IP: '127.0.0.9' });
    expect(block).toMatchObject({ port: 5_353, directives: [{ args: ['127.0.0.9', 'xy'] }] });
  });

  it('puts zones without a port on the default one, and zones of several ports into several blocks', () => {
    expect(parseCorefile('., a:99,\ndns://b {\n}', {}, 1_053).map(({ zones, port }) => [port, zones])).toEqual([
      [1_053, ['.', 'b']],
      [99, ['a']],
    ]);
  });

  it.each([
    ['', '1: The file has no server block'],
    ['.:53\nerrors\n', "1: Expected '{' at the end of the line with the zones"],
    ['\n. {\n errors\n', "2: The block that begins here has no '}'"],
    ['. {\n cache {\n success 1\n }\n', "1: The block that begins here has no '}'"],
    ['. {\n health { lameduck 5s }\n}', "2: Unexpected '{': blocks end on lines of their own"],
    ['. {\n} errors', "2: Expected nothing after '}'"],
    ['. {\n log "a\n}', '2: The quoted text does not end'],
    ['(snippet) {\n}', "1: '(snippet)' is not a zone that this server takes: write zone:port, as in .:53"],
    ['tls://. {\n}', "1: 'tls://.' is not a zone that this server takes: write zone:port, as in .:53"],
    ['10.0.0.0/24 {\n}', "1: '10.0.0.0/24' is not a zone that this server takes: write zone:port, as in .:53"],
    ['.:99999 {\n}', "1: '.:99999' is not a zone that this server takes: write zone:port, as in .:53"],
    ['{\n}', '1: The server block has no zone'],
  ])('is refused with its line: %j', (text, message) => {
    expect(problem(text)).toBe(message);
  });

  it('of the node caches is one', () => {
    const file = join(import.meta.dirname, '../../../../manifests/node-dns-cache/configmap.yaml');
    const { data } = parse(readFileSync(file, 'utf8')) as { data: { Corefile: string } };
    const text = data.Corefile.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => (name.endsWith('PORT') ? '1053' : name));
    const names = parseCorefile(text, {})[0]?.directives.map(({ name }) => name);
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
    ['10us', 0.01],
  ])('%s is a duration', (text, ms) => {
    expect(durationMs(directive, text)).toBe(ms);
  });

  it.each(['', '5', '-5s', 's', '5 s', '5d'])('%j is none', (text) => {
    expect(() => durationMs(directive, text)).toThrow("'it' takes a duration");
  });

  it('is a whole number that is large enough, or refused', () => {
    expect(integer(directive, '12', 1)).toBe(12);
    for (const text of ['0', '1.5', 'x', '', undefined])
      expect(() => integer(directive, text, 1)).toThrow(CorefileError);
  });
});
